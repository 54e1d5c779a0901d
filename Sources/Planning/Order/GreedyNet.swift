import HeapModule

/// Runs the ready step that adds least: what it makes less what it frees.
///
/// The heap is lazy: who gets cheaper is pushed again, an entry that is out of date is dropped.
///
/// - Complexity: O((steps + uses) · log steps).
struct GreedyNet: Sendable {
  /// Which of the steps that add the same runs first.
  enum Rule: Sendable {
    /// The one that became ready last, or first.
    case newest
    case oldest
    /// Those which add nothing come first, the least footprint in front: the dominance rule, by which
    /// such a step may run at once if it does not raise the peak.
    case safe
  }

  private let flow: DirectedFlow
  private let rule: Rule
  private var set: DownSet
  private var ready = Heap<Entry>()
  private var readySince: [Int32]

  static func order(_ flow: DirectedFlow, _ rule: Rule) -> [Int32] {
    var search = GreedyNet(flow, rule)
    search.run()
    return search.set.steps
  }

  private init(_ flow: DirectedFlow, _ rule: Rule) {
    self.flow = flow
    self.rule = rule
    set = DownSet(flow)
    readySince = Array(repeating: 0, count: flow.count)
  }

  private struct Entry: Comparable {
    var net: Int64
    var start: Int64
    var since: Int32
    var step: Int32

    static func < (a: Entry, b: Entry) -> Bool {
      if a.net != b.net { return a.net < b.net }
      if a.start != b.start { return a.start < b.start }
      return a.since != b.since ? a.since < b.since : a.step < b.step
    }
  }

  private func entry(_ step: Int) -> Entry {
    let start = set.startBytes(step, flow)
    let net = start - flow.scratchBytes[step] - set.freedBytes(step, flow)
    let since = rule == .oldest ? readySince[step] : -readySince[step]
    return Entry(
      net: rule == .safe ? max(0, net) : net, start: start, since: since, step: Int32(step))
  }

  private mutating func run() {
    for step in 0..<flow.count where set.isReady(step) { ready.insert(entry(step)) }
    while let next = ready.popMin() {
      let step = Int(next.step)
      guard set.isReady(step), next == entry(step) else { continue }
      let fresh = freshArtifacts(step)
      set.run(step, flow)
      pushAgain(step, fresh)
    }
  }

  /// Artifacts that this step is the first of several makers of.
  private func freshArtifacts(_ step: Int) -> [Int32] {
    guard flow.isReversed else { return [] }
    return flow.makes[step].filter { !set.isThere[Int($0)] && flow.makers.count(Int($0)) > 1 }
  }

  /// Pushes whoever became ready, or cheaper: the last taker of an artifact, the other makers of one.
  private mutating func pushAgain(_ step: Int, _ fresh: [Int32]) {
    for index in flow.after.range(step) {
      let follower = Int(flow.after.items[index])
      guard set.open[follower] == 0 else { continue }
      readySince[follower] = Int32(set.steps.count)
      ready.insert(entry(follower))
    }
    for index in flow.takes.range(step) {
      let artifact = Int(flow.takes.items[index])
      if set.openTakers[artifact] == 1 { push(flow.takers, artifact) }
    }
    for artifact in fresh { push(flow.makers, Int(artifact)) }
  }

  private mutating func push(_ rows: IndexRows, _ artifact: Int) {
    for index in rows.range(artifact) {
      let step = Int(rows.items[index])
      if set.isReady(step) { ready.insert(entry(step)) }
    }
  }
}
