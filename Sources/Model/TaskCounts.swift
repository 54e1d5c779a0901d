/// How many tasks are in each state.
///
/// Counted with every change of a state, so it is no dictionary.
package struct TaskCounts: Sendable, Equatable, Codable {
  private var rows = SIMD16<Int32>()

  package init() {}

  package subscript(state: TaskState) -> Int {
    get { Int(rows[state.index]) }
    set { rows[state.index] = Int32(truncatingIfNeeded: newValue) }
  }

  /// Tasks in all states of a kind.
  package func count(where isMeant: (TaskState) -> Bool) -> Int {
    TaskState.allCases.reduce(0) { $0 + (isMeant($1) ? self[$1] : 0) }
  }

  /// Tasks in all states.
  package var total: Int { Int(rows.wrappedSum()) }

  /// A task went from one state to another.
  package mutating func move(from old: TaskState, to new: TaskState) {
    self[old] -= 1
    self[new] += 1
  }
}

extension TaskState {
  fileprivate var index: Int {
    switch self {
    case .blocked: 0
    case .ready: 1
    case .held: 2
    case .waiting: 3
    case .backoff: 4
    case .running: 5
    case .paused: 6
    case .verifying: 7
    case .done: 8
    case .failed: 9
    case .skipped: 10
    case .cancelled: 11
    }
  }
}
