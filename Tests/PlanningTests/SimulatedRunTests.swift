import Model
import Planning
import Testing

@Suite("A simulated run, read like any other")
struct SimulatedRunTests {
  static func simulation(_ count: Int) -> Simulation {
    var load = Simulation.Load.random(count, seed: 5)
    load.failingShare = 0.00001
    return Simulation(
      .layered(count, width: 50, needs: 2, seed: 1), config: RunConfig(jobs: 4), load: load)
  }

  /// More facts than are kept.
  @Test("gives the facts in order, and the same again after a step back")
  func backAndForth() async throws {
    var whole: [Fact] = []
    var simulation = Self.simulation(25_000)
    let closed = simulation.run { whole += $0 }
    try #require(whole.count > 2 * 65_536)
    let run = SimulatedRun(Self.simulation(25_000))
    var read: [Fact] = []
    while true {
      let batch = await run.facts(after: read.count)
      if batch.isEmpty { break }
      read += batch
    }
    #expect(read == whole)
    let result = try #require(await run.result)
    #expect(result.closed == closed && closed != nil)
    #expect(result.counts == simulation.history.state.counts)
    #expect(result.seconds == simulation.seconds)
    for sequence in [whole.count - 10, 100_000, 7, 40_000, 0] {
      let batch = await run.facts(after: sequence)
      #expect(batch == Array(whole[sequence..<(sequence + batch.count)]))
      #expect(!batch.isEmpty)
    }
    #expect(await run.facts(after: whole.count).isEmpty)
    #expect(await run.result == result)
  }

  @Test("a graph without tasks ends at once")
  func empty() async {
    let run = SimulatedRun(
      Simulation(TaskGraph(name: "none"), config: RunConfig(jobs: 1), load: .init(seconds: [])))
    #expect(await run.facts(after: 0).count == 2)
    let last = await run.facts(after: 2)
    #expect(last.count == 1)
    #expect(await run.facts(after: 3).isEmpty)
    #expect(await run.result?.closed?.ending == .done)
  }

  @Test("refuses whatever is asked of it")
  func refuses() async {
    let run = SimulatedRun(Self.simulation(50))
    let actor = Actor(kind: .person, name: "ana", source: "dashboard")
    #expect(await run.send(.hold, by: actor) == .refused(reason: SimulatedRun.refusal))
  }
}
