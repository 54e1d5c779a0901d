import Model
import Planning
import Testing

@Suite("Simulation")
struct SimulationTests {
  static let graphs = [
    TaskGraph.wide(300), .chain(300), .layered(300, width: 20, needs: 3, seed: 7),
  ]

  @Test(arguments: graphs)
  func everyTaskIsDoneAndTheFactsFoldToTheSameState(graph: TaskGraph) {
    var simulation = Simulation(graph, config: RunConfig(jobs: 4), load: .random(300, seed: 3))
    var facts: [Fact] = []
    let closing = simulation.run { facts += $0 }
    #expect(closing == Fact.RunClosed(ending: .done, reason: "300 done"))
    #expect(facts.map(\.sequence) == Array(1...facts.count))
    #expect(RunHistory(facts) == simulation.history)
    #expect(simulation.history.state.tasks.allSatisfy { $0.attempts.count == 1 })
  }

  @Test func theSameSeedGivesTheSameFacts() {
    var load = Simulation.Load.random(200, seed: 5)
    load.failingShare = 0.2
    let graph = TaskGraph.layered(200, width: 10, needs: 2, seed: 1)
    let runs = (0..<2).map { _ in
      var simulation = Simulation(graph, config: RunConfig(jobs: 3), load: load)
      var facts: [Fact] = []
      let closing = simulation.run { facts += $0 }
      #expect(closing?.ending == .failed)
      return facts
    }
    #expect(runs[0] == runs[1])
  }

  @Test func theJobsAreNeverMoreThanTheLimitAndAlwaysAsManyAsFit() {
    var simulation = Simulation(
      .wide(100), config: RunConfig(jobs: 7), load: .random(100, seed: 2))
    var running = 0
    var most = 0
    _ = simulation.run { facts in
      for fact in facts {
        if case .taskAdmitted = fact.kind { running += 1 }
        if case .attemptEnded = fact.kind { running -= 1 }
        most = max(most, running)
      }
    }
    #expect(most == 7)
  }

  @Test func aRunThatIsHeldWaits() {
    var simulation = Simulation(
      .wide(3), config: RunConfig(jobs: 2, startsHeld: true), load: .random(3, seed: 2))
    #expect(simulation.run() == nil)
    #expect(simulation.history.state.counts[.ready] == 3)
  }
}
