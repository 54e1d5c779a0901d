import Model
import Testing

@Suite("the fold of compressed artifacts") struct CompressedFoldTests {
  private var run = RunState()
  private let key = RunState.ArtifactKey(task: TaskID(0), name: "out")

  init() {
    var graph = TaskGraph(name: "g")
    for number in 0..<2 {
      var task = TaskGraph.Task(id: TaskID(number), name: "t\(number)", action: .gate)
      task.outputs = [TaskGraph.Output(name: "out")]
      if number > 0 { task.needs = [TaskGraph.Need(task: TaskID(0), variable: "T")] }
      graph.tasks.append(task)
    }
    tell(
      .runOpened(
        Fact.RunOpened(
          run: 1, cairn: "test",
          host: Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0),
          config: RunConfig(jobs: 1, workspace: WorkspaceBudget(bytes: 1000)), isResumed: false,
          token: "t")))
    tell(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: ["", ""])))
    tell(seal)
  }

  private mutating func tell(_ kind: Fact.Kind) {
    run.apply(
      Fact(
        sequence: run.sequence + 1, session: 1, elapsedSeconds: 0, wallTime: 1, kind: kind))
  }

  private var seal: Fact.Kind {
    .artifactSealed(
      Fact.ArtifactSealed(
        task: TaskID(0), attempt: 1, artifact: "out", bytes: 400, files: 1, digest: "d"))
  }

  private func compress(_ task: Int = 0) -> Fact.Kind {
    .artifactCompressed(
      Fact.ArtifactCompressed(task: TaskID(task), artifact: "out", bytes: 100, wholeBytes: 400))
  }

  private var gone: Fact.ArtifactReference {
    Fact.ArtifactReference(task: TaskID(0), artifact: "out", bytes: 400)
  }

  private func expect(_ expected: [StoreLedger.State: Int64], _ footprint: Int64) {
    let ledger = run.ledger
    for state in StoreLedger.State.allCases where state != .free {
      #expect(ledger[state] == expected[state] ?? 0, "\(state)")
    }
    #expect(ledger[.free] == 1000 - footprint && ledger.takenBytes == footprint)
    #expect(run.footprintBytes == footprint)
  }

  @Test("it counts as what it takes, and both forms count while it is made")
  mutating func roundTrip() {
    tell(compress())
    expect([.compressed: 100], 100)
    #expect(run.peakBytes == 500)
    #expect(run.artifacts[key] == nil && run.known(key)?.bytes == 400)
    tell(.artifactExpanded(gone))
    expect([.dormant: 400], 400)
    #expect(run.artifacts[key]?.digest == "d" && run.compressed[key] == nil)
  }

  @Test("it may be dropped, lost, or made anew", arguments: 0..<3)
  mutating func ends(way: Int) {
    tell(compress())
    switch way {
    case 0: tell(.artifactDropped(gone))
    case 1: tell(.artifactLost(gone))
    default: tell(seal)
    }
    expect(way == 2 ? [.dormant: 400] : [.dropped: 400], way == 2 ? 400 : 0)
    #expect(run.compressed.isEmpty)
  }

  @Test("facts that make no sense change nothing")
  mutating func nonsense() {
    tell(.artifactExpanded(gone))
    expect([.dormant: 400], 400)
    tell(compress(1))
    tell(compress(900))
    expect([.dormant: 400], 400)
    tell(compress())
    for kind in [
      compress(), .artifactSpilled(gone), .artifactRestored(gone),
      .artifactLent(
        Fact.ArtifactLent(task: TaskID(0), artifact: "out", bytes: 1, digest: "d", borrower: "b")),
    ] {
      tell(kind)
      expect([.compressed: 100], 100)
    }
  }

  @Test("a checkpoint keeps it")
  mutating func checkpoint() throws {
    let graph = run.graph
    tell(compress())
    let facts = [
      Fact(
        sequence: 2, session: 1, elapsedSeconds: 0, wallTime: 1,
        kind: .graphDefined(Fact.GraphDefined(graph: graph, fingerprints: ["", ""])))
    ]
    let again = try #require(RunState(run.checkpoint, graphFacts: facts))
    #expect(again.compressed == run.compressed && again.footprintBytes == 100)
  }
}
