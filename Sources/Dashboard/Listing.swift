package import Model

/// The rows of the task list: which items, in which order, how deep.
package struct Listing: Sendable {
  /// A group with more members shows only its active ones until it is unfolded.
  package static let openMembers = 6

  package struct Row: Sendable, Equatable {
    package var item: Item
    package var depth: Int
  }

  package private(set) var tree = GroupTree()
  package private(set) var names = FoldedNames()
  /// The tree in the order that a person chose; nil is that of the graph.
  var sorted: SortedTree?
  package private(set) var rows: [Row] = []
  /// Those of `rows`.
  private(set) var items: [Item] = []
  /// One a group.
  package private(set) var tallies: [Tally] = []
  package private(set) var tally = Tally()

  package init() {}

  package func members(of group: Int) -> [TaskID] {
    tree.members.indices.contains(group) ? tree.members[group] : []
  }

  package func defaultFold(of group: Int) -> Fold {
    members(of: group).count > Self.openMembers ? .active : .open
  }

  package mutating func adopt(_ graph: TaskGraph) {
    tree = GroupTree(graph)
    names = FoldedNames(graph)
    sorted = nil
  }

  /// Counts and lists anew.
  ///
  /// - Complexity: O(tasks).
  package mutating func refresh(_ choice: Choice) {
    countStates(choice.run)
    rows.removeAll(keepingCapacity: true)
    for item in sorted?.roots ?? tree.roots { append(item, depth: 0, choice) }
    items = rows.map(\.item)
  }

  /// What decides on the rows.
  package struct Choice {
    package var run: RunState
    package var folds: [Int: Fold]
    /// What the filter lets through; nil without one.
    package var matches: FilterMatches?
    package var hidesFinished: Bool
  }

  private mutating func countStates(_ run: RunState) {
    tally = Tally()
    tallies = Array(repeating: Tally(), count: tree.children.count)
    for (index, status) in run.tasks.enumerated() where !run.graph.tasks[index].isRemoved {
      tally.count(status.state)
      for group in tree.paths[index] { tallies[group].count(status.state) }
    }
  }

  private mutating func append(_ item: Item, depth: Int, _ choice: Choice) {
    switch item {
    case .task(let task):
      if shows(task, choice) { rows.append(Row(item: item, depth: depth)) }
    case .group(let group): append(group, depth: depth, choice)
    case .cluster: preconditionFailure("a list has no clusters")
    }
  }

  private mutating func append(_ group: Int, depth: Int, _ choice: Choice) {
    let isFiltered = choice.matches != nil
    let members = members(of: group)
    guard isFiltered || choice.hidesFinished ? members.contains(where: { shows($0, choice) }) : true
    else { return }
    rows.append(Row(item: .group(group), depth: depth))
    let fold = choice.folds[group] ?? defaultFold(of: group)
    guard isFiltered || fold != .closed else { return }
    for child in (sorted?.children ?? tree.children)[group] {
      if case .task(let task) = child, !isFiltered, fold == .active,
        !choice.run.state(of: task).isEventful
      {
        continue
      }
      append(child, depth: depth + 1, choice)
    }
  }

  private func shows(_ task: TaskID, _ choice: Choice) -> Bool {
    let state = choice.run.state(of: task)
    if choice.hidesFinished, state == .done || state == .skipped { return false }
    return choice.matches?[task] ?? true
  }
}

extension TaskState {
  /// Shown even in a group that shows only what is active.
  package var isEventful: Bool {
    switch self {
    case .running, .paused, .verifying, .failed, .waiting, .backoff: true
    case .blocked, .ready, .held, .done, .skipped, .cancelled: false
    }
  }
}
