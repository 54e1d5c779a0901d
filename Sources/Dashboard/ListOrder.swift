import Canvas
package import Model

/// In which order the rows of the list stand.
///
/// Groups keep their members: members are in order inside a group, and a group stands where the member
/// that comes first would. Items without the figure come last, equal ones as in the graph.
package struct ListOrder: Sendable, Equatable {
  package enum Column: Sendable, CaseIterable {
    /// The order of the file.
    case graph
    /// What waits for a person first, then failures, then what runs, what may run, what is done.
    case state
    /// The longest first.
    case time
    /// The largest first.
    case memory
    /// Numbers in names by their value.
    case name
    /// What may get late the least first.
    case slack
  }

  package var column = Column.graph
  package var isInverse = false

  package init(_ column: Column = .graph, isInverse: Bool = false) {
    self.column = column
    self.isInverse = isInverse
  }

  /// The column to the right or left, round the ends; the direction starts anew.
  func moved(by step: Int) -> ListOrder {
    let all = Column.allCases
    let at = all.firstIndex(of: column) ?? 0
    return ListOrder(all[(at + step + all.count) % all.count])
  }

  var word: String {
    switch column {
    case .graph: "graph"
    case .state: "state"
    case .time: "time"
    case .memory: "mem"
    case .name: "name"
    case .slack: "slack"
    }
  }

  /// Whether numbers and names grow downwards.
  var isAscending: Bool {
    switch column {
    case .graph, .name, .slack: !isInverse
    case .state, .time, .memory: isInverse
    }
  }
}

extension TaskState {
  /// How soon a person should look: 0 is now.
  package var attentionRank: Int {
    switch self {
    case .waiting: 0
    case .failed: 1
    case .paused: 2
    case .held: 3
    case .backoff: 4
    case .running, .verifying: 5
    case .ready: 6
    case .blocked: 7
    case .done: 8
    case .skipped: 9
    case .cancelled: 10
    }
  }

  /// Wants a person: waits for one, failed, or was paused by one.
  var wantsAttention: Bool { attentionRank <= TaskState.paused.attentionRank }
}

/// The items of a tree in an order of a person's choice.
struct SortedTree: Sendable {
  private(set) var roots: [Item] = []
  private(set) var children: [[Item]] = []

  /// `keys` has one row a task, the smallest first, infinity last; `groupKeys` likewise.
  ///
  /// - Complexity: O(items × log items).
  init(_ tree: GroupTree, keys: [Double], groupKeys: [Double]) {
    func sorted(_ items: [Item]) -> [Item] {
      let rows = items.map { item -> (key: Double, item: Item) in
        switch item {
        case .task(let task): (keys[task.index], item)
        case .group(let group): (groupKeys[group], item)
        case .cluster: (.infinity, item)
        }
      }
      // The standard sort is stable, though it does not promise it: positions break ties.
      return rows.indices.sorted { a, b in
        rows[a].key == rows[b].key ? a < b : rows[a].key < rows[b].key
      }.map { rows[$0].item }
    }
    roots = sorted(tree.roots)
    children = tree.children.map(sorted)
  }
}

extension DashboardState {
  /// Sorts the list anew if it is time.
  ///
  /// That is at once for a new choice or graph, else at most once a second and not while the person
  /// moves. The selection stays on its task and on its line.
  mutating func sortIfDue() {
    guard order.column != .graph else { return listing.sorted = nil }
    guard isSortDue else { return }
    sortedOrder = order
    sortedAt = wallTime
    sortedSequence = run.sequence
    listing.sorted = sortedTree()
  }

  private var isSortDue: Bool {
    if sortedOrder != order || listing.sorted == nil { return true }
    guard isRunning else { return sortedSequence != run.sequence }
    return wallTime - max(sortedAt, movedAt) >= Self.sortNanoseconds
  }

  private func sortedTree() -> SortedTree {
    if order.column == .name { return sortedByName() }
    let sign: Double = order.isAscending ? 1 : -1
    let keys = run.tasks.indices.map { row in
      sortFigure(of: TaskID(row)).map { sign * $0 } ?? .infinity
    }
    let groupKeys = listing.tree.members.map { members in
      members.reduce(Double.infinity) { min($0, keys[$1.index]) }
    }
    return SortedTree(listing.tree, keys: keys, groupKeys: groupKeys)
  }

  private func sortFigure(of task: TaskID) -> Double? {
    switch order.column {
    // Less urgent is more: "descending" puts the most urgent on top.
    case .state: Double(-run.tasks[task.index].state.attentionRank)
    case .time: figure(.time, of: task)
    case .memory: figure(.memory, of: task)
    case .slack: figure(.slack, of: task)
    case .graph, .name: nil
    }
  }

  private func sortedByName() -> SortedTree {
    let names =
      run.graph.tasks.map { Array($0.name.utf8) } + run.graph.groups.map { Array($0.name.utf8) }
    let ranked = names.indices.sorted { Self.precedes(names[$0], names[$1]) }
    var keys = names.map { _ in 0.0 }
    for (rank, row) in ranked.enumerated() {
      keys[row] = order.isInverse ? -Double(rank) : Double(rank)
    }
    let count = run.graph.tasks.count
    return SortedTree(
      listing.tree, keys: Array(keys[..<count]), groupKeys: Array(keys[count...]))
  }

  /// `n=2` before `n=10`: runs of digits count by their value, else by their length.
  static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      guard a[i].isDigit, b[j].isDigit else {
        if a[i] != b[j] { return a[i] < b[j] }
        i += 1
        j += 1
        continue
      }
      let (x, y) = (a.number(at: &i), b.number(at: &j))
      if x.count != y.count { return x.count < y.count }
      if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
    }
    return a.count - i < b.count - j
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (48...57).contains(self) }
}

extension [UInt8] {
  /// The digits from here on without leading zeros; moves behind them.
  fileprivate func number(at position: inout Int) -> ArraySlice<UInt8> {
    while position < count, self[position] == 48 { position += 1 }
    let start = position
    while position < count, self[position].isDigit { position += 1 }
    return self[start..<position]
  }
}

extension Glyphs {
  func sign(of order: ListOrder) -> Character { order.isAscending ? ascending : descending }
}
