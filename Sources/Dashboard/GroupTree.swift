package import Model

/// How tasks lie in groups, in the order of the file; changes only with the graph.
package struct GroupTree: Sendable {
  /// Deepest nesting that is followed.
  package static let maximumDepth = 32

  package private(set) var roots: [Item] = []
  /// One row a group.
  package private(set) var children: [[Item]] = []
  /// One row a group: its tasks and those of the groups inside it.
  package private(set) var members: [[TaskID]] = []
  /// One row a task: its groups, the innermost first.
  package private(set) var paths: [[Int]] = []

  package init(_ graph: TaskGraph = TaskGraph(name: "")) {
    children = Array(repeating: [], count: graph.groups.count)
    members = children.map { _ in [] }
    var placed = Set<Int>()
    for task in graph.tasks {
      paths.append(Self.path(of: task, in: graph))
      guard !task.isRemoved else { continue }
      var item = Item.task(task.id)
      var isNew = true
      for group in paths[task.id.index] {
        members[group].append(task.id)
        if isNew { children[group].append(item) }
        isNew = isNew && placed.insert(group).inserted
        item = .group(group)
      }
      if isNew { roots.append(item) }
    }
  }

  private static func path(of task: TaskGraph.Task, in graph: TaskGraph) -> [Int] {
    var path: [Int] = []
    var next = task.group
    while let group = next, graph.groups.indices.contains(group), !path.contains(group),
      path.count < maximumDepth
    {
      path.append(group)
      next = graph.groups[group].parent
    }
    return path
  }
}

/// How many tasks stand where.
package struct Tally: Sendable, Equatable {
  package var done = 0
  package var running = 0
  package var paused = 0
  package var failed = 0
  package var waiting = 0
  package var backoff = 0
  package var ready = 0
  package var blocked = 0
  package var skipped = 0

  package init() {}

  package var total: Int {
    done + running + paused + failed + waiting + backoff + ready + blocked + skipped
  }

  package mutating func count(_ state: TaskState) {
    switch state {
    case .done: done += 1
    case .running, .verifying: running += 1
    case .paused, .held: paused += 1
    case .failed: failed += 1
    case .waiting: waiting += 1
    case .backoff: backoff += 1
    case .ready: ready += 1
    case .blocked: blocked += 1
    case .skipped, .cancelled: skipped += 1
    }
  }

  /// The state that a group's sign shows; failures among what runs show in its histogram.
  package var state: TaskState {
    if waiting > 0 { return .waiting }
    if running > 0 { return .running }
    if failed > 0 { return .failed }
    if backoff > 0 { return .backoff }
    if paused > 0 { return .paused }
    if ready > 0 { return .ready }
    if blocked > 0 { return done > 0 ? .ready : .blocked }
    return done > 0 ? .done : .skipped
  }
}
