import Canvas
import Foundation
import Testing

/// Compares text with a file beside the tests; `RECORD=1` writes the file instead.
func expectGolden(
  _ text: String, _ name: String, _ location: SourceLocation = #_sourceLocation
) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = folder.appending(path: "Frames/\(name).txt")
  if ProcessInfo.processInfo.environment["RECORD"] == "1" {
    try (text + "\n").write(to: file, atomically: true, encoding: .utf8)
    return
  }
  let known = try? String(contentsOf: file, encoding: .utf8)
  #expect(known == text + "\n", "\(name) differs; see it with RECORD=1", sourceLocation: location)
}

extension Frame {
  /// The picture and, below it, a letter for the style of each cell.
  var golden: String { text + "\n\n" + styleText }
}
