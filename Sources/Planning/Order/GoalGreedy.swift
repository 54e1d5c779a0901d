/// Runs what a goal lacks, goal after goal: takers of what lies there, and the next step of an order.
///
/// What a goal lacks is simulated: how high it goes (hill) and what it leaves (net). Of the goals that
/// leave nothing more the least hill comes first, else the largest fall from hill to net, as in Liu's
/// merge of siblings; but before all, who raises the peak least.
struct GoalGreedy: Sendable {
  /// What of two goals that leave something is better.
  enum Rule: Sendable {
    case largestFall
    case leastNet
  }

  private struct Score: Comparable {
    var leavesMore: Bool
    var overshoot: Int64
    var size: Int64
    var count: Int

    static func < (a: Score, b: Score) -> Bool {
      if a.leavesMore != b.leavesMore { return b.leavesMore }
      if a.overshoot != b.overshoot { return a.overshoot < b.overshoot }
      return a.size != b.size ? a.size < b.size : a.count < b.count
    }
  }

  private let flow: DirectedFlow
  private let rule: Rule
  /// An order, to break ties by and to begin anew with.
  private let base: [Int32]
  private let rank: [Int32]
  private var set: DownSet
  /// What lies there, by last touch.
  private var touched: RecencyList
  private var nextOfBase = 0
  private var effort: Int
  private var turn: Int32 = 0
  private var stepTurn: [Int32]
  private var artifactTurn: [Int32]
  private var left: [Int32]
  private var cone: [Int32] = []
  private var bestCone: [Int32] = []
  private var best: Score?
  private static let goalsAtOnce = 64
  private static let longestCone = 4_000

  /// An order, or nil when it takes more effort (steps looked at) than allowed.
  static func order(_ flow: DirectedFlow, base: [Int32], _ rule: Rule, effort: Int) -> [Int32]? {
    var search = GoalGreedy(flow, base, rule, effort)
    while search.set.steps.count < flow.count {
      search.choose()
      guard search.effort > 0 else { return nil }
      for step in search.bestCone { search.run(Int(step)) }
    }
    return search.set.steps
  }

  private init(_ flow: DirectedFlow, _ base: [Int32], _ rule: Rule, _ effort: Int) {
    self.flow = flow
    self.base = base
    self.rule = rule
    self.effort = effort
    rank = positions(base)
    set = DownSet(flow)
    touched = RecencyList(count: flow.bytes.count)
    stepTurn = Array(repeating: 0, count: flow.count)
    artifactTurn = Array(repeating: 0, count: flow.bytes.count)
    left = Array(repeating: 0, count: flow.bytes.count)
  }

  private mutating func choose() {
    best = nil
    for goal in goals() { consider(goal) }
    guard best.map({ $0.leavesMore }) ?? true else { return }
    while set.hasRun[Int(base[nextOfBase])] { nextOfBase += 1 }
    let fresh = base[nextOfBase]
    let follower = flow.after[Int(fresh)].min { rank[Int($0)] < rank[Int($1)] }
    consider(follower ?? fresh)
    if best == nil { consider(fresh) }
    if best == nil { bestCone = [set.isReady(Int(fresh)) ? fresh : firstReady()] }
  }

  /// A ready step, when even the next one of the base lacks too much.
  private func firstReady() -> Int32 {
    base[nextOfBase...].first { set.isReady(Int($0)) } ?? base[nextOfBase]
  }

  /// Takers of what was touched last.
  private mutating func goals() -> [Int32] {
    turn += 1
    var goals: [Int32] = []
    var artifact = touched.first
    while artifact >= 0, goals.count < Self.goalsAtOnce {
      for index in flow.takers.range(Int(artifact)) {
        let taker = flow.takers.items[index]
        guard !set.hasRun[Int(taker)], stepTurn[Int(taker)] != turn else { continue }
        stepTurn[Int(taker)] = turn
        goals.append(taker)
        if goals.count == Self.goalsAtOnce { break }
      }
      artifact = touched.next(artifact)
    }
    return goals
  }

  private mutating func consider(_ goal: Int32) {
    guard effort > 0, collect(goal) else { return }
    cone.sort { rank[Int($0)] < rank[Int($1)] }
    effort -= cone.count
    let score = simulate()
    if best.map({ score < $0 }) ?? true {
      best = score
      swap(&cone, &bestCone)
    }
  }

  /// What a goal lacks, itself included, unless it is too much.
  private mutating func collect(_ goal: Int32) -> Bool {
    turn += 1
    cone.removeAll(keepingCapacity: true)
    cone.append(goal)
    stepTurn[Int(goal)] = turn
    var next = 0
    while next < cone.count {
      for index in flow.before.range(Int(cone[next])) {
        let step = flow.before.items[index]
        guard !set.hasRun[Int(step)], stepTurn[Int(step)] != turn else { continue }
        stepTurn[Int(step)] = turn
        cone.append(step)
      }
      next += 1
      if cone.count > Self.longestCone { return false }
    }
    return true
  }

  private mutating func simulate() -> Score {
    turn += 1
    var live: Int64 = 0
    var hill: Int64 = 0
    for step in cone.lazy.map({ Int($0) }) {
      for index in flow.makes.range(step) {
        let artifact = Int(flow.makes.items[index])
        guard !set.isThere[artifact] else { continue }
        if artifactTurn[artifact] != turn { live += flow.bytes[artifact] }
        meet(artifact)
      }
      hill = max(hill, live + flow.scratchBytes[step])
      for index in flow.takes.range(step) {
        let artifact = Int(flow.takes.items[index])
        meet(artifact)
        left[artifact] -= 1
        if left[artifact] == 0 { live -= flow.bytes[artifact] }
      }
    }
    let size = live <= 0 ? hill : rule == .largestFall ? live - hill : live
    return Score(
      leavesMore: live > 0, overshoot: max(0, set.live + hill - set.peak), size: size,
      count: cone.count)
  }

  private mutating func meet(_ artifact: Int) {
    guard artifactTurn[artifact] != turn else { return }
    artifactTurn[artifact] = turn
    left[artifact] = set.openTakers[artifact]
  }

  private mutating func run(_ step: Int) {
    set.run(step, flow)
    for index in flow.makes.range(step) { touched.touch(flow.makes.items[index]) }
    for index in flow.takes.range(step) {
      let artifact = flow.takes.items[index]
      if set.openTakers[Int(artifact)] == 0 {
        touched.remove(artifact)
      } else {
        touched.touch(artifact)
      }
    }
  }
}
