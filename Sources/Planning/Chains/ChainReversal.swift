/// The least seconds for a reverse sweep over a chain whose states and steps differ.
///
/// With x_i kept and m units free, the states x_i … x_(j−1) are visited from the last by
///
///     T(i, j, m) = min over k of W(i, k) + T(k, j, m − s_k) + T(i, k, m)
///
/// where W sums the steps from x_i to x_k, both ends of each of which must fit beside x_i. With a
/// spill store, x_k may be written there instead: D(i, j, m) is the same with x_i on the store, which
/// is read each time that it is needed, and kept if that pays.
///
/// Above `blockLimit` states, neighbouring states form blocks that are cut as one and swept inside by
/// `Revolve`; above `unitLimit` bytes, sizes are rounded up to units. Both keep the plan valid and
/// cost a little of its quality.
///
/// Beaumont et al., "Optimal checkpointing for heterogeneous chains", 2019; Aupy et al., "Optimal
/// Multistage Algorithm for Adjoint Computation", SIAM J. Sci. Comput. 2016, for the second tier.
package struct ChainReversal: Sendable {
  package struct Chain: Sendable {
    /// By state x_0 … x_n.
    package var bytes: [Int64]
    /// By step: from x_i to x_(i+1).
    package var seconds: [Double]
    /// By step: whether it overwrites its state instead of making another beside it.
    package var isInPlace: [Bool]
    package var store: Store?

    package init(
      bytes: [Int64], seconds: [Double], isInPlace: [Bool]? = nil, store: Store? = nil
    ) {
      precondition(!bytes.isEmpty && seconds.count == bytes.count - 1, "a step joins two states")
      self.bytes = bytes
      self.seconds = seconds
      self.isInPlace = isInPlace ?? Array(repeating: false, count: seconds.count)
      self.store = store
    }
  }

  /// Seconds to write each state to the spill store and to read it back.
  package struct Store: Sendable {
    package var write: [Double]
    package var read: [Double]

    package init(write: [Double], read: [Double]) {
      self.write = write
      self.read = read
    }
  }

  /// Units that the budget holds.
  package let unitCount: Int
  let blocks: ChainBlocks
  var kept: ReversalTable
  var stored: ReversalTable?

  /// Fills the tables for all amounts up to a budget.
  ///
  /// - Complexity: O(blocks³ · units): a second for 150 blocks and 256 units.
  package init(_ chain: Chain, budgetBytes: Int64, blockLimit: Int = 150, unitLimit: Int = 256) {
    let unit = max(1, (budgetBytes + Int64(unitLimit) - 1) / Int64(unitLimit))
    let longest = chain.bytes.count <= 200 ? chain.bytes.count : blockLimit
    blocks = ChainBlocks(chain, blockCount: longest, unitBytes: unit)
    unitCount = Int(max(0, budgetBytes) / unit)
    kept = ReversalTable(blockCount: blocks.count, unitCount: unitCount)
    stored = chain.store.map { [blocks, unitCount] _ in
      ReversalTable(blockCount: blocks.count, unitCount: unitCount)
    }
    for length in 1...blocks.count {
      for start in 0...(blocks.count - length) { fill(start, start + length) }
    }
  }
}

extension ChainReversal {
  private mutating func fill(_ start: Int, _ end: Int) {
    if end - start == 1 { fillLeaf(start) }
    for cut in (start + 1)..<max(end, start + 1) {
      let way = Way(
        seconds: blocks.seconds(start, cut), room: blocks.span(start, cut), bytes: blocks.units(cut)
      )
      kept.cut(start, cut, end, way, .keep)
      guard let stored else { continue }
      let write = blocks.writeSeconds(cut) - blocks.readSeconds(cut)
      kept.cut(start, cut, end, way.written(write), .write, behind: stored)
    }
    fillStored(start, end)
  }

  private mutating func fillLeaf(_ block: Int) {
    for (choice, leaf) in blocks.leaves(block).enumerated() where leaf.room <= unitCount {
      for units in leaf.room...unitCount {
        kept.offer(leaf.seconds, .leaf, choice, block, block + 1, units)
      }
    }
  }

  private mutating func fillStored(_ start: Int, _ end: Int) {
    guard var table = stored else { return }
    stored = nil
    let read = blocks.readSeconds(start)
    let own = blocks.units(start)
    for units in 0...unitCount where units >= own {
      table.offer(
        read + kept[start, end, units - own], .load, 0, start, end, units)
    }
    for cut in (start + 1)..<max(end, start + 1) {
      let way = Way(
        seconds: read + blocks.seconds(start, cut), room: blocks.looseSpan(start, cut),
        bytes: blocks.units(cut))
      table.cut(start, cut, end, way, .keep, behind: kept)
      let write = blocks.writeSeconds(cut) - blocks.readSeconds(cut)
      table.cut(start, cut, end, way.written(write), .write)
    }
    stored = table
  }

  /// The least seconds of steps, writes and reads within some units; nil if nothing fits.
  package func seconds(units: Int) -> Double? {
    let best = min(rootKept(units), rootStored(units))
    return best < .infinity ? best : nil
  }

  func rootKept(_ units: Int) -> Double {
    let own = blocks.units(0)
    return units < own ? .infinity : kept[0, blocks.count, units - own]
  }

  func rootStored(_ units: Int) -> Double {
    guard let stored else { return .infinity }
    return blocks.writeSeconds(0) - blocks.readSeconds(0) + stored[0, blocks.count, units]
  }
}

/// The way from one kept state to the next.
struct Way {
  var seconds: Double
  /// Units needed on the way, and by the state at its end while that is kept.
  var room: Int
  var bytes: Int

  func written(_ extra: Double) -> Way { Way(seconds: seconds + extra, room: room, bytes: 0) }
}
