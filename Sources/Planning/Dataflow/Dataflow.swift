import HeapModule

/// What each step of a plan makes and takes, in bytes and seconds: the planner's view of a graph.
///
/// Steps and artifacts are numbered densely from 0. An artifact lies in the workspace from the start
/// of its producer to the end of its last consumer; every artifact has a consumer, for what nobody
/// reads is scratch of its producer. What lies there before the first step or stays behind the last
/// is made by a `source` in front of all steps and taken by a `sink` behind them, so that no algorithm
/// needs a special case. Artifacts of 0 bytes count for nothing and are left out.
///
/// Footprint while step v runs behind the steps S: live(S) + out(v) + scratch(v), where live(S) is the
/// sum of the artifacts of S that a step outside S still takes.
package struct Dataflow: Sendable, Equatable {
  /// Expected run time of each step.
  package private(set) var seconds: [Double]
  /// Allocated bytes that a step holds only while it runs; what nobody reads among them.
  package private(set) var scratchBytes: [Int64]
  /// Allocated bytes of each artifact, more than 0.
  package private(set) var bytes: [Int64]
  package private(set) var producer: [Int32]
  /// By artifact: the steps that take it, sorted, without repeats.
  package private(set) var consumers: IndexRows
  /// By step: the artifacts that it takes, and those that it makes, sorted.
  package private(set) var inputs: IndexRows
  package private(set) var outputs: IndexRows
  /// By step: who comes first, whether or not it hands something over, and who comes behind.
  package private(set) var predecessors: IndexRows
  package private(set) var successors: IndexRows
  /// By step: Σ of the artifacts that it makes, and of those that it takes.
  package private(set) var outBytes: [Int64]
  package private(set) var inBytes: [Int64]

  /// A step while a dataflow is put together.
  package struct Step: Sendable {
    package var seconds: Double
    package var scratchBytes: Int64
    /// Who comes first without handing anything over.
    package var after: [Int]

    package init(seconds: Double = 0, scratchBytes: Int64 = 0, after: [Int] = []) {
      self.seconds = seconds
      self.scratchBytes = scratchBytes
      self.after = after
    }
  }

  package struct Artifact: Sendable {
    package var bytes: Int64
    package var producer: Int
    package var consumers: [Int]

    package init(bytes: Int64, producer: Int, consumers: [Int]) {
      self.bytes = bytes
      self.producer = producer
      self.consumers = consumers
    }
  }

  /// Puts steps and artifacts together; the steps must be acyclic.
  ///
  /// - Complexity: O((steps + artifacts + edges) · log degree).
  package init(steps: [Step], artifacts: [Artifact]) {
    seconds = steps.map(\.seconds)
    scratchBytes = steps.map(\.scratchBytes)
    bytes = []
    producer = []
    consumers = IndexRows()
    var before = steps.map(\.after)
    for artifact in artifacts {
      let takers = Self.sorted(artifact.consumers, without: artifact.producer)
      for taker in takers { before[taker].append(artifact.producer) }
      if takers.isEmpty {
        scratchBytes[artifact.producer] += artifact.bytes
      } else if artifact.bytes > 0 {
        bytes.append(artifact.bytes)
        producer.append(Int32(artifact.producer))
        consumers.append(takers)
      }
    }
    inputs = consumers.inverted(count: steps.count)
    outputs = IndexRows(producer.map { [Int($0)] }).inverted(count: steps.count)
    predecessors = IndexRows(
      before.enumerated().map { index, row in Self.sorted(row, without: index) })
    successors = predecessors.inverted(count: steps.count)
    outBytes = []
    inBytes = []
    outBytes = (0..<count).map { step in outputs[step].reduce(0) { $0 + bytes[Int($1)] } }
    inBytes = (0..<count).map { step in inputs[step].reduce(0) { $0 + bytes[Int($1)] } }
  }

  private static func sorted(_ steps: [Int], without own: Int) -> [Int] {
    var row: [Int] = []
    row.reserveCapacity(steps.count)
    for step in steps.sorted() where step != own && step != row.last { row.append(step) }
    return row
  }
}

extension Dataflow {
  /// Steps.
  package var count: Int { seconds.count }
  package var artifactCount: Int { bytes.count }
  /// What keeping everything would hold.
  package var keepAllBytes: Int64 { bytes.reduce(0, +) }

  /// The bytes that a step adds when it starts.
  @inlinable package func startBytes(_ step: Int) -> Int64 { outBytes[step] + scratchBytes[step] }

  /// Returns the steps so that each stands behind all that it needs; ties by number.
  ///
  /// Kahn, "Topological sorting of large networks", 1962: breadth-first.
  ///
  /// - Complexity: O(steps + edges).
  package func topologicalOrder() -> [Int32] {
    var open = (0..<count).map { predecessors.count($0) }
    var order: [Int32] = []
    order.reserveCapacity(count)
    for step in 0..<count where open[step] == 0 { order.append(Int32(step)) }
    var next = 0
    while next < order.count {
      for successor in successors[Int(order[next])] {
        open[Int(successor)] -= 1
        if open[Int(successor)] == 0 { order.append(successor) }
      }
      next += 1
    }
    return order
  }

  /// Returns a topological order that takes, of what is ready, the step of the least rank; ties by
  /// number.
  ///
  /// - Complexity: O(steps · log steps + edges).
  package func order(by rank: [Int]) -> [Int32] {
    var open = (0..<count).map { predecessors.count($0) }
    var ready = Heap<Ranked>()
    for step in 0..<count where open[step] == 0 {
      ready.insert(Ranked(rank: rank[step], step: Int32(step)))
    }
    var order: [Int32] = []
    while let next = ready.popMin() {
      order.append(next.step)
      for successor in successors[Int(next.step)] {
        open[Int(successor)] -= 1
        guard open[Int(successor)] == 0 else { continue }
        ready.insert(Ranked(rank: rank[Int(successor)], step: successor))
      }
    }
    return order
  }

  private struct Ranked: Comparable {
    var rank: Int
    var step: Int32

    static func < (a: Self, b: Self) -> Bool { (a.rank, a.step) < (b.rank, b.step) }
  }

  /// Whether the order holds every step once, each behind its predecessors.
  package func admits(_ order: [Int32]) -> Bool {
    guard order.count == count else { return false }
    var position = Array(repeating: -1, count: count)
    for (place, step) in order.enumerated() {
      guard step >= 0, step < count, position[Int(step)] < 0 else { return false }
      position[Int(step)] = place
    }
    return (0..<count).allSatisfy { step in
      predecessors[step].allSatisfy { position[Int($0)] < position[step] }
    }
  }

  /// Footprint while each step of an order runs alone, in the order's sequence.
  ///
  /// - Complexity: O(steps + uses).
  package func profile(_ order: [Int32]) -> [Int64] {
    var open = (0..<artifactCount).map { Int32(consumers.count($0)) }
    var live: Int64 = 0
    var use: [Int64] = []
    use.reserveCapacity(order.count)
    for step in order.lazy.map({ Int($0) }) {
      live += outBytes[step]
      use.append(live + scratchBytes[step])
      for artifact in inputs[step] {
        open[Int(artifact)] -= 1
        if open[Int(artifact)] == 0 { live -= bytes[Int(artifact)] }
      }
    }
    return use
  }

  /// The largest footprint of an order that is run one step at a time.
  ///
  /// - Complexity: O(steps + uses).
  package func peakBytes(_ order: [Int32]) -> Int64 { profile(order).max() ?? 0 }

  /// The step that needs the most bytes by itself: no order, recompute or spill gets below it.
  ///
  /// - Complexity: O(steps).
  package var floor: (step: Int, bytes: Int64)? {
    (0..<count).map { ($0, inBytes[$0] + startBytes($0)) }
      .max { ($0.1, $1.0) < ($1.1, $0.0) }
  }

  package var totalSeconds: Double { seconds.reduce(0, +) }
}
