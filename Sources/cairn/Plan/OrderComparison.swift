import Planning

/// What orders hold at their peak that a runner without a planner would take.
struct OrderComparison {
  struct Row: Encodable {
    /// As in `breadthFirst`.
    var order: String
    /// In words.
    var title: String
    var peakBytes: Int64

    private enum CodingKeys: String, CodingKey { case order, peakBytes }
  }

  /// Random orders of which the mean is taken.
  static let randomOrders: UInt64 = 5

  let rows: [Row]

  /// - Complexity: O((steps + uses) · log steps).
  init(_ study: PlanStudy) {
    let flow = study.input.plan.flow
    func row(_ name: String, _ title: String, _ order: SimpleOrder) -> Row {
      Row(order: name, title: title, peakBytes: flow.peakBytes(order.order(flow)))
    }
    rows = [
      Row(
        order: "keepEverything", title: "keep everything", peakBytes: study.keepAllBytes),
      row("breadthFirst", "breadth-first", .breadthFirst),
      row("fifo", "first in, first out", .fifo),
      Row(
        order: "random", title: "random (mean of \(Self.randomOrders))",
        peakBytes: Self.meanOfRandom(flow, seed: study.limits.seed)),
      row("depthFirst", "depth-first", .depthFirst),
      row("smallest", "smallest first", .smallest),
      row("greedyNet", "least added first", .greedyNet),
      Row(order: "cairn", title: "Cairn", peakBytes: study.plan.peakBytes),
    ]
  }

  private static func meanOfRandom(_ flow: Dataflow, seed: UInt64) -> Int64 {
    let peaks = (0..<randomOrders).map { offset in
      Double(flow.peakBytes(SimpleOrder.random(seed: seed &+ offset).order(flow)))
    }
    return Int64((peaks.reduce(0, +) / Double(randomOrders)).rounded())
  }
}
