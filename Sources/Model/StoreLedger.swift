/// Where every byte of a run's workspace is: each belongs to one state.
///
/// free + leased + sealed + dormant + warm + lent + compressed = capacity + over, for `over` is 0 but where
/// a task wrote more than could be prevented; what was spilled or dropped takes no room and stands beside
/// them (planning, 5.5).
package struct StoreLedger: Sendable, Equatable {
  package enum State: String, Sendable, Codable, CaseIterable {
    /// Nobody's.
    case free
    /// A running attempt's: what it has written, or is expected to if that is more.
    case leased
    /// A whole artifact that a running attempt reads.
    case sealed
    /// A whole artifact that nobody reads now.
    case dormant
    /// A worktree that nobody works in, kept for the next task that does.
    case warm
    /// An artifact that is another's memory for a while.
    case lent
    /// A whole artifact in fewer bytes, which nobody can read before it is expanded.
    case compressed
    /// Only on the spill file system.
    case spilled
    /// Gone, with what it takes to make it again.
    case dropped

    /// Takes room in the workspace.
    package var isInside: Bool { self != .spilled && self != .dropped }
  }

  /// Bytes of one owner in one state.
  package struct Block: Sendable, Equatable {
    package var state: State
    /// A slot's has an empty name; the task is who worked in it last, or the first of all.
    package var key: RunState.ArtifactKey
    package var bytes: Int64
    /// Of a worktree.
    package var slot: Int?
  }

  /// nil where nothing limits the workspace.
  package let capacityBytes: Int64?
  /// By task, then in the order in which a task's artifacts came; none is `free`.
  package let blocks: [Block]
  private let totals: [State: Int64]

  /// - Complexity: O(artifacts + expected sizes of the plan).
  package init(_ run: RunState) {
    capacityBytes = run.opened?.config.workspace?.bytes
    blocks = Self.blocks(run)
    var totals: [State: Int64] = [:]
    for block in blocks { totals[block.state, default: 0] += block.bytes }
    let inside = totals.reduce(0) { $0 + ($1.key.isInside ? $1.value : 0) }
    totals[.free] = max(0, (capacityBytes ?? inside) - inside)
    self.totals = totals
  }

  package subscript(state: State) -> Int64 { totals[state] ?? 0 }

  /// What lies, or may come to lie, in the workspace.
  package var takenBytes: Int64 {
    State.allCases.reduce(0) { $0 + ($1.isInside && $1 != .free ? self[$1] : 0) }
  }

  /// Taken beyond the capacity.
  package var overBytes: Int64 { max(0, takenBytes - (capacityBytes ?? takenBytes)) }
}

extension StoreLedger {
  private static func blocks(_ run: RunState) -> [Block] {
    let running = run.tasks.indices.map { TaskID($0) }.filter { run.isAttempting($0) }
    let read = Set(
      running.flatMap { task in
        run.graph[task].needs.flatMap { run.graph.artifacts(of: $0) }
      })
    var blocks = run.artifacts.map { key, artifact in
      let state: State =
        run.lent[key] != nil ? .lent : read.contains(key) ? .sealed : .dormant
      return Block(state: state, key: key, bytes: artifact.bytes)
    }
    blocks += leases(run, running) + worktrees(run, running)
    blocks += run.compressed.map { Block(state: .compressed, key: $0, bytes: $1.bytes) }
    blocks += run.spilled
      .filter { key, _ in run.artifacts[key] == nil && run.compressed[key] == nil }
      .map { Block(state: .spilled, key: $0, bytes: $1.bytes) }
    blocks += run.dropped.map { Block(state: .dropped, key: $0, bytes: $1) }
    return blocks.sorted { $0.key.task < $1.key.task }
  }

  private static func worktrees(_ run: RunState, _ running: [TaskID]) -> [Block] {
    let holders = Dictionary(
      running.filter { run.graph[$0].isolation == .worktree }
        .compactMap { task in run[task].lastAttempt?.slot.map { ($0, task) } },
      uniquingKeysWith: { $1 })
    return run.worktrees.sorted { $0.key < $1.key }.map { slot, kept in
      let task = holders[slot] ?? kept.task ?? TaskID(0)
      return Block(
        state: holders[slot] == nil ? .warm : .leased,
        key: RunState.ArtifactKey(task: task, name: ""), bytes: kept.bytes, slot: slot)
    }
  }

  /// What running attempts write now.
  private static func leases(_ run: RunState, _ running: [TaskID]) -> [Block] {
    guard !running.isEmpty else { return [] }
    let writers = Set(running)
    var expected: [RunState.ArtifactKey: Int64] = [:]
    for size in run.plan?.sizes ?? [] where writers.contains(size.task) {
      expected[RunState.ArtifactKey(task: size.task, name: size.artifact)] = size.bytes
    }
    return running.flatMap { task in
      let outputs = run.graph[task].outputs.map { output in
        let key = RunState.ArtifactKey(task: task, name: output.name)
        return (key, expected[key] ?? output.expectedBytes ?? 0)
      }
      let slot = (RunState.ArtifactKey(task: task, name: ""), Int64(0))
      return (outputs + [slot]).compactMap { key, least in
        // A recompute writes beside what lies there still.
        let bytes = max(run.growing[key] ?? 0, run.artifacts[key] == nil ? least : 0)
        return bytes > 0 ? Block(state: .leased, key: key, bytes: bytes) : nil
      }
    }
  }
}

extension RunState {
  /// Whether the newest attempt of the task has been admitted and has not ended.
  package func isAttempting(_ task: TaskID) -> Bool {
    guard let last = tasks[task.index].lastAttempt else { return false }
    return last.outcome == nil && last.session == session
  }

  package var ledger: StoreLedger { StoreLedger(self) }
}
