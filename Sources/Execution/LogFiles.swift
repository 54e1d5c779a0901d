import Glibc
package import Model

/// The logs on this machine's disk.
package struct LogFiles: LogStore {
  package init() {}

  package func window(_ path: String, at position: LogPosition) -> LogWindow {
    LogFile.window(path: path, at: position)
  }

  package func find(_ text: String, in path: String, from offset: Int64, backwards: Bool) -> Int64?
  {
    LogFile.find(text: text, path: path, from: offset, backwards: backwards)
  }

  package func trim(_ path: String, to cap: LogCap) throws(WorkspaceProblem) -> LogTrim {
    try LogFile.trim(path: path, to: cap)
  }

  package func settle(_ path: String, to cap: LogCap) throws(WorkspaceProblem) {
    try LogFile.settle(path: path, to: cap)
  }

  package func write(_ bytes: [UInt8], to path: String) throws(WorkspaceProblem) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw WorkspaceProblem("cannot write \"\(path)\": \(systemReason())")
    }
    defer { close(descriptor) }
    guard LogFile.pour(bytes, descriptor) else {
      throw WorkspaceProblem("cannot write \"\(path)\": \(systemReason())")
    }
  }
}
