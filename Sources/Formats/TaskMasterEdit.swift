/// A Task Master file that is changed where it must be and stays byte for byte elsewhere.
///
/// A value: each change returns a new one, and what it returns was read anew, so it is whole.
package struct TaskMasterEdit: Sendable {
  let outline: JSONOutline
  /// How messages call it.
  package let file: String

  package var bytes: [UInt8] { outline.bytes }

  /// Reads the bytes of a file, at most 64 MiB of UTF-8.
  package init(_ bytes: [UInt8], file: String) throws(FormatProblem) {
    self.file = file
    do throws(FormatProblem) { outline = try TaskMasterFile.outline(bytes) } catch {
      throw error.named(file)
    }
  }

  private init(_ outline: JSONOutline, file: String) {
    self.outline = outline
    self.file = file
  }

  /// The tasks of one tag; nil lets the file decide.
  package func backlog(tag: String? = nil) throws(FormatProblem) -> TaskMasterBacklog {
    do throws(FormatProblem) {
      return try TaskMasterBacklog(outline.root, tag: tag, file: file)
    } catch {
      throw error.named(file)
    }
  }

  func applying(_ changes: [JSONOutline.Change]) throws(FormatProblem) -> TaskMasterEdit {
    guard !changes.isEmpty else { return self }
    do throws(FormatProblem) {
      return TaskMasterEdit(try outline.applying(changes), file: file)
    } catch {
      throw error.named(file)
    }
  }
}

extension TaskMasterEdit {
  /// Sets statuses one after another, and `updatedAt` of what was touched to `time`.
  ///
  /// With `cascades`, setting a subtask sets its task by `TaskMasterStatus.cascade(from:)`, and
  /// `updatedAt` of it in any case. A status that a task has already changes nothing.
  ///
  /// `time` is as `2026-01-02T03:04:05.678Z`.
  ///
  /// - Throws: `FormatProblem`: `.missing` for an id that the tag has not, `.usage` for a status that
  ///   is none.
  /// - Complexity: O(bytes + changes × subtasks).
  package func settingStatuses(
    _ changes: [TaskMasterStatusChange], tag: String?, cascades: Bool, at time: String
  ) throws(FormatProblem) -> (edit: TaskMasterEdit, results: [TaskMasterStatusResult]) {
    let backlog = try backlog(tag: tag)
    var setting = StatusSetting(backlog)
    var results: [TaskMasterStatusResult] = []
    for change in changes {
      do throws(FormatProblem) {
        results.append(try setting.set(change, cascades: cascades))
      } catch {
        throw error.named(file)
      }
    }
    let edit = try applying(setting.changes(in: outline, at: time))
    try edit.requireStatuses(setting, tag: backlog.tag)
    return (edit, results)
  }

  /// The proof that what was written is what was meant, read from the new bytes.
  private func requireStatuses(_ setting: StatusSetting, tag: String) throws(FormatProblem) {
    let items = try backlog(tag: tag).items
    for (index, status) in setting.statuses
    where !items.indices.contains(index) || items[index].value["status"]?.text != status {
      throw FormatProblem(
        file: file, message: "a status did not arrive; the file is left as it was")
    }
  }
}

/// Statuses that were set so far, by index of their item.
private struct StatusSetting {
  private let backlog: TaskMasterBacklog
  private(set) var statuses: [Int: String] = [:]
  /// Items that get a new `updatedAt`.
  private var touched = Set<Int>()

  init(_ backlog: TaskMasterBacklog) { self.backlog = backlog }

  mutating func set(
    _ change: TaskMasterStatusChange, cascades: Bool
  ) throws(FormatProblem) -> TaskMasterStatusResult {
    let index = try backlog.index(of: change.id)
    let new = try word(change.status, for: index)
    let old = text(of: index)
    var result = TaskMasterStatusResult(id: change.id, old: old ?? "pending", new: new)
    guard old != new else { return result }
    write(new, to: index)
    if cascades { result.parents = cascade(from: index) }
    return result
  }

  /// Nothing but what Task Master's own lists can read is written.
  private func word(_ text: String, for index: Int) throws(FormatProblem) -> String {
    guard let status = TaskMasterStatus(written: text) else {
      throw FormatProblem(
        message: "no status \(text.quoted): expected \(TaskMasterStatus.writable.alternatives)",
        hint: Suggestion.hint(for: text, in: TaskMasterStatus.writable), code: .usage)
    }
    let isTask = backlog.items[index].parent == nil
    return status == .completed && isTask ? TaskMasterStatus.done.rawValue : status.rawValue
  }

  private mutating func write(_ status: String, to index: Int) {
    statuses[index] = status
    touched.insert(index)
  }

  private mutating func cascade(from index: Int) -> [TaskMasterStatusResult.Parent] {
    var parents: [TaskMasterStatusResult.Parent] = []
    var inside = backlog.items[index].parent
    while let parent = inside {
      touched.insert(parent)
      let below = backlog.items[parent].children.map { status(of: $0) }
      let old = text(of: parent)
      guard let new = TaskMasterStatus.cascade(from: below)?.rawValue, new != old else { break }
      write(new, to: parent)
      parents.append(
        .init(id: backlog.items[parent].name, old: old ?? "pending", new: new))
      inside = backlog.items[parent].parent
    }
    return parents
  }

  private func text(of index: Int) -> String? {
    statuses[index] ?? backlog.items[index].value["status"]?.text
  }

  private func status(of index: Int) -> TaskMasterStatus? {
    guard let text = text(of: index) else { return .pending }
    return TaskMasterStatus(written: text)
  }

  func changes(in outline: JSONOutline, at time: String) -> [JSONOutline.Change] {
    touched.sorted().flatMap { index in
      var pairs = [(name: "updatedAt", json: JSONPiece.quote(time))]
      if let status = statuses[index] {
        pairs.insert((name: "status", json: JSONPiece.quote(status)), at: 0)
      }
      return outline.setting(pairs, in: backlog.items[index].value)
    }
  }
}
