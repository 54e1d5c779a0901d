import Model
import Testing

@Suite("Artifacts that grow, folded") struct GrowthTests {
  private struct Log {
    var state: RunState
    private(set) var facts: [Fact] = []

    init(tasks: Int) {
      state = RunState()
      var graph = TaskGraph(name: "g")
      for index in 0..<tasks {
        graph.tasks.append(.init(id: TaskID(index), name: "t\(index)", action: .gate))
      }
      add(.graphDefined(.init(graph: graph, fingerprints: [])))
    }

    mutating func add(_ kind: Fact.Kind) {
      let fact = Fact(
        sequence: facts.count + 1, session: 1, elapsedSeconds: 0, wallTime: 1, kind: kind)
      facts.append(fact)
      state.apply(fact)
    }

    mutating func grow(_ task: Int, _ bytes: Int64, of name: String = "out") {
      add(.artifactGrew(.init(task: TaskID(task), artifact: name, bytes: bytes)))
    }

    mutating func seal(_ task: Int, _ bytes: Int64, of name: String = "out") {
      add(
        .artifactSealed(
          .init(
            task: TaskID(task), attempt: 1, artifact: name, bytes: bytes, files: 1, digest: "d")))
    }

    mutating func end(_ task: Int) {
      add(
        .attemptEnded(
          .init(
            task: TaskID(task), attempt: 1, outcome: Outcome(.exit), usage: Usage(),
            phases: Phases())))
    }
  }

  @Test("bytes that grow are footprint and peak, and once sealed they count once")
  func sealed() {
    var log = Log(tasks: 1)
    log.grow(0, 100)
    log.grow(0, 160)
    #expect(log.state.footprintBytes == 160)
    log.seal(0, 150)
    #expect(log.state.footprintBytes == 150)
    #expect(log.state.peakBytes == 160)
    #expect(log.state.growing.isEmpty)
    log.end(0)
    #expect(log.state.footprintBytes == 150)
    #expect(log.state.reuse.askedBytes == 160)
  }

  @Test("an attempt that ends takes what it has not sealed with it")
  func forgotten() {
    var log = Log(tasks: 2)
    log.grow(0, 100, of: "a")
    log.grow(0, 10, of: "b")
    log.grow(1, 1)
    log.end(0)
    #expect(log.state.footprintBytes == 1)
    #expect(log.state.peakBytes == 111)
    #expect(log.state.growing.keys == [.init(task: TaskID(1), name: "out")])
  }

  @Test("a task that the graph has not leaves no trace")
  func unknownTask() {
    var log = Log(tasks: 1)
    log.grow(7, 100)
    #expect(log.state.footprintBytes == 0)
    #expect(log.state.growing.isEmpty)
  }

  @Test(
    "the footprint is what lies there and what grows, through any checkpoint",
    arguments: 1...50 as ClosedRange<UInt64>)
  func property(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    var log = Log(tasks: 4)
    var lying: [Int: Int64] = [:]
    var growing: [Int: Int64] = [:]
    for _ in 0..<100 {
      let task = Int.random(in: 0..<4, using: &generator)
      let bytes = Int64.random(in: 0...1_000, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0, 1:
        log.grow(task, bytes)
        growing[task] = bytes
      case 2:
        log.seal(task, bytes)
        growing[task] = nil
        lying[task] = bytes
      default:
        log.end(task)
        growing[task] = nil
      }
      let held = lying.values.reduce(0, +) + growing.values.reduce(0, +)
      #expect(log.state.footprintBytes == held)
      #expect(log.state.reuse.freshBytes == log.state.peakBytes)
      #expect(log.state.peakBytes >= held)
      let text = try JSONText.encode(log.state.checkpoint)
      let read = try JSONText.decode(RunState.Checkpoint.self, from: text)
      log.state = try #require(RunState(read, graphFacts: Array(log.facts.prefix(1))))
      #expect(log.state.checkpoint == read)
    }
  }
}
