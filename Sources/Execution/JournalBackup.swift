import GRDB
import Glibc

/// A copy of a journal in the shape that it had before a newer Cairn changed it.
enum JournalBackup {
  static func path(of journal: String, schema: Int) -> String {
    "\(journal).v\(schema).backup"
  }

  /// Copies a journal of an older schema, checks the copy and puts it beside the journal.
  ///
  /// Written under another name, synced and renamed: a backup that exists is whole.
  static func keepOlder(_ journal: String) throws {
    guard let found = try olderSchema(journal) else { return }
    let target = path(of: journal, schema: found)
    let part = target + ".part"
    for suffix in ["", "-journal", "-wal", "-shm"] { unlink(part + suffix) }
    do { try copy(journal, to: part) } catch {
      unlink(part)
      throw error
    }
    try sync(part)
    guard rename(part, target) == 0 else {
      let reason = systemReason()
      unlink(part)
      throw JournalProblem(.storage, "cannot make \"\(target)\": \(reason)")
    }
    try sync(JournalFile.folder(of: journal))
  }

  private static func olderSchema(_ journal: String) throws -> Int? {
    guard access(journal, F_OK) == 0 else { return nil }
    let (queue, schema) = try JournalFile.openReadOnly(journal)
    try queue.close()
    return (1..<JournalSchema.version).contains(schema) ? schema : nil
  }

  private static func copy(_ journal: String, to part: String) throws {
    let (source, _) = try JournalFile.openReadOnly(journal)
    let target = try DatabaseQueue(path: part)
    try source.backup(to: target)
    try source.close()
    let finding = try target.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
    try target.close()
    guard finding == "ok" else {
      throw JournalFile.unsound(journal, "its copy: \(finding ?? "no answer")")
    }
  }

  static func sync(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      let reason = systemReason()
      if descriptor >= 0 { Glibc.close(descriptor) }
      throw JournalProblem(.storage, "cannot sync \"\(path)\": \(reason)")
    }
    Glibc.close(descriptor)
  }
}
