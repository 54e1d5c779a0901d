/// A sequence of moves as a dataflow of its own.
///
/// Its steps are the moves and its artifacts are the stays of artifacts in the workspace, so that
/// footprint, safe-state admission and parallel simulation need no special case for evictions.
///
/// A stay begins with a run of its producer or with a restore, and ends with the last move that takes
/// it: the runs that read it, and a spill. Readers take the newest instance made before them, so an
/// instance that is made again or restored leaves behind its last reader before that; drops are
/// implied and no moves. A compress ends the stay of the whole and begins one of the compressed form,
/// which an expand ends as it begins one of the whole again: both lie there while either is made. A recompute comes behind all that waited for the run before it, and in front of
/// all that has not begun by then. It makes all outputs of its step; those that nobody takes before
/// the next instance are scratch of the move. A restore needs its artifact's spill and nothing else,
/// and an artifact is spilled once: what was written is not written again.
package struct MovePlan: Sendable, Equatable {
  package let moves: [PlanMove]
  /// Step i is move i: the identity order is the plan's sequence.
  package let flow: Dataflow
  /// By artifact of `flow`: whose stay it is.
  package let stays: [Int32]
  /// By artifact of `flow`: whether only the compressed form stays.
  package let isCompressed: [Bool]
  package let cost: Cost

  /// What a plan costs beyond one run of each step.
  package struct Cost: Sendable, Equatable {
    /// Bytes written to the spill file system, all of which stay there to the end.
    package var spilledBytes: Int64 = 0
    package var recomputedSeconds = 0.0
    /// Seconds of writing and reading back, and of compressing and expanding.
    package var transferSeconds = 0.0
    /// Bytes of artifacts that are compressed, once for each time.
    package var compressedBytes: Int64 = 0
    /// Executed seconds of steps over those of one run each; 1 when nothing takes time.
    package var workFactor = 1.0

    package init() {}
  }

  /// Why a sequence of moves is no plan.
  package enum Problem: Error, Equatable {
    case artifactAway(move: Int, artifact: Int)
    case notSpilled(move: Int, artifact: Int)
    case spilledTwice(move: Int, artifact: Int)
    /// Nobody knows how large its compressed form is.
    case incompressible(move: Int, artifact: Int)
    case notCompressed(move: Int, artifact: Int)
    /// A step that must come first has not run yet.
    case early(move: Int, predecessor: Int)
    case neverRun(step: Int)
  }

  /// Follows the moves through a dataflow.
  ///
  /// - Parameters:
  ///   - flow: What the moves run, spill and restore.
  ///   - moves: In the sequence in which they are carried out.
  ///   - bytesPerSecond: Of writing to and of reading from the spill file system.
  ///   - compressedBytes: By artifact of `flow`, of its compressed form; 0 where nobody knows. Empty:
  ///     nobody knows any.
  /// - Throws: The first move that cannot be carried out, or a step that never runs.
  /// - Complexity: O((steps + moves + uses) · log degree).
  package init(
    _ flow: Dataflow, moves: [PlanMove], bytesPerSecond: Double = .infinity,
    compressedBytes: [Int64] = []
  ) throws(Problem) {
    var expansion = Expansion(
      flow, bytesPerSecond: bytesPerSecond, compressedBytes: compressedBytes)
    for (place, move) in moves.enumerated() { try expansion.append(move, at: place) }
    try expansion.finish()
    self.moves = moves
    self.flow = Dataflow(steps: expansion.steps, artifacts: expansion.stays)
    let kept = expansion.stays.indices.filter { index in
      expansion.stays[index].bytes > 0 && !expansion.stays[index].consumers.isEmpty
    }
    stays = kept.map { expansion.artifacts[$0] }
    isCompressed = kept.map { expansion.isCompressed[$0] }
    cost = expansion.cost
  }
}

extension MovePlan {
  /// The plan's sequence as an order of `flow`.
  package var order: [Int32] { (0..<Int32(moves.count)).map { $0 } }

  /// The largest footprint while the moves are carried out one at a time.
  package var peakBytes: Int64 { flow.peakBytes(order) }
}

/// The moves so far, while a plan's dataflow is put together.
private struct Expansion {
  let flow: Dataflow
  let bytesPerSecond: Double
  let compressedBytes: [Int64]
  var steps: [Dataflow.Step] = []
  var stays: [Dataflow.Artifact] = []
  var artifacts: [Int32] = []
  /// By stay.
  var isCompressed: [Bool] = []
  var cost = MovePlan.Cost()
  /// By artifact: the stay that readers take now, and the move that spilled it; -1 if there is none.
  private var newest: [Int]
  private var spill: [Int]
  /// By artifact: the stay of its compressed form; -1 if there is none.
  private var packed: [Int]
  /// By step: its first and its last run so far.
  private var firstRun: [Int]
  private var lastRun: [Int]

  init(_ flow: Dataflow, bytesPerSecond: Double, compressedBytes: [Int64]) {
    self.flow = flow
    self.bytesPerSecond = bytesPerSecond
    self.compressedBytes = compressedBytes
    newest = Array(repeating: -1, count: flow.artifactCount)
    spill = newest
    packed = newest
    firstRun = Array(repeating: -1, count: flow.count)
    lastRun = firstRun
  }

  mutating func append(_ move: PlanMove, at place: Int) throws(MovePlan.Problem) {
    switch move {
    case .run(let step): try run(Int(step), at: place)
    case .spill(let artifact): try spill(Int(artifact), at: place)
    case .restore(let artifact): try restore(Int(artifact), at: place)
    case .compress(let artifact): try compress(Int(artifact), at: place)
    case .expand(let artifact): try expand(Int(artifact), at: place)
    }
  }

  private mutating func run(_ step: Int, at place: Int) throws(MovePlan.Problem) {
    var after: [Int] = []
    if firstRun[step] < 0 {
      for predecessor in flow.predecessors[step] {
        guard firstRun[Int(predecessor)] >= 0 else {
          throw .early(move: place, predecessor: Int(predecessor))
        }
        // While a task is made again, what waits for it waits on.
        after.append(lastRun[Int(predecessor)])
      }
      firstRun[step] = place
    } else {
      after.append(lastRun[step])
      for artifact in flow.outputs[step] { after += readers(of: Int(artifact)) }
      for successor in flow.successors[step] where firstRun[Int(successor)] >= 0 {
        after.append(firstRun[Int(successor)])
      }
      cost.recomputedSeconds += flow.seconds[step]
    }
    lastRun[step] = place
    steps.append(
      Dataflow.Step(
        seconds: flow.seconds[step], scratchBytes: flow.scratchBytes[step], after: after))
    for artifact in flow.inputs[step] { try take(Int(artifact), at: place) }
    for artifact in flow.outputs[step] { make(Int(artifact), at: place) }
  }

  private mutating func spill(_ artifact: Int, at place: Int) throws(MovePlan.Problem) {
    guard spill[artifact] < 0 else { throw .spilledTwice(move: place, artifact: artifact) }
    // On the disk there is one place for all stays of an artifact: who still reads it comes first.
    steps.append(Dataflow.Step(seconds: transfer(artifact), after: readers(of: artifact)))
    try take(artifact, at: place)
    newest[artifact] = -1
    spill[artifact] = place
    cost.spilledBytes += flow.bytes[artifact]
  }

  private mutating func restore(_ artifact: Int, at place: Int) throws(MovePlan.Problem) {
    guard spill[artifact] >= 0 else { throw .notSpilled(move: place, artifact: artifact) }
    steps.append(Dataflow.Step(seconds: transfer(artifact), after: [spill[artifact]]))
    make(artifact, at: place)
  }

  private mutating func compress(_ artifact: Int, at place: Int) throws(MovePlan.Problem) {
    let bytes = compressedBytes.isEmpty ? 0 : compressedBytes[artifact]
    guard bytes > 0 else { throw .incompressible(move: place, artifact: artifact) }
    steps.append(
      Dataflow.Step(
        seconds: last(CompressionPace.compressedPerSecond, artifact), after: readers(of: artifact)))
    try take(artifact, at: place)
    newest[artifact] = -1
    packed[artifact] = stays.count
    begin(artifact, bytes: bytes, isCompressed: true, at: place)
    cost.compressedBytes += flow.bytes[artifact]
  }

  private mutating func expand(_ artifact: Int, at place: Int) throws(MovePlan.Problem) {
    let form = packed[artifact]
    guard form >= 0 else { throw .notCompressed(move: place, artifact: artifact) }
    steps.append(Dataflow.Step(seconds: last(CompressionPace.expandedPerSecond, artifact)))
    stays[form].consumers.append(place)
    packed[artifact] = -1
    make(artifact, at: place)
  }

  /// Moves that take the newest stay of an artifact.
  private func readers(of artifact: Int) -> [Int] {
    newest[artifact] < 0 ? [] : stays[newest[artifact]].consumers
  }

  private mutating func take(_ artifact: Int, at place: Int) throws(MovePlan.Problem) {
    guard newest[artifact] >= 0 else { throw .artifactAway(move: place, artifact: artifact) }
    stays[newest[artifact]].consumers.append(place)
  }

  private mutating func make(_ artifact: Int, at place: Int) {
    newest[artifact] = stays.count
    begin(artifact, bytes: flow.bytes[artifact], isCompressed: false, at: place)
  }

  private mutating func begin(_ artifact: Int, bytes: Int64, isCompressed: Bool, at place: Int) {
    artifacts.append(Int32(artifact))
    self.isCompressed.append(isCompressed)
    stays.append(Dataflow.Artifact(bytes: bytes, producer: place, consumers: []))
  }

  private mutating func transfer(_ artifact: Int) -> Double { last(bytesPerSecond, artifact) }

  private mutating func last(_ bytesPerSecond: Double, _ artifact: Int) -> Double {
    let seconds = Double(flow.bytes[artifact]) / bytesPerSecond
    cost.transferSeconds += seconds
    return seconds
  }

  mutating func finish() throws(MovePlan.Problem) {
    if let step = firstRun.firstIndex(where: { $0 < 0 }) { throw .neverRun(step: step) }
    let total = flow.totalSeconds
    if total > 0 { cost.workFactor = 1 + cost.recomputedSeconds / total }
  }
}
