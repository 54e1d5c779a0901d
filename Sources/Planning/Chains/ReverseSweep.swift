/// Plans a dataflow that goes through a chain and then back over its states.
///
/// The forward steps run again as a schedule of checkpoints says; which states stay between two runs
/// follows from who reads them next, so a schedule comes down to a sequence of runs. All other steps
/// keep the order's sequence. The footprint is that of the whole dataflow and not of the chain alone:
/// the slots of `Revolve`, or the bytes of `ChainReversal`, are the most with which it fits.
struct ReverseSweep {
  let flow: Dataflow
  let shape: SweepShape
  let options: EvictionPlanner.Options

  /// Nil if the order holds no sweep.
  init?(_ flow: Dataflow, order: [Int32], options: EvictionPlanner.Options) {
    guard let shape = SweepShape(flow, order: order, isPure: options.isPure) else { return nil }
    self.flow = flow
    self.shape = shape
    self.options = options
  }
}

extension ReverseSweep {
  /// The cheapest plan within the budget and the work cap; nil if neither kind of schedule fits.
  ///
  /// - Complexity: O(log states) expansions of the dataflow, and one `ChainReversal` table.
  func plan() -> MovePlan? {
    let plans = [binomial(), weighted()].compactMap(\.self)
    return plans.min { $0.cost.recomputedSeconds < $1.cost.recomputedSeconds }
  }

  private func binomial() -> MovePlan? {
    let states = shape.forward.count
    let least = Revolve.leastSlots(states: states, workFactor: Self.mostRunsAStep)
    return mostThatFits(from: least, to: states) { Revolve(states: states, slots: $0) }
  }

  /// Schedules that run the steps more often on average are not looked at.
  private static var mostRunsAStep: Double { 32 }

  /// Only for chains whose steps or states differ.
  private func weighted() -> MovePlan? {
    guard !isUniform else { return nil }
    let table = ChainReversal(chain, budgetBytes: options.budgetBytes)
    return mostThatFits(from: 1, to: table.unitCount) { table.actions(units: $0) }
  }

  private var chain: ChainReversal.Chain {
    ChainReversal.Chain(
      bytes: shape.forward.map { flow.outBytes[Int($0)] },
      seconds: shape.forward.dropFirst().map { flow.seconds[Int($0)] })
  }

  private var isUniform: Bool {
    let inner = shape.forward.dropFirst().dropLast().map { Int($0) }
    return Self.isNarrow(inner.map { Double(flow.outBytes[$0]) })
      && Self.isNarrow(inner.map { flow.seconds[$0] })
  }

  /// Whether the values lie within a tenth of each other.
  private static func isNarrow(_ values: [Double]) -> Bool {
    (values.max() ?? 0) <= 1.1 * (values.min() ?? 0)
  }

  /// Halves between the most room and none, for less room means a smaller footprint.
  private func mostThatFits<Actions: Sequence<SweepAction>>(
    from least: Int, to most: Int, _ schedule: (Int) -> Actions?
  ) -> MovePlan? {
    var best: MovePlan?
    var low = least - 1
    var high = most
    while low < high {
      let room = (low + high + 1) / 2
      if let plan = schedule(room).flatMap({ plan($0) }), plan.peakBytes <= options.budgetBytes {
        best = plan
        low = room
      } else {
        high = room - 1
      }
    }
    return best.flatMap { $0.cost.workFactor <= options.workCap ? $0 : nil }
  }

  private func plan(_ actions: some Sequence<SweepAction>) -> MovePlan? {
    try? MovePlan(flow, moves: moves(actions), bytesPerSecond: options.bytesPerSecond)
  }

  /// The moves of a schedule: what stands ahead of the chain's steps runs with their first runs, and
  /// the backward steps run as soon as the states are visited that they need.
  func moves(_ actions: some Sequence<SweepAction>) -> [PlanMove] {
    var moves: [PlanMove] = []
    var ahead = shape.ahead
    var working = 0
    var reached = 0
    var done = 0
    advanceFirst(to: 0)
    for action in actions {
      switch action {
      case .load(let state): working = state
      case .advance(let state):
        for next in (working + 1)...state {
          if next > reached {
            advanceFirst(to: next)
          } else {
            moves.append(.run(shape.forward[next]))
          }
        }
        working = state
      case .visit(let state):
        while done < shape.visits.count, shape.visits[done] >= state {
          moves.append(.run(shape.backward[shape.backward.startIndex + done]))
          done += 1
        }
      case .store, .drop, .write, .read: break
      }
    }
    return moves

    func advanceFirst(to state: Int) {
      while let step = ahead.popFirst() {
        moves.append(.run(step))
        if step == shape.forward[state] { break }
      }
      reached = state
    }
  }
}
