package import Model

/// A graph as text for people and for drawing programs; foreign names cannot leave their labels.
package enum GraphText {
  /// Returns the graph in the DOT language, groups as clusters.
  ///
  /// `states` has one row a task; empty draws no states.
  package static func dot(_ graph: TaskGraph, states: [TaskState] = []) -> String {
    var lines = [
      "digraph \(dotString(graph.name)) {", "  rankdir=LR;",
      "  node [shape=box, style=filled, fillcolor=white];",
    ]
    draw(graph) { line in
      switch line {
      case .open(let index, let title, let depth):
        lines.append(indent(depth) + "subgraph cluster_\(index) {")
        lines.append(indent(depth + 1) + "label=\(dotString(title));")
      case .close(let depth): lines.append(indent(depth) + "}")
      case .task(let task, let depth):
        let colour = state(of: task, states).map { ", fillcolor=\"\($0.colour)\"" } ?? ""
        lines.append(
          indent(depth) + "t\(task.id.index) [label=\(dotString(label(task)))\(colour)];")
      }
    }
    for edge in edges(of: graph) {
      let style = edge.isOrderOnly ? " [style=dashed]" : ""
      lines.append("  t\(edge.from.index) -> t\(edge.to.index)\(style);")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// Returns the graph as a Mermaid flowchart, groups as subgraphs.
  ///
  /// `states` has one row a task; empty draws no states.
  package static func mermaid(_ graph: TaskGraph, states: [TaskState] = []) -> String {
    var lines = ["flowchart LR"]
    draw(graph) { line in
      switch line {
      case .open(let index, let title, let depth):
        lines.append(indent(depth) + "subgraph g\(index)[\(mermaidString(title))]")
      case .close(let depth): lines.append(indent(depth) + "end")
      case .task(let task, let depth):
        let style = state(of: task, states).map { ":::\($0.rawValue)" } ?? ""
        lines.append(indent(depth) + "t\(task.id.index)[\(mermaidString(label(task)))]\(style)")
      }
    }
    for edge in edges(of: graph) {
      lines.append("  t\(edge.from.index) \(edge.isOrderOnly ? "-.->" : "-->") t\(edge.to.index)")
    }
    let used = Set(graph.tasks.compactMap { $0.isRemoved ? nil : state(of: $0, states) })
    for state in TaskState.allCases where used.contains(state) {
      lines.append("  classDef \(state.rawValue) fill:\(state.colour),color:#000000")
    }
    return (lines + [""]).joined(separator: "\n")
  }
}

extension GraphText {
  private enum Line {
    case open(Int, title: String, depth: Int)
    case close(depth: Int)
    case task(TaskGraph.Task, depth: Int)
  }

  /// Walks the groups from the outside in, then the tasks that lie in none.
  private static func draw(_ graph: TaskGraph, _ emit: (Line) -> Void) {
    var members: [Int: [TaskGraph.Task]] = [:]
    for task in graph.tasks where !task.isRemoved {
      members[task.group ?? -1, default: []].append(task)
    }
    var inner: [Int: [Int]] = [:]
    for (index, group) in graph.groups.enumerated() {
      inner[group.parent ?? -1, default: []].append(index)
    }
    func open(_ group: Int, _ depth: Int) {
      let title = [graph.groups[group].name, graph.groups[group].title].compactMap { $0 }
      emit(.open(group, title: title.joined(separator: " "), depth: depth))
      for task in members[group] ?? [] { emit(.task(task, depth: depth + 1)) }
      for index in inner[group] ?? [] { open(index, depth + 1) }
      emit(.close(depth: depth))
    }
    for index in inner[-1] ?? [] { open(index, 1) }
    for task in members[-1] ?? [] { emit(.task(task, depth: 1)) }
  }

  private struct Edge {
    var from: TaskID
    var to: TaskID
    var isOrderOnly: Bool
  }

  private static func edges(of graph: TaskGraph) -> [Edge] {
    graph.tasks.flatMap { task in
      let needs = Set(task.needs.map(\.task))
      return task.predecessors.map { Edge(from: $0, to: task.id, isOrderOnly: !needs.contains($0)) }
    }
  }

  static func label(_ task: TaskGraph.Task) -> String {
    [task.name, task.title].compactMap { $0 }.joined(separator: " ")
  }

  static func state(of task: TaskGraph.Task, _ states: [TaskState]) -> TaskState? {
    states.indices.contains(task.id.index) ? states[task.id.index] : nil
  }

  private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

  private static func dotString(_ text: String) -> String {
    // Controls become visible first, so that the only escapes are DOT's own; it reads HTML's
    // entities as well.
    let escaped = text.withVisibleControls.reduce(into: "") { result, character in
      switch character {
      case "\"", "\\": result += "\\\(character)"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return "\"\(escaped)\""
  }

  /// Mermaid knows no backslash escapes; it has entities, and takes Markdown and HTML in labels.
  private static func mermaidString(_ text: String) -> String {
    let escaped = text.withVisibleControls.unicodeScalars.reduce(into: "") { result, scalar in
      if "\"#&<>`\\*_;".unicodeScalars.contains(scalar) {
        result += "#\(scalar.value);"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return "\"\(escaped)\""
  }
}

extension TaskState {
  /// Okabe and Ito's colours, which most colour-blind people tell apart.
  fileprivate var colour: String {
    switch self {
    case .blocked: "#FFFFFF"
    case .ready: "#56B4E9"
    case .held, .paused: "#CC79A7"
    case .waiting, .backoff: "#E69F00"
    case .running, .verifying: "#F0E442"
    case .done: "#009E73"
    case .failed: "#D55E00"
    case .skipped, .cancelled: "#BBBBBB"
    }
  }
}
