import Model
import Planning

/// `cairn plan --json`: a contract, see the README.
///
/// Numbers that do not apply are null, not absent; sizes are bytes, times seconds.
struct PlanReport: Encodable {
  struct Move: Encodable {
    var run: String?
    var spill: String?
    var restore: String?
    var compress: String?
    var expand: String?
  }

  private let study: PlanStudy
  private let comparison: OrderComparison?

  init(_ study: PlanStudy, _ comparison: OrderComparison?) {
    self.study = study
    self.comparison = comparison
  }

  private enum Key: String, CodingKey {
    case cairn, name, tasks, edges, artifacts, products, countsProducts, depth, width, totalBytes
    case guesses, guessBytes
    case peakBytes, peakTask, lowerBoundBytes, boundBy, gap, isOptimal, floorBytes, floorTask
    case keepAllBytes, saving, exponent, rootRatio, rootVerdict, rootReason
    case budgetBytes, spillLimitBytes, spilledBytes, recomputedSeconds, workFactor
    case jobs, makespanSeconds, makespanBoundSeconds, criticalPathSeconds, workSeconds, knownTimes
    case method, movesTried, seed
    case order, footprintBytes, moves, dropped, spilled, compressed, recomputed, compare
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Fact.version, forKey: .cairn)
    try encodeGraph(into: &container)
    try encodeBytes(into: &container)
    try encodeBudget(into: &container)
    try encodeTimes(into: &container)
    try encodeMoves(into: &container)
    try container.encodeIfPresent(comparison?.rows, forKey: .compare)
  }

  private func encodeGraph(into container: inout KeyedEncodingContainer<Key>) throws {
    let statistics = study.input.statistics
    try container.encode(study.input.graph.name, forKey: .name)
    try container.encode(statistics.tasks, forKey: .tasks)
    try container.encode(statistics.edges, forKey: .edges)
    try container.encode(statistics.artifacts, forKey: .artifacts)
    try container.encode(statistics.productCount, forKey: .products)
    try container.encode(study.input.countsProducts, forKey: .countsProducts)
    try container.encode(statistics.depth, forKey: .depth)
    try container.encode(statistics.width, forKey: .width)
    try container.encode(statistics.totalBytes, forKey: .totalBytes)
    try container.encode(study.input.plan.guesses, forKey: .guesses)
    try container.encode(study.input.guessBytes, forKey: .guessBytes)
  }

  private func encodeBytes(into container: inout KeyedEncodingContainer<Key>) throws {
    let peakTask = study.peakPlace.flatMap { study.plan.task(study.steps[$0]) }
    try container.encode(study.plan.peakBytes, forKey: .peakBytes)
    try container.encode(peakTask.map(study.name), forKey: .peakTask)
    try container.encode(study.bound.bytes, forKey: .lowerBoundBytes)
    try container.encode(study.bound.method, forKey: .boundBy)
    try container.encode(study.gap, forKey: .gap)
    try container.encode(study.isProvedOptimal, forKey: .isOptimal)
    try container.encode(study.floor?.bytes ?? 0, forKey: .floorBytes)
    try container.encode(study.floorTask.map(study.name), forKey: .floorTask)
    try container.encode(study.keepAllBytes, forKey: .keepAllBytes)
    try encodeNumbers(study.numbers, into: &container)
  }

  private func encodeNumbers(
    _ numbers: PlanNumbers, into container: inout KeyedEncodingContainer<Key>
  ) throws {
    try container.encode(numbers.saving, forKey: .saving)
    try container.encode(numbers.exponent, forKey: .exponent)
    try container.encode(numbers.rootRatio?.value, forKey: .rootRatio)
    let (verdict, reason): (String, PlanNumbers.Reason?) =
      switch numbers.rootRatio?.verdict {
      case .met: ("met", nil)
      case .missed: ("missed", nil)
      case .notApplicable(let reason): ("notApplicable", reason)
      case nil: ("notApplicable", nil)
      }
    try container.encode(verdict, forKey: .rootVerdict)
    try container.encode(reason, forKey: .rootReason)
  }

  private func encodeBudget(into container: inout KeyedEncodingContainer<Key>) throws {
    let cost = study.plan.moves.cost
    try container.encode(study.limits.bytes, forKey: .budgetBytes)
    try container.encode(study.limits.spillBytes, forKey: .spillLimitBytes)
    try container.encode(cost.spilledBytes, forKey: .spilledBytes)
    let again = study.input.times.isKnown ? cost.recomputedSeconds : nil
    try container.encode(again, forKey: .recomputedSeconds)
    try container.encode(cost.workFactor, forKey: .workFactor)
  }

  private func encodeTimes(into container: inout KeyedEncodingContainer<Key>) throws {
    let isKnown = study.input.times.isKnown
    let path = isKnown ? study.criticalPathSeconds : nil
    let work = isKnown ? study.workSeconds : nil
    try container.encode(study.limits.workers, forKey: .jobs)
    try container.encode(study.makespanSeconds, forKey: .makespanSeconds)
    try container.encode(path, forKey: .criticalPathSeconds)
    try container.encode(work, forKey: .workSeconds)
    try container.encode(study.makespanBoundSeconds, forKey: .makespanBoundSeconds)
    try container.encode(study.input.times.known, forKey: .knownTimes)
  }

  private func encodeMoves(into container: inout KeyedEncodingContainer<Key>) throws {
    try container.encode(study.plan.method, forKey: .method)
    try container.encode(study.plan.movesTried, forKey: .movesTried)
    try container.encode(study.plan.seed, forKey: .seed)
    try container.encode(study.order.map(study.name), forKey: .order)
    try container.encode(study.footprint, forKey: .footprintBytes)
    try container.encode(moves, forKey: .moves)
    try container.encode(study.dropped.map(study.name), forKey: .dropped)
    try container.encode(study.spilled.map(study.name), forKey: .spilled)
    try container.encode(study.compressed.map(study.name), forKey: .compressed)
    try container.encode(study.recomputed.map(study.name), forKey: .recomputed)
  }

  /// nil where the order says it all.
  private var moves: [Move]? {
    guard study.plan.hasEvictions else { return nil }
    return study.steps.map { step in
      if let task = study.plan.task(step) { return Move(run: study.name(task)) }
      return switch study.plan.storeMove(step) {
      case .spill(let key): Move(spill: study.name(key))
      case .restore(let key): Move(restore: study.name(key))
      case .compress(let key, _): Move(compress: study.name(key))
      case .expand(let key): Move(expand: study.name(key))
      case nil: Move()
      }
    }
  }
}
