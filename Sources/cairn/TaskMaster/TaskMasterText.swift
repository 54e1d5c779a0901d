import Canvas
import Formats

/// Task Master's tasks as lines for people.
enum TaskMasterText {
  /// What is counted, then a line a task, then what comes next.
  static func listing(
    _ backlog: TaskMasterBacklog, _ rows: [TaskMasterRow]
  ) -> [String] {
    let next = backlog.next().flatMap { id in
      (try? backlog.rows(of: [id], subtasks: []))?.first
    }
    return [summary(backlog)] + table(rows) + (next.map { ["next: \($0.id)  \($0.title)"] } ?? [])
  }

  static func summary(_ backlog: TaskMasterBacklog) -> String {
    let counts = backlog.counts()
    let subtasks = counts.subtasks.isEmpty ? "" : "; \(words(counts.subtasks, "subtask"))"
    return "\(backlog.tag): \(words(counts.tasks, "task"))\(subtasks)"
  }

  private static func words(_ counts: [String: Int], _ noun: String) -> String {
    let total = counts.values.reduce(0, +)
    let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let head = "\(total) \(noun)\(total == 1 ? "" : "s")"
    return parts.isEmpty ? head : "\(head): \(parts)"
  }

  static func table(_ rows: [TaskMasterRow]) -> [String] {
    let ids = rows.map { String(repeating: "  ", count: $0.depth) + $0.id }
    let width = min(24, ids.map { SafeText($0).columns }.max() ?? 0)
    return zip(ids, rows).map { id, row in
      let needs = row.dependencies.isEmpty ? "" : "  ← \(row.dependencies.joined(separator: ", "))"
      return "  \(pad(id, width))  \(icon(row)) \(pad(row.status, 11)) \(pad(row.priority, 8)) "
        + row.title + needs
    }
  }

  /// Task Master's compact line: `<id> <icon> <title>`.
  static func compact(_ rows: [TaskMasterRow]) -> [String] {
    rows.map { "\(String(repeating: "  ", count: $0.depth))\($0.id) \(icon($0)) \($0.title)" }
  }

  private static func icon(_ row: TaskMasterRow) -> String {
    switch row.known {
    case .done, .completed: "✓"
    case .pending: "○"
    case .inProgress: "▶"
    case .review: "?"
    case .deferred, .cancelled: "x"
    case .blocked: "!"
    case nil: "·"
    }
  }

  /// All about one task, its subtasks below.
  static func details(_ rows: [TaskMasterRow], _ prose: [(String, String)]) -> [String] {
    guard let task = rows.first else { return [] }
    func orNone(_ ids: [String]) -> String { ids.isEmpty ? "none" : ids.joined(separator: ", ") }
    let fields =
      [
        ("status", task.status), ("priority", task.priority),
        ("needs", orNone(task.dependencies)), ("blocks", orNone(task.blocks)),
      ] + prose
    let lines = fields.map { "  \(pad($0.0, 8))  \(indented($0.1))" }
    return ["\(task.id)  \(task.title)"] + lines + table(Array(rows.dropFirst())) + [""]
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    let safe = SafeText(text)
    return safe.string + String(repeating: " ", count: max(0, width - safe.columns))
  }

  /// Later lines stand under the first.
  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n" + String(repeating: " ", count: 12))
  }
}
