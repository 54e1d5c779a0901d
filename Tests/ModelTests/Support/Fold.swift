import Model

/// Facts told one after another to a run of a graph with a workspace of 1,000 bytes.
struct Fold {
  private(set) var run = RunState()
  /// What brought the graph.
  private(set) var graphFacts: [Fact] = []

  init(_ graph: TaskGraph) {
    tell(
      .runOpened(
        Fact.RunOpened(
          run: 1, cairn: "test",
          host: Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0),
          config: RunConfig(jobs: 1, workspace: WorkspaceBudget(bytes: 1000)), isResumed: false,
          token: "t")))
    let fingerprints = graph.tasks.map { _ in "" }
    tell(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: fingerprints)))
  }

  mutating func tell(_ kind: Fact.Kind) {
    let fact = Fact(
      sequence: run.sequence + 1, session: 1, elapsedSeconds: 0, wallTime: 1, kind: kind)
    if case .graphDefined = kind { graphFacts.append(fact) }
    run.apply(fact)
  }
}
