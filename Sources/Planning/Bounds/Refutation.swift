/// LB5: tries to show that no order stays below some bytes.
///
/// Suppose that an order stays below T. When a step v starts, the finished steps hold all that must
/// precede v and none of what must follow it; if even the least cut with u among them, and what v
/// starts, comes to T or more, then u is not done when v starts: v precedes u. So must every order
/// below T, and what must precede what grows until a step has no moment left below T, or until no cut
/// says more. Then each step of some set is tried as its first, or its last.
///
/// Proof: every order below T obeys all precedences that were found, and one of the ways that were
/// tried; where each way ends at a step whose every moment holds T or more, there is no such order.
/// Destructive bounds: Klein and Scholl, "Computing lower bounds by destructive improvement", 1999.
struct Refutation {
  /// Steps up to which what precedes what is worth its memory, once for each way tried inside another.
  static let stepLimit = 4_096
  /// Ways tried inside one another.
  static let depthLimit = 256
  /// Ways beside one another, and families looked through for them.
  static let wayLimit = 3
  static let familyLimit = 100
  static let familySizeLimit = 64
  /// Pairs weighed for the next two ways; more cost as much as the ways themselves.
  static let pairLimit = 6

  private(set) var probe: Probe
  private let families: [[Int]]
  /// Steps by falling bytes that they touch.
  private let steps: [Int]
  private let limit: Int
  /// An order below the threshold: there is nothing to refute.
  private(set) var order: [Int32]?

  init(_ probe: Probe, families: [[Int]], steps: [Int], below threshold: Int64, effort: Int) {
    self.probe = probe
    self.families = families
    self.steps = steps
    limit = probe.spent + effort
    self.probe.renew(below: threshold)
    self.probe.stop(at: limit)
  }

  private var isSpent: Bool { probe.spent >= limit }

  /// Whether it was shown that every order comes to the threshold.
  ///
  /// If not, the probe holds what all orders below the threshold obey.
  mutating func run() -> Bool { refute(depth: 0) }

  private mutating func refute(depth: Int) -> Bool {
    guard propagate() else { return true }
    guard !isSpent, depth < Self.depthLimit, !complete(), let ways = choice() else { return false }
    let precedence = probe.precedence
    let needs = probe.needs.count
    for way in ways {
      for need in way { probe.put(need.first, before: need.second) }
      let isRefuted = refute(depth: depth + 1)
      probe.restore(precedence, needs: needs)
      guard isRefuted else { return false }
    }
    return true
  }

  private mutating func complete() -> Bool {
    var completion = Completion(probe.flow, below: probe.threshold)
    order = completion.order(probe.needs)
    return order != nil
  }
}

extension Refutation {
  /// Finds what must precede what until no cut says more; false if a step has no moment left.
  private mutating func propagate() -> Bool {
    var isSettled = false
    while !isSettled, !isSpent {
      isSettled = true
      probe.renew(below: probe.threshold)
      for step in steps where !isSpent {
        if !probe.moments.hasStart(step), !probe.mayStart(step) { return false }
        let before = probe.needs.count
        seek(step, among: Array(0..<probe.flow.count), isDone: true)
        seek(step, among: Array(0..<probe.flow.count), isDone: false)
        if probe.needs.count > before { isSettled = false }
      }
    }
    return true
  }

  /// Finds whom the step must precede, because it cannot start with them done; or else must follow.
  ///
  /// Where all can be done at one moment, none of them needs a moment of its own.
  private mutating func seek(_ step: Int, among others: [Int], isDone: Bool) {
    probe.charge(others.count)
    let rest = others.filter { isInQuestion($0, for: step, isDone: isDone) }
    guard let first = rest.first, !isSpent else { return }
    if rest.count == 1 {
      if isDone, !probe.mayStart(step, done: rest) { probe.put(step, before: first) }
      if !isDone, !probe.mayStart(step, open: rest) { probe.put(first, before: step) }
    } else if !probe.showsStart(step, done: isDone ? rest : [], open: isDone ? [] : rest) {
      let half = rest.count / 2
      seek(step, among: Array(rest[..<half]), isDone: isDone)
      seek(step, among: Array(rest[half...]), isDone: isDone)
    }
  }

  private func isInQuestion(_ other: Int, for step: Int, isDone: Bool) -> Bool {
    if other == step || probe.areBound(step, other) { return false }
    return isDone
      ? !probe.moments.hasStart(step, behind: other)
      : !probe.moments.hasStart(step, beforeEndOf: other)
  }
}

extension Refutation {
  /// The ways to go on of which every order takes one; none at all refutes.
  private mutating func choice() -> [[Need]]? {
    var family: [[Need]]?
    for members in families where !isSpent {
      for isFirst in [true, false] {
        let most = (family?.count ?? Self.wayLimit + 1) - 1
        guard let ways = ways(members, isFirst: isFirst, atMost: most) else { continue }
        if ways.count < 2 { return ways }
        family = ways
      }
      if family?.count == 2 { break }
    }
    guard let (pair, bytes) = pair() else { return family }
    guard let family else { return pair }
    let least = family.map { way in
      way.map { leastBytes($0.first, before: $0.second) }.max() ?? 0
    }.min()
    return least ?? 0 > bytes ? family : pair
  }

  /// Who of the steps may be the first of them, or the last; nil if they are too many, or it is known.
  private mutating func ways(_ members: [Int], isFirst: Bool, atMost most: Int) -> [[Need]]? {
    var ways: [[Need]] = []
    for step in members where !isSpent {
      let others = members.filter { $0 != step }
      let mustWait = others.contains {
        isFirst ? probe.precedence.precedes($0, step) : probe.precedence.precedes(step, $0)
      }
      if mustWait { continue }
      if others.allSatisfy({ probe.areBound(step, $0) }) { return nil }
      let may =
        isFirst ? probe.mayStart(step, open: others) : probe.mayStart(step, done: others)
      guard may else { continue }
      if ways.count == most { return nil }
      ways.append(
        others.map { isFirst ? Need(first: step, second: $0) : Need(first: $0, second: step) })
    }
    return isSpent ? nil : ways
  }

  /// Two heavy steps that both ways round raise the least footprint the most, and that footprint.
  private mutating func pair() -> (ways: [[Need]], bytes: Int64)? {
    var best: (bytes: (Int64, Int64), ways: [[Need]])?
    var tried = 0
    for (place, v) in steps.enumerated() {
      for u in steps.prefix(place) where !probe.areBound(u, v) {
        if isSpent { return nil }
        let ahead = leastBytes(u, before: v)
        let back = leastBytes(v, before: u)
        let bytes = (min(ahead, back), max(ahead, back))
        if best.map({ $0.bytes < bytes }) ?? true {
          let ways = [[Need(first: u, second: v)], [Need(first: v, second: u)]]
          best = (bytes, ahead > back ? ways : ways.reversed())
        }
        tried += 1
        if tried == Self.pairLimit { return best.map { ($0.ways, $0.bytes.0) } }
      }
    }
    return best.map { ($0.ways, $0.bytes.0) }
  }

  private mutating func leastBytes(_ u: Int, before v: Int) -> Int64 {
    max(
      probe.leastBytes(v, done: [u], enough: probe.threshold),
      probe.leastBytes(u, open: [v], enough: probe.threshold))
  }
}
