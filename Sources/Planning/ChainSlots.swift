import Model

/// Which slot an attempt gets: that of its chain if it is free, for what a chain leaves warm is its own.
///
/// Others get the slot that was given back longest ago, which its chain will hardly come back to; a new
/// one is made only when all are held, so there are never more than jobs. Who works in a worktree
/// prefers a slot that has one, best one that holds the same caches, for others are deleted before it
/// begins, and of those one in which a task of its class has worked. Worktrees stay when an attempt has
/// ended, and go when their room is needed, the one longest unused first.
struct ChainSlots: Sendable {
  private struct Slot: Sendable {
    /// nil while it is held.
    var freedAt: Int?
    /// -1 before the first.
    var chain = -1
    /// Allocated; 0 without one.
    var worktreeBytes: Int64 = 0
    /// Who worked in the worktree last, as far as that is known.
    var warmth: Warmth?
    /// Its holder works in the worktree, whose bytes are the holder's then.
    var isWorkedIn = false
    var cooling = Cooling.no

    var isFree: Bool { freedAt != nil }
    var keptBytes: Int64 { isWorkedIn ? 0 : worktreeBytes }
    var canCool: Bool { keptBytes > 0 && cooling == .no }
  }

  private enum Cooling { case no, asked, failed }

  /// What a task leaves in a worktree for the next one.
  private struct Warmth: Sendable {
    var kind: String
    var caches: Set<String>

    init(_ task: TaskGraph.Task) {
      kind = EarlierRuns.class(task.name)
      caches = Set(task.caches)
    }

    /// How much of what another has left it can use; more is better.
    func use(of other: Warmth?) -> Int {
      guard let other, other.caches == caches else { return 0 }
      return other.kind == kind ? 2 : 1
    }
  }

  /// Number of each task's chain.
  private var chains: [Int]
  /// Of those that work in worktrees.
  private var warmths: [TaskID: Warmth]
  private var slots: [Slot] = []
  /// Slot that each chain was in last.
  private var homes: [Int: Int] = [:]
  private var held: [TaskID: Int] = [:]
  /// Counts what is given back.
  private var time = 0
  private var cooled: [Int] = []

  init(_ graph: TaskGraph) {
    chains = graph.chains()
    warmths = Self.warmths(graph)
  }

  private static func warmths(_ graph: TaskGraph) -> [TaskID: Warmth] {
    let workers = graph.tasks.lazy.filter { $0.isolation == .worktree }
    return Dictionary(uniqueKeysWithValues: workers.map { ($0.id, Warmth($0)) })
  }

  /// Goes on with a newer version of the graph, in which every task has the number that it had.
  ///
  /// A chain that was torn apart is at home where the part is that has its first task.
  mutating func change(to graph: TaskGraph) {
    let newer = graph.chains()
    let pairs = zip(chains, newer)
    let renamed = Dictionary(pairs.map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    for slot in slots.indices { slots[slot].chain = renamed[slots[slot].chain] ?? -1 }
    let moved = homes.compactMap { chain, slot in renamed[chain].map { ($0, slot) } }
    homes = Dictionary(moved, uniquingKeysWith: min)
    chains = newer
    warmths = Self.warmths(graph)
  }
}

extension ChainSlots {
  /// What the next attempt of a task finds in its slot; nil if it has to wait until worktrees have gone.
  ///
  /// - Complexity: O(slots in use).
  func keptBytes(for task: TaskID) -> Int64? {
    guard warmths[task] != nil else { return 0 }
    let slot = choice(of: task)
    guard slot < slots.count else { return slots.contains { $0.cooling == .asked } ? nil : 0 }
    return slots[slot].worktreeBytes
  }

  /// Returns the slot of an attempt and the bytes of the worktree that it finds there.
  ///
  /// - Complexity: O(slots in use).
  mutating func take(_ task: TaskID) -> (slot: Int, keptBytes: Int64) {
    let (slot, chain) = (choice(of: task), chains[task.index])
    makeSlots(upTo: slot)
    if homes[slots[slot].chain] == slot { homes[slots[slot].chain] = nil }
    slots[slot].freedAt = nil
    slots[slot].chain = chain
    if let warmth = warmths[task] {
      slots[slot].isWorkedIn = true
      slots[slot].warmth = warmth
    }
    homes[chain] = slot
    held[task] = slot
    return (slot, slots[slot].isWorkedIn ? slots[slot].worktreeBytes : 0)
  }

  private func choice(of task: TaskID) -> Int {
    let warmth = warmths[task]
    // What is being deleted is nobody's to work in.
    let free = slots.indices.filter { index in
      slots[index].isFree && !(warmth != nil && slots[index].cooling == .asked)
    }
    let warm = warmth != nil ? free.filter { slots[$0].worktreeBytes > 0 } : []
    let best = warm.isEmpty ? free : warm
    if let home = homes[chains[task.index]], best.contains(home) { return home }
    func rank(_ slot: Int) -> (Int, Int) {
      (-(warmth?.use(of: slots[slot].warmth) ?? 0), slots[slot].freedAt ?? 0)
    }
    return best.min { rank($0) < rank($1) } ?? slots.count
  }

  private mutating func makeSlots(upTo slot: Int) {
    while slots.count <= slot { slots.append(Slot(freedAt: 0)) }
  }

  mutating func give(from task: TaskID) {
    guard let slot = held.removeValue(forKey: task) else { return }
    time += 1
    slots[slot].freedAt = time
    slots[slot].isWorkedIn = false
  }
}

// MARK: Worktrees

extension ChainSlots {
  /// Of all worktrees that nobody works in.
  var keptBytes: Int64 { slots.reduce(0) { $0 + $1.keptBytes } }

  /// Whether a worktree is on its way out.
  var isCooling: Bool { slots.contains { $0.cooling == .asked } }

  var hasCooled: Bool { !cooled.isEmpty }

  /// The worktree of a slot has so many bytes now; 0: there is none.
  ///
  /// `task` worked in it last; nil where nobody knows.
  mutating func keep(_ bytes: Int64, in slot: Int, by task: TaskID? = nil) {
    makeSlots(upTo: slot)
    slots[slot].worktreeBytes = bytes
    slots[slot].warmth = bytes > 0 ? task.flatMap { warmths[$0] } : nil
    slots[slot].cooling = .no
  }

  /// Asks worktrees to go until as many bytes are free once all that leaves has gone.
  ///
  /// One that the task could go on with is no room for it.
  mutating func makeRoom(_ missing: Int64, for task: TaskID?) {
    let spared = task.flatMap { warmths[$0] != nil ? choice(of: $0) : nil }
    var coming = slots.reduce(0) { $0 + ($1.cooling == .asked ? $1.keptBytes : 0) }
    let candidates = slots.indices.filter { slots[$0].canCool && $0 != spared }
      .sorted { slots[$0].freedAt ?? 0 < slots[$1].freedAt ?? 0 }
    for slot in candidates where coming < missing {
      coming += slots[slot].keptBytes
      slots[slot].cooling = .asked
      cooled.append(slot)
    }
  }

  /// Returns the slots whose worktrees should be deleted since the last call.
  mutating func takeCooled() -> [Int] {
    defer { cooled = [] }
    return cooled
  }

  /// A worktree could not be deleted, and is not asked to go again before somebody has worked in it.
  mutating func stays(in slot: Int) {
    if slots.indices.contains(slot) { slots[slot].cooling = .failed }
  }
}
