package import Formats
package import Foundation
import Glibc

/// A Task Master file that is written as Task Master's own programs expect: under their lock, whole or
/// not at all, and only where it must change.
package struct TaskMasterStore: Sendable {
  /// Most times that an edit is made anew because somebody wrote the file without the lock.
  static let maximumRounds = 20

  /// Absolute; a symbolic link is followed, so that it stays one.
  private let path: String
  private let name: String
  private let lockWait: Double

  /// The store of the `tasks.json` at an absolute path.
  package init(path: String) {
    self.init(path: path, called: path)
  }

  /// `name` is how messages call the file, `lockWait` the longest wait for Task Master, in seconds.
  package init(path: String, called name: String, lockWait: Double? = nil) {
    self.path = path
    self.name = name
    self.lockWait = lockWait ?? TaskMasterLock.waitSeconds
  }

  /// Sets statuses one after another, and says what became of each.
  ///
  /// A tag of nil lets the file decide; with `cascades` a subtask takes its task along, as
  /// `TaskMasterEdit.settingStatuses` has it. Nothing is written where nothing changes.
  ///
  /// - Throws: `FormatProblem` for a bad file, an unknown id or status; `ProjectProblem`: `.missing`,
  ///   `.storage`, and `.locked` if Task Master keeps the lock for 12 s or other Cairns for 60 s.
  ///   Blocks its thread meanwhile.
  package func set(
    _ changes: [TaskMasterStatusChange], tag: String?, cascades: Bool
  ) throws -> [TaskMasterStatusResult] {
    var results: [TaskMasterStatusResult] = []
    try edit { edit in
      let set = try edit.settingStatuses(
        changes, tag: tag, cascades: cascades, at: Self.timestamp(.now))
      results = set.results
      return set.edit
    }
    return results
  }

  /// Replaces the file by what the edit makes of it; called again with newer bytes if somebody wrote
  /// the file meanwhile.
  ///
  /// - Throws: What the edit throws, and as `set(_:tag:cascades:)`.
  package func edit(_ body: (TaskMasterEdit) throws -> TaskMasterEdit) throws {
    try edit(body, before: { _ in }, after: { _ in })
  }

  /// The same, with what has to be done under the same lock: `before` the file is replaced, again where
  /// that must be tried again, and `after` it.
  func edit(
    _ body: (TaskMasterEdit) throws -> TaskMasterEdit,
    before: (TaskMasterLock) throws -> Void, after: (TaskMasterLock) throws -> Void
  ) throws {
    let target = try TaskMasterTarget(path, called: name)
    try TaskMasterLock.hold(of: target.path, wait: lockWait) { lock in
      for _ in 1...Self.maximumRounds {
        let seen = try target.read()
        let old = try TaskMasterEdit(seen.bytes, file: name)
        let new = try body(old)
        try before(lock)
        let isDone =
          try new.bytes == seen.bytes || target.replace(seen, with: new.bytes, lock: lock)
        if isDone { return try after(lock) }
      }
      throw ProjectProblem(
        .storage, "\(name): somebody rewrites it all the time, without its lock; try again")
    }
  }

  /// A point in time as JavaScript writes it: `2026-01-02T03:04:05.678Z`.
  package static func timestamp(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
