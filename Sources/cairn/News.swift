import Canvas
import Foundation

/// Lines for people: news on standard error, results on standard output.
///
/// Everything passes through `SafeText`, because names and messages come from files and tasks.
enum News {
  static func say(_ text: String) {
    write("cairn: " + clean(text), to: .standardError)
  }

  static func result(_ text: String) {
    write(clean(text), to: .standardOutput)
  }

  /// A line for programs; JSON escapes what could harm by itself.
  static func json(_ line: Data) {
    FileHandle.standardOutput.write(line + [UInt8(ascii: "\n")])
  }

  private static func clean(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { SafeText($0).string }.joined(separator: "\n")
  }

  private static func write(_ text: String, to handle: FileHandle) {
    handle.write(Data((text + "\n").utf8))
  }
}
