/// Plays schedules of one plan against one another, and takes the one that ends soonest.
///
/// What starts first, and which order keeps the state safe, are both free to choose: the sequence of
/// starts of a run within the budget is a safe order itself, for its footprint one step at a time is no
/// larger. More room does not always end sooner, nor does the longest path first (Graham's anomalies,
/// 1969), so several are tried: the longest path, the order, and the longest path with its lengths
/// changed at random (a greedy randomised search, Feo and Resende, 1995).
struct ScheduleRace {
  struct Winner {
    /// By step: the smallest starts first.
    var rank: [Int32]
    /// Keeps the state safe.
    var reference: [Int32]
    var makespanSeconds: Double?
  }

  private let flow: Dataflow
  private let order: [Int32]
  /// More orders within the budget.
  private let alternatives: [[Int32]]
  /// By step, as an earlier plan had it.
  private let precedent: [Int32]?
  private let budget: Planner.Budget
  private let claims: StepClaims?
  /// Longest remaining path of each step, itself included, in seconds.
  private let ahead: [Double]
  /// Share by which lengths are changed at most.
  private static let spreads = [0.2, 0.5, 1]

  init(
    _ flow: Dataflow, order: [Int32], alternatives: [[Int32]], precedent: [Int32]? = nil,
    budget: Planner.Budget, claims: StepClaims?
  ) {
    self.flow = flow
    self.order = order
    self.alternatives = alternatives
    self.precedent = precedent
    self.budget = budget
    self.claims = claims
    ahead = ListSchedule.secondsAhead(flow)
  }

  /// - Complexity: O(plays · steps · lookahead · degree · log steps).
  func winner(plays: Int) -> Winner {
    let longest = rank(ahead)
    var best = Winner(rank: precedent ?? longest, reference: order, makespanSeconds: nil)
    guard plays > 0 else { return best }
    if let precedent { race(&best, precedent, order) }
    race(&best, longest, order)
    race(&best, ListSchedule.rank(of: order), order)
    var random = SplitMix64(seed: budget.seed)
    let others: [[Int32]?] = [nil, order, nil] + alternatives.map { $0 }
    for number in stride(from: 2, to: plays, by: 1) {
      let spread = number == 2 ? 0 : Self.spreads[number % Self.spreads.count]
      race(&best, rank(changed(spread, &random)), others[number % others.count] ?? best.reference)
    }
    return best
  }

  /// Whoever starts all that fits, and does not come to stand, has found a sequence that the safe rule
  /// lets through as it is: what is left of it, one step at a time, needs no more than it did.
  private func race(_ best: inout Winner, _ rank: [Int32], _ reference: [Int32]) {
    let limit = budget.bytes ?? .max
    var references = [reference]
    let naive = play(rank, .naive(budgetBytes: limit))
    if naive.makespanSeconds ?? .infinity < best.makespanSeconds ?? .infinity {
      references.append(naive.starts)
    }
    for reference in references {
      let result = play(rank, .safe(budgetBytes: limit, order: reference))
      guard let seconds = result.makespanSeconds else { continue }
      guard seconds < best.makespanSeconds ?? .infinity else { continue }
      best = Winner(rank: rank, reference: result.starts, makespanSeconds: seconds)
    }
  }

  private func play(_ rank: [Int32], _ rule: ListSchedule.Rule) -> ListSchedule.Result {
    ListSchedule.play(
      flow, workers: budget.workers, rank: rank, rule: rule, claims: claims)
  }

  private func changed(_ spread: Double, _ random: inout SplitMix64) -> [Double] {
    ahead.map { length in
      let share = Double(random.next() >> 11) / Double(1 << 53)
      return length * (1 + spread * (2 * share - 1))
    }
  }

  private func rank(_ lengths: [Double]) -> [Int32] {
    let sorted = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    return ListSchedule.rank(of: sorted.map { Int32($0) })
  }
}

extension Plan {
  mutating func take(_ winner: ScheduleRace.Winner) {
    rank = winner.rank
    reference = winner.reference
    makespanSeconds = winner.makespanSeconds
  }
}
