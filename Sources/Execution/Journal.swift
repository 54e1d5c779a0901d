import Foundation
import GRDB
import Glibc
package import Model
import Synchronization

/// The SQLite file that holds every fact of a project's runs; the only truth about them.
///
/// `Journal(path:)` is the one connection that writes and checkpoints. `Journal(reading:)` changes
/// nothing on disk. What `save` has taken is in a file beside it until the next `append`, and nobody
/// sees it before. With `Durability.normal` the newest facts may be missing after power loss, never
/// the ones in between.
package final class Journal: FactStore {
  private static let openFilesForTail = 128

  package let path: String
  let queue: DatabaseQueue
  /// Shape of the file's tables; a reader meets older ones.
  let schema: Int
  let tail: Mutex<JournalTail>

  /// Opens the journal for writing and makes it if it is missing.
  ///
  /// A file of an older schema is copied to `<path>.v<schema>.backup` before it is changed.
  ///
  /// - Throws: `JournalProblem`: `.storage` names the file and the system's reason, `.newerSchema`
  ///   both versions, `.corrupt` what to do. A file that cannot be read stays as it is.
  package init(path: String, durability: Durability = .normal) throws(JournalProblem) {
    self.path = path
    schema = JournalSchema.version
    queue = try Self.rethrow(path) {
      try Self.requireFolder(of: path)
      try JournalBackup.keepOlder(path)
      return try JournalFile.openForWriting(path, durability)
    }
    // Power loss would take it, and where few files may be open, tasks need them.
    let hasTail = durability == .normal && Launcher.openFiles() >= Self.openFilesForTail
    tail = Mutex(JournalTail(path: JournalTail.path(of: path), isUsable: hasTail))
    try Self.rethrow(path) { try takeTail() }
  }

  /// Opens a journal for reading only, beside a living writer, after a killed one, or in a folder that
  /// cannot be written.
  package init(reading path: String) throws(JournalProblem) {
    self.path = path
    tail = Mutex(JournalTail(path: JournalTail.path(of: path), isUsable: false))
    (queue, schema) = try Self.rethrow(path) { try JournalFile.openReadOnly(path) }
    guard schema > 0 else { throw JournalProblem(.corrupt, "journal \"\(path)\" is empty") }
  }

  /// Whether there is no file, or one whose maker died before the first table.
  package static func isBlank(_ path: String) -> Bool {
    access(path, F_OK) != 0 || (try? JournalFile.openReadOnly(path))?.schema == 0
  }

  private static func requireFolder(of path: String) throws {
    do { try FileTree.makeFolders(JournalFile.folder(of: path)) } catch {
      throw JournalProblem(.storage, "cannot open journal \"\(path)\": \(error)")
    }
  }

  /// Checks every page and reference of the file.
  ///
  /// - Throws: `.corrupt` with the first finding; `.storage` where the disk cannot be read.
  /// - Complexity: O(file).
  package func integrityCheck() throws(JournalProblem) {
    try read { db in
      let pages = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
      guard pages == "ok" else {
        // The first line of a finding in the pages says only in which database.
        throw JournalFile.unsound(
          path, pages?.split(separator: "\n").last.map(String.init) ?? "no answer")
      }
      let orphan =
        try Row.fetchOne(db, sql: "PRAGMA foreign_key_check")
        ?? Row.fetchOne(
          db, sql: "SELECT 1 FROM fact WHERE run NOT IN (SELECT id FROM run) LIMIT 1")
      if orphan != nil { throw JournalFile.damaged(path, "a fact without its run") }
    }
  }

  /// Has the disk take what was appended: the log of changes alone, which SQLite locks nothing of.
  package func flush() throws(JournalProblem) {
    let file = open(path + "-wal", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    defer { if file >= 0 { Glibc.close(file) } }
    guard file >= 0, fdatasync(file) == 0 else {
      throw JournalProblem(.storage, "cannot flush journal \"\(path)\": \(systemReason())")
    }
  }

  /// Writes everything into the main file and closes it; nothing works afterwards.
  package func close() throws(JournalProblem) {
    try Self.rethrow(path) { try queue.close() }
  }
}

// How the connection is used.
extension Journal {
  func read<Value>(_ body: (Database) throws -> Value) throws(JournalProblem) -> Value {
    try Self.rethrow(path) { try queue.read(body) }
  }

  func write<Value>(_ body: (Database) throws -> Value) throws(JournalProblem) -> Value {
    try Self.rethrow(path) { try queue.write(body) }
  }

  static func rethrow<Value>(_ path: String, _ body: () throws -> Value)
    throws(JournalProblem) -> Value
  {
    do { return try body() } catch let problem as JournalProblem {
      throw problem
    } catch let error as DatabaseError {
      throw JournalFile.problem(path, error)
    } catch {
      throw JournalProblem(.storage, "cannot use journal \"\(path)\": \(error)")
    }
  }
}
