import Model

/// Which slot an attempt gets: that of its chain if it is free, for what a chain leaves warm is its own.
///
/// Others get the slot that was given back longest ago, which its chain will hardly come back to; a new
/// one is made only when all are held, so there are never more than jobs.
struct ChainSlots: Sendable {
  private struct Slot: Sendable {
    /// nil while it is held.
    var freedAt: Int?
    var chain: Int
  }

  /// Number of each task's chain.
  private let chains: [Int]
  private var slots: [Slot] = []
  /// Slot that each chain was in last.
  private var homes: [Int: Int] = [:]
  /// Counts what is given back.
  private var time = 0

  init(_ graph: TaskGraph) { chains = graph.chains() }

  /// - Complexity: O(slots in use).
  mutating func take(_ task: TaskID) -> Int {
    let chain = chains[task.index]
    let slot = choice(of: chain)
    if slot == slots.count { slots.append(Slot(chain: chain)) }
    if homes[slots[slot].chain] == slot { homes[slots[slot].chain] = nil }
    slots[slot] = Slot(chain: chain)
    homes[chain] = slot
    return slot
  }

  private func choice(of chain: Int) -> Int {
    if let home = homes[chain], slots[home].freedAt != nil { return home }
    let free = slots.indices.filter { slots[$0].freedAt != nil }
    return free.min { slots[$0].freedAt ?? 0 < slots[$1].freedAt ?? 0 } ?? slots.count
  }

  mutating func give(_ slot: Int) {
    time += 1
    slots[slot].freedAt = time
  }
}
