import ArgumentParser
import Dashboard
import Foundation
import Model
import Planning
import Project

/// The dashboard on facts that come at a given pace: the screen of a run, without its processes.
///
/// `cairn bench dashboard` starts it on terminals of its own.
struct BenchFeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed", abstract: "Show a simulated run at a given pace.", shouldDisplay: false)

  @Option(help: "Tasks of the graph.")
  var tasks = 10_000
  @Option(help: "Facts a second.")
  var rate = 1_000.0
  @Flag(help: "Each turn ends with the new state of one task, whatever came in front of it.")
  var byState = false
  @OptionGroup var look: LookOptions

  func validate() throws {
    guard (1...1_000_000).contains(tasks), rate > 0 else {
      throw ValidationError("expected 1 to 1000000 tasks and a positive rate")
    }
  }

  func run() async throws {
    let graph = TaskGraph.layered(tasks, width: max(1, tasks / 20), needs: 3, seed: 1)
    let source = PacedFacts(graph, rate: rate, byState: byState)
    _ = try await Screen.show(
      source, person: .person(source: "dashboard"), look: look.look(), tie: .onlooker)
  }
}

/// A simulated run whose facts become visible by the clock; numbered and folded like any other.
actor PacedFacts: RunSource {
  private var facts: [Fact] = []
  /// How many facts may be seen once so many portions are due.
  private var portions: [Int] = []
  private let rate: Double
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  init(_ graph: TaskGraph, rate: Double, byState: Bool) {
    self.rate = rate
    var simulation = Simulation(
      graph, config: RunConfig(jobs: 64), load: .random(graph.tasks.count, seed: 1))
    var all: [Fact] = []
    _ = simulation.run { all += $0 }
    facts = all
    portions = all.indices.filter { !byState || Self.isState(all[$0]) }.map { $0 + 1 }
  }

  private static func isState(_ fact: Fact) -> Bool {
    if case .taskState = fact.kind { true } else { false }
  }

  func facts(after sequence: Int) async -> [Fact] {
    while !Task.isCancelled {
      let seen = visible
      if seen > sequence { return restamped(facts[sequence..<seen]) }
      guard sequence < facts.count else { return [] }
      let due = start + .seconds(Double(portion + 1) / rate)
      try? await clock.sleep(until: due, tolerance: .zero)
    }
    return []
  }

  private var seconds: Double { (clock.now - start) / .seconds(1) }
  private var portion: Int { Int(seconds * rate) }

  private var visible: Int {
    guard let last = portions.last else { return facts.count }
    return portion < portions.count ? portions[portion] : last
  }

  /// Simulated time is not that of the person who looks.
  private func restamped(_ slice: ArraySlice<Fact>) -> [Fact] {
    let (elapsed, wall) = (seconds, WallClock.now())
    return slice.map { fact in
      var fact = fact
      fact.elapsedSeconds = elapsed
      fact.wallTime = wall
      return fact
    }
  }

  func signals() -> Signals { Signals(elapsedSeconds: seconds) }

  func window(_ log: LogReference, at position: LogPosition) -> LogWindow {
    LogWindow(offset: 0, bytes: [], totalBytes: 0)
  }

  func find(_ text: String, in log: LogReference, from offset: Int64, backwards: Bool) -> Int64? {
    nil
  }

  func send(_ request: Request, by actor: Model.Actor) -> Answer {
    .refused(reason: "this run is only shown")
  }
}
