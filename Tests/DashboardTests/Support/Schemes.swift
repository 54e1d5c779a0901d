import Formats
import Foundation

/// The schemes of `Themes/`, read as `cairn` reads them.
enum Schemes {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Themes")

  /// File names without their ending, sorted.
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

  static func load(_ name: String) throws -> SchemeFile {
    let data = try Data(contentsOf: folder.appending(path: "\(name).yaml"))
    return try SchemeFile.load(Array(data), file: name)
  }
}
