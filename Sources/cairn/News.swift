import Canvas
import Foundation

/// Lines for people: news on standard error, results on standard output.
///
/// Everything passes through `SafeText`, because names and messages come from files and tasks. A line
/// that nobody takes is dropped; who has to know asks `Output` itself.
enum News {
  static func say(_ text: String) {
    try? Output.write("cairn: " + clean(text), to: STDERR_FILENO)
  }

  static func result(_ text: String) {
    try? Output.write(clean(text), to: STDOUT_FILENO)
  }

  /// A line for programs; JSON escapes what could harm by itself.
  static func json(_ line: Data) {
    try? Output.write(line, to: STDOUT_FILENO)
  }

  static func clean(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { SafeText($0).string }.joined(separator: "\n")
  }
}

/// Nobody takes what is written: the reader of a pipe has gone, or the terminal has hung up.
struct OutputProblem: Error, CustomStringConvertible {
  var description: String
}

enum Output {
  static func write(_ text: String, to descriptor: Int32) throws(OutputProblem) {
    try write(Data(text.utf8), to: descriptor)
  }

  /// Writes the line and its end, waiting for as long as that takes.
  static func write(_ line: Data, to descriptor: Int32) throws(OutputProblem) {
    var rest = Array(line + [UInt8(ascii: "\n")])[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) }
      if count >= 0 || errno == EINTR { continue }
      guard errno == EAGAIN else {
        throw OutputProblem(description: "cannot write: \(String(cString: strerror(errno)))")
      }
      // Somebody else has made the terminal non-blocking.
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&wait, 1, -1)
    }
  }
}
