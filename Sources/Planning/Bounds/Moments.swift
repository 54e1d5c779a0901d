/// Moments that were found to hold little: each shows of some steps that they may start there.
///
/// A moment is a set of finished steps. All questions here are about which of some moments have a
/// property, so that each step has a row of bits, one a moment.
struct Moments: Sendable {
  /// Moments remembered; then the oldest gives way.
  static let limit = 512
  private static let rowWords = limit / 64

  private let flow: Dataflow
  private let words: Int
  /// Takers of an artifact that none of the others must follow.
  private let lastTakers: IndexRows
  private(set) var threshold: Int64
  /// By moment: its steps as bits, and what lies there then.
  private var sets: [UInt64]
  private var bytes: [Int64] = []
  private var next = 0
  /// By step, as bits of moments: it is done there; it may start there and stay below the threshold.
  private var isDone: [UInt64]
  private var mayStart: [UInt64]
  private var isAllowed = Array(repeating: UInt64(0), count: rowWords)
  private(set) var work = 0

  init(_ flow: Dataflow, words: Int, lastTakers: IndexRows, below threshold: Int64) {
    self.flow = flow
    self.words = words
    self.lastTakers = lastTakers
    self.threshold = threshold
    sets = Array(repeating: 0, count: Self.limit * words)
    isDone = Array(repeating: 0, count: flow.count * Self.rowWords)
    mayStart = isDone
  }
}

extension Moments {
  /// Whether the step may start below the threshold, at a moment that is known.
  func hasStart(_ step: Int) -> Bool {
    for word in step * Self.rowWords..<(step + 1) * Self.rowWords where mayStart[word] != 0 {
      return true
    }
    return false
  }

  /// Whether `step` may start with `other` done.
  func hasStart(_ step: Int, behind other: Int) -> Bool {
    for word in 0..<Self.rowWords {
      if mayStart[step * Self.rowWords + word] & isDone[other * Self.rowWords + word] != 0 {
        return true
      }
    }
    return false
  }

  /// Whether `step` may start with `other` not yet done.
  func hasStart(_ step: Int, beforeEndOf other: Int) -> Bool {
    for word in 0..<Self.rowWords {
      if mayStart[step * Self.rowWords + word] & ~isDone[other * Self.rowWords + word] != 0 {
        return true
      }
    }
    return false
  }

  /// Remembers a moment, and of each step whether it may start there.
  ///
  /// - Complexity: O(steps + edges).
  mutating func add(_ set: [UInt64], bytes live: Int64, needs: [Need]) {
    let slot = next
    next = (next + 1) % Self.limit
    if bytes.count < Self.limit { bytes.append(live) } else { bytes[slot] = live }
    for word in 0..<words { sets[slot * words + word] = set[word] }
    let word = slot / 64
    let bit: UInt64 = 1 << (slot % 64)
    isAllowed[word] |= bit
    for step in 0..<flow.count {
      let row = step * Self.rowWords + word
      if Self.has(set, step) { isDone[row] |= bit } else { isDone[row] &= ~bit }
      if isReady(step, set, live) { mayStart[row] |= bit } else { mayStart[row] &= ~bit }
    }
    for need in needs where !Self.has(set, need.first) {
      mayStart[need.second * Self.rowWords + word] &= ~bit
    }
    work += flow.count + needs.count
  }

  private func isReady(_ step: Int, _ set: [UInt64], _ live: Int64) -> Bool {
    !Self.has(set, step) && live + flow.startBytes(step) < threshold
      && flow.predecessors[step].allSatisfy { Self.has(set, Int($0)) }
  }

  private static func has(_ set: [UInt64], _ step: Int) -> Bool {
    set[step >> 6] >> (step & 63) & 1 == 1
  }

  /// Takes what must precede what into account, and maybe another threshold.
  ///
  /// - Complexity: O((steps + edges + needs) · moments / 64 + steps · moments).
  mutating func renew(_ needs: [Need], below threshold: Int64) {
    self.threshold = threshold
    allow(needs)
    for step in 0..<flow.count {
      let row = step * Self.rowWords
      for word in 0..<Self.rowWords { mayStart[row + word] = isAllowed[word] & ~isDone[row + word] }
      for other in flow.predecessors[step] { intersect(step, with: Int(other)) }
    }
    for need in needs { intersect(need.second, with: need.first) }
    for step in 0..<flow.count { keepCheap(step) }
    work += (flow.count * 3 + needs.count * 2) * Self.rowWords / 4
  }

  private mutating func allow(_ needs: [Need]) {
    for word in 0..<Self.rowWords {
      let filled = bytes.count - word * 64
      isAllowed[word] = filled <= 0 ? 0 : filled >= 64 ? .max : 1 << filled - 1
      for need in needs {
        isAllowed[word] &=
          ~(isDone[need.second * Self.rowWords + word] & ~isDone[need.first * Self.rowWords + word])
      }
    }
  }

  private mutating func intersect(_ step: Int, with other: Int) {
    for word in 0..<Self.rowWords {
      mayStart[step * Self.rowWords + word] &= isDone[other * Self.rowWords + word]
    }
  }

  private mutating func keepCheap(_ step: Int) {
    let room = threshold - flow.startBytes(step)
    for word in 0..<Self.rowWords {
      var rest = mayStart[step * Self.rowWords + word]
      while rest != 0 {
        let place = rest.trailingZeroBitCount
        if bytes[word * 64 + place] >= room {
          mayStart[step * Self.rowWords + word] &= ~(1 << place)
        }
        rest &= rest - 1
      }
    }
  }
}

extension Moments {
  /// Makes a moment for `step` of the newest known ones: all of `done` added, all of `open` taken away.
  ///
  /// - Returns: The moment, if it holds so little that the step may start there.
  mutating func adapt(_ step: Int, done: [UInt64], open: [UInt64]) -> (set: [UInt64], bytes: Int64)?
  {
    var set = Array(repeating: UInt64(0), count: words)
    for slot in seeds(step) {
      for word in 0..<words { set[word] = (sets[slot * words + word] | done[word]) & ~open[word] }
      let live = liveBytes(set)
      if live + flow.startBytes(step) < threshold { return (set, live) }
    }
    return nil
  }

  /// A few moments at which the step may start, and the newest ones.
  private func seeds(_ step: Int) -> [Int] {
    var slots: [Int] = []
    for word in 0..<Self.rowWords where slots.count < 4 {
      let row = mayStart[step * Self.rowWords + word]
      if row != 0 { slots.append(word * 64 + row.trailingZeroBitCount) }
    }
    for back in 1...3 where back <= bytes.count {
      slots.append((next + Self.limit - back) % Self.limit)
    }
    return slots
  }

  private mutating func liveBytes(_ set: [UInt64]) -> Int64 {
    var sum: Int64 = 0
    for artifact in 0..<flow.artifactCount where Self.has(set, Int(flow.producer[artifact])) {
      for taker in lastTakers[artifact] where !Self.has(set, Int(taker)) {
        sum += flow.bytes[artifact]
        break
      }
    }
    work += flow.artifactCount / 2
    return sum
  }
}
