package import Model

/// A simulated run to be read like any other; its facts are made when somebody asks for them.
///
/// The newest are kept. Whoever goes back further has the run played again from its beginning, which
/// gives the same facts.
package actor SimulatedRun: RunSource {
  /// Facts behind the one that was asked for last; twice as many before half of them go.
  static let keptFacts = 65_536
  private static let batch = 4_096
  package static let refusal = "this is a simulation; nothing runs here"

  private let beginning: Simulation
  private var simulation: Simulation
  /// Facts from number `first` on.
  private var facts: [Fact] = []
  private var first = 1
  private var isOver = false
  private var tally = Tally()
  /// What the run came to; nil before it was played to its end for the first time.
  package private(set) var result: Tally?

  /// What became of a run, in numbers.
  package struct Tally: Sendable, Equatable {
    package var counts = TaskCounts()
    package var attempts = 0
    package var seconds = 0.0
    /// How often an attempt stood still for want of room in the workspace.
    package var standstills = 0
    /// Attempts that were given up, so that others could go on.
    package var givenUp = 0
    /// Most bytes that ever lay in the workspace, those of growing artifacts included.
    package var peakBytes: Int64 = 0
    /// nil while it goes on, and when it waits for a person.
    package var closed: Fact.RunClosed?
  }

  package init(_ simulation: Simulation) {
    beginning = simulation
    self.simulation = simulation
  }
}

extension SimulatedRun {
  package func facts(after sequence: Int) async -> [Fact] {
    if sequence + 1 < first { restart() }
    while first + facts.count <= sequence + 1, !isOver, !Task.isCancelled {
      forget(before: sequence + 1)
      play()
    }
    let start = sequence + 1 - first
    guard facts.indices.contains(start) else { return [] }
    return Array(facts[start..<min(facts.count, start + Self.batch)])
  }

  private func restart() {
    simulation = beginning
    (facts, first, isOver, tally) = ([], 1, false, Tally())
  }

  private func forget(before sequence: Int) {
    guard facts.count > 2 * Self.keptFacts else { return }
    let count = min(facts.count - Self.keptFacts, sequence - first)
    guard count > 0 else { return }
    facts.removeFirst(count)
    first += count
  }

  private func play() {
    let known = facts.count
    isOver = !simulation.play { facts += $0 }
    for fact in facts[known...] { note(fact) }
    guard isOver else { return }
    tally.peakBytes = max(simulation.peakHeldBytes, simulation.history.state.peakBytes)
    tally.counts = simulation.history.state.counts
    tally.seconds = simulation.seconds
    tally.closed = simulation.history.state.closed
    result = tally
  }

  private func note(_ fact: Fact) {
    switch fact.kind {
    case .attemptStarted: tally.attempts += 1
    case .taskState(let change) where change.state == .paused: tally.standstills += 1
    case .attemptEnded(let ended) where ended.outcome.class == .exhausted: tally.givenUp += 1
    default: break
    }
  }
}

extension SimulatedRun {
  package func signals() async -> Signals { Signals(elapsedSeconds: simulation.seconds) }

  package func window(_ log: LogReference, at position: LogPosition) async -> LogWindow {
    LogWindow(offset: 0, bytes: [], totalBytes: 0, problem: "a simulated task writes no output")
  }

  package func find(
    _ text: String, in log: LogReference, from offset: Int64, backwards: Bool
  ) async -> Int64? { nil }

  package func send(_ request: Request, by actor: Actor) async -> Answer {
    .refused(reason: Self.refusal)
  }
}
