import Foundation
import GRDB
import Glibc
import Model

/// How the journal's file is opened, and what its errors mean.
enum JournalFile {
  /// How long a statement waits for another process's lock.
  static let busySeconds = 5.0

  /// Pages of the log of changes after which it goes into the main file: 4 MiB.
  static let checkpointPages = 1_000
  /// On a small file system, the share of it that the log may take.
  private static let shareOfDisk = 16
  private static let fewestCheckpointPages = 64

  static func checkpointPages(for path: String) -> Int {
    var system = statvfs()
    guard statvfs(folder(of: path), &system) == 0 else { return checkpointPages }
    let bytes = Int(clamping: system.f_blocks) * Int(clamping: system.f_frsize)
    return max(fewestCheckpointPages, min(checkpointPages, bytes / shareOfDisk / 4096))
  }

  /// Size to which that log is cut afterwards.
  static let logBytes = 8 << 20

  static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  /// Opens for writing, makes the file if it is missing and brings an older one up to date.
  static func openForWriting(
    _ path: String, _ durability: Durability
  ) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(busySeconds)
    configuration.label = "cairn.journal"
    configuration.prepareDatabase { db in
      // Refused before the first statement that could change the file.
      let schema = try JournalSchema.check(db, path: path)
      // Can only be chosen before the first table.
      if schema == 0 { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
      try db.execute(sql: "PRAGMA mmap_size = 0")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages(for: path))")
      try db.execute(sql: "PRAGMA journal_size_limit = \(logBytes)")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { try JournalSchema.migrate($0) }
    if durability == .full {
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    }
    return queue
  }

  /// Opens without changing anything on disk.
  ///
  /// With a WAL beside it the file is opened as any reader does (SQLite then shares, or rebuilds, the
  /// index of the WAL, which is no content). Without one the main file is complete, and `immutable`
  /// keeps SQLite from making a WAL. Where the index cannot be made, in a folder that cannot be
  /// written, `immutable` shows the state of the last checkpoint.
  ///
  /// Returns the version of the schema; 0 for a file that holds nothing yet.
  static func openReadOnly(_ path: String) throws -> (queue: DatabaseQueue, schema: Int) {
    let queue = try openUnchecked(path)
    return (queue, try queue.read { try JournalSchema.check($0, path: path) })
  }

  /// The same for what may be no journal at all.
  static func openUnchecked(_ path: String) throws -> DatabaseQueue {
    guard let size = size(of: path) else {
      throw JournalProblem(.storage, "cannot open journal \"\(path)\": \(systemReason())")
    }
    guard let changes = self.size(of: path + "-wal") else { return try open(immutable(path)) }
    // SQLite would delete the changes as left over.
    guard size > 0 || changes == 0 else { throw damaged(path, "it is empty, its changes are not") }
    do { return try open(path) } catch let error as DatabaseError
      where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
    {
      return try open(immutable(path))
    }
  }

  private static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  private static func open(_ name: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(busySeconds)
    configuration.label = "cairn.journal.reader"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA mmap_size = 0")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    }
    return try DatabaseQueue(path: name, configuration: configuration)
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
    case .SQLITE_CORRUPT:
      unsound(path, error.message ?? "\(error.resultCode)")
    case .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
      damaged(path, error.message ?? "\(error.resultCode)")
    case .SQLITE_FULL:
      JournalProblem(.passing, "cannot write journal \"\(path)\": the disk is full")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      JournalProblem(.passing, "cannot use journal \"\(path)\": another program has it locked")
    default:
      JournalProblem(.storage, "cannot use journal \"\(path)\": \(reason(path, error))")
    }
  }

  static func damaged(_ path: String, _ finding: String) -> JournalProblem {
    JournalProblem(
      .corrupt,
      "journal \"\(path)\" is damaged (\(finding)); it was left as it is: "
        + "`cairn resume --repair` saves what can be read")
  }

  /// The system's reason where it can still be asked for, else SQLite's.
  private static func reason(_ path: String, _ error: DatabaseError) -> String {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder" }
      if access(path, R_OK | W_OK) != 0 { return systemReason() }
    }
    if access(folder(of: path), W_OK | X_OK) != 0 { return systemReason() }
    return error.message ?? "\(error.resultCode)"
  }
}

// A disk that cannot be read is no damage.
extension JournalFile {
  /// What SQLite's word that the pages are not in order means.
  ///
  /// It says the same, by a code or in the findings of its check, where the system could not read a
  /// page. Nobody should have a journal repaired, or its tail cut, because of a bad cable.
  static func unsound(_ path: String, _ finding: String) -> JournalProblem {
    do {
      guard try isWholeInCopy(path) else { return damaged(path, finding) }
      return unreadable(path, "it was whole only at the second try (\(finding))")
    } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR {
      return unreadable(path, error.message ?? "\(error.resultCode)")
    } catch {
      return damaged(path, finding)
    }
  }

  /// Takes the pages as they are, which fails where one cannot be read and nowhere else, and checks them
  /// where no disk can fail.
  ///
  /// By SQLite, for a process that closes a database's file itself gives up SQLite's locks on it.
  private static func isWholeInCopy(_ path: String) throws -> Bool {
    let source = try openUnchecked(path)
    let copy = try DatabaseQueue()
    try source.backup(to: copy)
    try source.close()
    return try copy.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") } == "ok"
  }

  private static func unreadable(_ path: String, _ reason: String) -> JournalProblem {
    JournalProblem(.storage, "cannot read journal \"\(path)\": \(reason)")
  }
}
