/// Asks whether a step may start at a moment that stays below a threshold.
///
/// Moments that are known answer first, as they are or with some steps more or less done; a flow
/// answers the rest, and leaves another moment behind.
struct Probe: Sendable {
  let flow: Dataflow
  private(set) var precedence: Precedence
  /// What was put into the precedence.
  private(set) var needs: [Need] = []
  private(set) var moments: Moments
  private var live: LeastLive
  private let baseArcs: Int
  /// The step that was asked for last, and the one whose flow was kept.
  private var lastStep: Int?
  private var keptStep: Int?
  private var done: [UInt64]
  private var open: [UInt64]
  private var work = 0

  /// - Complexity: O(edges + uses), and steps² / 64 bytes.
  init(_ flow: Dataflow, _ precedence: Precedence, below threshold: Int64) {
    self.flow = flow
    self.precedence = precedence
    live = LeastLive(flow, precedence: precedence)
    baseArcs = live.arcCount
    done = Array(repeating: 0, count: precedence.words)
    open = done
    moments = Moments(
      flow, words: precedence.words, lastTakers: LeastLive.lastTakers(flow, precedence),
      below: threshold)
  }

  var threshold: Int64 { moments.threshold }

  /// What was spent so far: arcs visited, and as many words of bits as cost the same.
  var spent: Int { live.visits + moments.work + work }

  /// Lets flows go on until this much is spent; one that is stopped says that a step may start.
  mutating func stop(at limit: Int) {
    live.visitLimit = live.visits + max(0, limit - spent)
  }

  /// Spends on work that is done outside.
  mutating func charge(_ visits: Int) { work += visits }
}

extension Probe {
  /// Takes what was put, and maybe another threshold, into account of what is known.
  mutating func renew(below threshold: Int64) {
    moments.renew(needs, below: threshold)
    keptStep = nil
  }

  /// From now on only moments count at which `second` is not done before `first`.
  mutating func put(_ first: Int, before second: Int) {
    precedence.put(first, before: second)
    needs.append(Need(first: first, second: second))
    live.need(first, before: second)
    work += flow.count * precedence.words / 8
  }

  /// Takes back all needs but the first `count`, of which the precedence was `old`.
  mutating func restore(_ old: Precedence, needs count: Int) {
    precedence = old
    needs.removeLast(needs.count - count)
    live.forgetNeeds(downTo: baseArcs + count)
    renew(below: threshold)
  }

  func areBound(_ u: Int, _ v: Int) -> Bool {
    precedence.precedes(u, v) || precedence.precedes(v, u)
  }
}

extension Probe {
  /// Whether the step may start below the threshold, with some steps done and others not yet.
  mutating func mayStart(_ step: Int, done others: [Int] = [], open later: [Int] = []) -> Bool {
    showsStart(step, done: others, open: later)
      || footprint(step, enough: threshold, mayGoOn: true) < threshold
  }

  /// Whether a known moment shows that the step may start so; asks no flow.
  mutating func showsStart(_ step: Int, done others: [Int] = [], open later: [Int] = []) -> Bool {
    mark(step, others, later)
    guard let (set, bytes) = moments.adapt(step, done: done, open: open) else { return false }
    moments.add(set, bytes: bytes, needs: needs)
    return true
  }

  /// The least footprint while the step runs, exact below `enough`.
  mutating func leastBytes(
    _ step: Int, done others: [Int] = [], open later: [Int] = [], enough: Int64
  ) -> Int64 {
    mark(step, others, later)
    return footprint(step, enough: enough, mayGoOn: false)
  }

  private mutating func mark(_ step: Int, _ others: [Int], _ later: [Int]) {
    let words = precedence.words
    for word in 0..<words {
      done[word] = precedence.before[step * words + word]
      open[word] = precedence.behind[step * words + word]
      for other in others { done[word] |= precedence.before[other * words + word] }
      for other in later { open[word] |= precedence.behind[other * words + word] }
    }
    work += words * (others.count + later.count) / 4
  }

  /// A step that is asked for again and again goes on from its own flow.
  private mutating func footprint(_ step: Int, enough: Int64, mayGoOn: Bool) -> Int64 {
    let start = flow.startBytes(step)
    if mayGoOn, lastStep == step, keptStep != step {
      keepFlow(of: step, enough: enough - start)
    }
    lastStep = step
    live.setRoles(done: done, open: open)
    let bytes = live.bytes(enough: enough - start, goingOn: mayGoOn && keptStep == step)
    if live.isExact { remember(bytes) }
    return bytes + start
  }

  private mutating func keepFlow(of step: Int, enough: Int64) {
    let asked = (done, open)
    mark(step, [], [])
    live.setRoles(done: done, open: open)
    _ = live.bytes(enough: enough)
    live.keepFlow()
    keptStep = step
    (done, open) = asked
  }

  private mutating func remember(_ bytes: Int64) {
    var set = Array(repeating: UInt64(0), count: precedence.words)
    for step in 0..<flow.count where live.isFinished(step) { set[step >> 6] |= 1 << (step & 63) }
    moments.add(set, bytes: bytes, needs: needs)
  }
}

/// A precedence that the graph does not have by itself.
struct Need: Sendable {
  var first: Int
  var second: Int
}
