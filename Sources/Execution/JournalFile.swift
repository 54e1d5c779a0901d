import Foundation
import GRDB
import Glibc

/// How the journal's file is opened, and what its errors mean.
enum JournalFile {
  /// How long a statement waits for another process's lock.
  static let busySeconds = 5.0

  /// Sorted keys: the same facts are the same bytes, whoever writes them.
  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// Opens without changing anything on disk.
  ///
  /// With a WAL beside it the file is opened as any reader does (SQLite then shares, or rebuilds, the
  /// index of the WAL, which is no content). Without one the main file is complete, and `immutable`
  /// keeps SQLite from making a WAL. Where the index cannot be made, in a folder that cannot be
  /// written, `immutable` shows the state of the last checkpoint.
  static func openReadOnly(_ path: String) throws -> DatabaseQueue {
    guard access(path, F_OK) == 0 else {
      throw JournalProblem(.storage, "cannot open journal \"\(path)\": \(systemReason())")
    }
    guard access(path + "-wal", F_OK) == 0 else { return try open(immutable(path), named: path) }
    do { return try open(path, named: path) } catch let error as DatabaseError
      where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
    {
      return try open(immutable(path), named: path)
    }
  }

  private static func open(_ name: String, named path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(busySeconds)
    configuration.label = "cairn.journal.reader"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA mmap_size = 0")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    }
    let queue = try DatabaseQueue(path: name, configuration: configuration)
    try queue.read { db in
      try JournalSchema.check(db, path: path)
      guard try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= 1 else {
        throw JournalProblem(.corrupt, "journal \"\(path)\" is empty")
      }
    }
    return queue
  }

  private static func immutable(_ path: String) -> String {
    let reserved: Set<UInt8> = [UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#")]
    var name = "file:"
    for byte in path.utf8 {
      name +=
        reserved.contains(byte) || byte >= 0x80
        ? "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        : String(UnicodeScalar(byte))
    }
    return name + "?immutable=1"
  }

  static func problem(_ path: String, _ error: DatabaseError) -> JournalProblem {
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
      corrupt(path, error.message ?? "\(error.resultCode)")
    case .SQLITE_FULL:
      JournalProblem(.storage, "cannot write journal \"\(path)\": the disk is full")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      JournalProblem(.storage, "cannot use journal \"\(path)\": another program has it locked")
    default:
      JournalProblem(.storage, "cannot use journal \"\(path)\": \(reason(path, error))")
    }
  }

  static func corrupt(_ path: String, _ finding: String) -> JournalProblem {
    JournalProblem(
      .corrupt,
      "journal \"\(path)\" is damaged (\(finding)); it was left as it is: "
        + "restore a copy, or move it away to begin anew")
  }

  /// The system's reason where it can still be asked for, else SQLite's.
  private static func reason(_ path: String, _ error: DatabaseError) -> String {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder" }
      if access(path, R_OK | W_OK) != 0 { return systemReason() }
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    if access(folder, W_OK | X_OK) != 0 { return systemReason() }
    return error.message ?? "\(error.resultCode)"
  }
}
