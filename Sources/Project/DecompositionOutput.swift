import Foundation
import Glibc

/// A file that is written whole: at any moment it is what it was, or what it shall be.
struct DecompositionOutput {
  /// Absolute.
  private let path: String
  private let name: String

  init(_ path: String, called name: String) {
    self.path = path
    self.name = name
  }

  /// Writes the text, on the disk before it gets the file's name.
  ///
  /// - Returns: false if `isNew` and somebody made the file meanwhile; it is left as it is.
  /// - Throws: `ProjectProblem`, `.storage`.
  func put(_ text: String, isNew: Bool) throws(ProjectProblem) -> Bool {
    let temporary = "\(path).\(getpid()).part"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw failure("write beside") }
    defer { unlink(temporary) }
    let isWhole = Self.write(Array(text.utf8), to: file) && fsync(file) == 0
    close(file)
    guard isWhole else { throw failure("write") }
    // A link is made only where nothing is.
    if isNew {
      if link(temporary, path) == 0 { return true }
      if errno == EEXIST { return false }
      throw failure("write")
    }
    guard rename(temporary, path) == 0 else { throw failure("replace") }
    return true
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) }
      if count < 0, errno != EINTR { return false }
    }
    return true
  }

  private func failure(_ verb: String) -> ProjectProblem {
    ProjectProblem(.storage, "\(name): cannot \(verb) it: \(String(cString: strerror(errno)))")
  }
}
