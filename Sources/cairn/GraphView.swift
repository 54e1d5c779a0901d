import Canvas
import Dashboard
import Formats
import Foundation
import Model
import Project

/// The graph of a project with what its last run says of each task, for `list`, `show`, `graph`.
struct GraphView {
  let graph: TaskGraph
  private let links: TaskGraph.Links
  /// By name: a run has a numbering of its own.
  private let statuses: [String: TaskStatus]
  private let displayName: String

  init(_ location: ProjectLocation, _ parameters: ParameterOptions) throws {
    let loaded = try LoadedProject(location, parameters: parameters.values(), tag: parameters.tag)
    loaded.warnings.forEach(News.say)
    graph = loaded.graph
    links = graph.links()
    displayName = location.displayName
    statuses = loaded.isTrace ? [:] : try ProjectHistory(location).lastStatuses()
  }

  var exampleName: String { graph.tasks.first?.name ?? "NAME" }

  func task(named name: String) throws -> TaskGraph.Task {
    if let task = graph.task(named: name) { return task }
    let near = Suggestion.nearest(name, in: graph.tasks.map(\.name))
    let hint = near.map { "; did you mean \"\($0)\"?" } ?? ""
    throw ProjectProblem(.usage, "\(displayName) defines no task \"\(name)\"\(hint)")
  }

  /// The state of the last run, else what the file says.
  private func state(of task: TaskGraph.Task) -> String {
    if let status = statuses[task.name] { return status.state.rawValue }
    return task.standing == .pending ? "-" : task.standing.rawValue
  }

  private func names(_ tasks: ArraySlice<TaskID>) -> String {
    tasks.map { graph[$0].name }.joined(separator: ", ")
  }
}

extension GraphView {
  /// One line a task, in columns, groups as headings.
  func lines() -> [String] {
    let width = min(40, graph.tasks.map { SafeText($0.name).columns }.max() ?? 4)
    var lines = ["\(graph.name): \(graph.tasks.count) tasks"]
    var group: Int?
    for task in graph.tasks where !task.isRemoved {
      if task.group != group, let now = task.group {
        lines.append("  " + heading(graph.groups[now]))
      }
      group = task.group
      let indent = group == nil ? "  " : "    "
      let needs = names(links.predecessors[task.id.index])
      let name = pad(SafeText(task.name), to: width)
      let title = task.title.map { "  " + $0 } ?? ""
      lines.append(
        "\(indent)\(name)  \(pad(SafeText(state(of: task)), to: 9))"
          + title + (needs.isEmpty ? "" : "  ← \(needs)"))
    }
    return lines
  }

  private func heading(_ group: TaskGraph.Group) -> String {
    group.name + (group.title.map { "  " + $0 } ?? "")
  }

  private func pad(_ text: SafeText, to width: Int) -> String {
    text.string + String(repeating: " ", count: max(0, width - text.columns))
  }

  func details(of task: TaskGraph.Task) -> [String] {
    var rows: [(String, String)] = []
    if let title = task.title { rows.append(("title", title)) }
    rows.append(("state", state(of: task)))
    rows.append(("action", task.action.summary))
    if let verify = task.verify { rows.append(("verify", verify)) }
    rows.append(("folder", task.directory ?? "the project's root"))
    rows += task.environment.map { ("env", "\($0.name)=\($0.value)") }
    rows.append(("needs", orNone(names(links.predecessors[task.id.index]))))
    rows.append(("feeds", orNone(names(links.dependents[task.id.index]))))
    rows.append(("output", orNone(task.outputs.map(\.name).joined(separator: ", "))))
    rows += task.exports.map { ("export", "\($0.artifact) → \($0.path)") }
    rows += attempts(of: task)
    return [task.name] + rows.map { "  " + pad(SafeText($0.0), to: 8) + "  " + indented($0.1) } + [
      ""
    ]
  }

  private func attempts(of task: TaskGraph.Task) -> [(String, String)] {
    (statuses[task.name]?.attempts ?? []).map { attempt in
      ("attempt", "\(attempt.number): \(AttemptText.line(attempt))")
    }
  }

  private func orNone(_ text: String) -> String { text.isEmpty ? "none" : text }

  /// Later lines stand under the first.
  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n" + String(repeating: " ", count: 12))
  }
}

extension TaskGraph.Action {
  fileprivate var summary: String {
    switch self {
    case .shell(let script, let interpreter): "\(interpreter.joined(separator: " ")) '\(script)'"
    case .exec(let arguments): arguments.joined(separator: " ")
    case .prompt(let text): "prompt for the agent:\n" + text
    case .gate: "none: only its verification counts"
    }
  }
}

extension GraphView {
  /// `list --json` and `show --json`.
  struct Listing: Encodable {
    struct Row: Encodable {
      var name: String
      var title: String?
      var group: String?
      var state: String
      var needs: [String]
      var feeds: [String]
      var outputs: [String]
      var attempts: Int
      var action: TaskGraph.Action
    }

    var cairn = Fact.version
    var name: String
    var tasks: [Row]
  }

  func listing(of tasks: [TaskGraph.Task]? = nil) -> Listing {
    let rows = (tasks ?? graph.tasks).filter { !$0.isRemoved }.map { task in
      Listing.Row(
        name: task.name, title: task.title, group: task.group.map { graph.groups[$0].name },
        state: state(of: task),
        needs: links.predecessors[task.id.index].map { graph[$0].name },
        feeds: links.dependents[task.id.index].map { graph[$0].name },
        outputs: task.outputs.map(\.name),
        attempts: statuses[task.name]?.attempts.count ?? 0, action: task.action)
    }
    return Listing(name: graph.name, tasks: rows)
  }
}
