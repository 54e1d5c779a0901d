import CSpawn
import Glibc

/// The open outputs of processes: a spool each worker slot, or the log itself.
///
/// A spool is opened by the first start that names it and stays open until something was written to
/// it; then its file becomes the attempt's log, and the next start makes a new one.
struct Spools {
  private var open: [String: Int32] = [:]

  /// Where a process writes.
  struct Output {
    var descriptor: Int32
    var log: String
    var spool: String?
    /// What the log held already.
    var startBytes: Int64 = 0

    /// The file that grows while the process runs.
    var path: String { spool ?? log }
  }

  /// Returns nil when the file cannot be opened; `errno` tells why.
  mutating func output(of launch: Launch) -> Output? {
    guard let spool = launch.spool else {
      let file = cairn_open_high(launch.log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o644)
      guard file >= 0 else { return nil }
      return Output(descriptor: file, log: launch.log, startBytes: Self.size(file))
    }
    // Taken out: two processes in one slot at a time would otherwise share it.
    let kept = open.removeValue(forKey: spool)
    let file = kept ?? Self.make(spool)
    guard file >= 0 else { return nil }
    return Output(descriptor: file, log: launch.log, spool: spool)
  }

  /// Gives a log or a spool back that nothing was started with.
  mutating func discard(_ output: Output) {
    if let spool = output.spool { keep(output.descriptor, spool) } else { close(output.descriptor) }
  }

  /// Puts the output of a process that has ended where it belongs.
  ///
  /// `isShared`: a process that outlived the attempt may still hold the descriptor. Returns the bytes
  /// written, and why they are not in the log.
  mutating func settle(_ output: Output, isShared: Bool) -> (bytes: Int64, problem: String?) {
    let bytes = Self.size(output.descriptor) - output.startBytes
    guard let spool = output.spool else {
      close(output.descriptor)
      return (bytes, nil)
    }
    var problem: String?
    if bytes > 0, rename(spool, output.log) != 0 {
      problem = "cannot move the output to \"\(output.log)\": \(systemReason())"
    }
    if bytes == 0, !isShared {
      keep(output.descriptor, spool)
    } else {
      if bytes == 0 { unlink(spool) }
      close(output.descriptor)
    }
    return (bytes, problem)
  }

  /// Closes the spools that nobody uses, and deletes their files, which are empty.
  mutating func close() {
    for (path, file) in open {
      unlink(path)
      Glibc.close(file)
    }
    open = [:]
  }

  private func close(_ file: Int32) { Glibc.close(file) }

  private mutating func keep(_ file: Int32, _ spool: String) {
    if let other = open.updateValue(file, forKey: spool) { close(other) }
  }

  /// An old file may be open somewhere, so it is not truncated but replaced.
  private static func make(_ spool: String) -> Int32 {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW
    let file = cairn_open_high(spool, flags, 0o644)
    guard file < 0, errno == EEXIST else { return file }
    unlink(spool)
    return cairn_open_high(spool, flags, 0o644)
  }

  private static func size(_ file: Int32) -> Int64 {
    var status = stat()
    return fstat(file, &status) == 0 ? Int64(status.st_size) : 0
  }
}
