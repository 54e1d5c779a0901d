import Model
import Testing

@Suite("the fold of compressed artifacts") struct CompressedFoldTests {
  private var fold: Fold
  private var run: RunState { fold.run }
  private let key = RunState.ArtifactKey(task: TaskID(0), name: "out")

  init() {
    var graph = TaskGraph(name: "g")
    for number in 0..<2 {
      var task = TaskGraph.Task(id: TaskID(number), name: "t\(number)", action: .gate)
      task.outputs = [TaskGraph.Output(name: "out")]
      if number > 0 { task.needs = [TaskGraph.Need(task: TaskID(0), variable: "T")] }
      graph.tasks.append(task)
    }
    fold = Fold(graph)
    fold.tell(seal)
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
    fold.tell(compress())
    expect([.compressed: 100], 100)
    #expect(run.peakBytes == 500)
    #expect(run.artifacts[key] == nil && run.known(key)?.bytes == 400)
    fold.tell(.artifactExpanded(gone))
    expect([.dormant: 400], 400)
    #expect(run.artifacts[key]?.digest == "d" && run.compressed[key] == nil)
  }

  @Test("it may be dropped, lost, or made anew", arguments: 0..<3)
  mutating func ends(way: Int) {
    fold.tell(compress())
    switch way {
    case 0: fold.tell(.artifactDropped(gone))
    case 1: fold.tell(.artifactLost(gone))
    default: fold.tell(seal)
    }
    expect(way == 2 ? [.dormant: 400] : [.dropped: 400], way == 2 ? 400 : 0)
    #expect(run.compressed.isEmpty)
  }

  @Test("facts that make no sense change nothing")
  mutating func nonsense() {
    fold.tell(.artifactExpanded(gone))
    expect([.dormant: 400], 400)
    fold.tell(compress(1))
    fold.tell(compress(900))
    expect([.dormant: 400], 400)
    fold.tell(compress())
    for kind in [
      compress(), .artifactSpilled(gone), .artifactRestored(gone),
      .artifactLent(
        Fact.ArtifactLent(task: TaskID(0), artifact: "out", bytes: 1, digest: "d", borrower: "b")),
    ] {
      fold.tell(kind)
      expect([.compressed: 100], 100)
    }
  }

  @Test("a checkpoint keeps it")
  mutating func checkpoint() throws {
    fold.tell(compress())
    let again = try #require(RunState(run.checkpoint, graphFacts: fold.graphFacts))
    #expect(again.compressed == run.compressed && again.footprintBytes == 100)
  }
}
