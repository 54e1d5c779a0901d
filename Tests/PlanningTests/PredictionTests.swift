import Model
import Planning
import Testing

@Suite("A prediction")
struct PredictionTests {
  /// A run of random tasks that has only begun, and what is left of each of them.
  struct Case {
    var run = RunState()
    var remaining: [Double] = []
    var path: CriticalPath

    init(seed: UInt64, jobs: Int) {
      var random = SplitMix64(seed: seed)
      var graph = TaskGraph(name: "random")
      for index in 0..<60 {
        var task = TaskGraph.Task(
          id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["true"]))
        let needs = Set((0..<3).map { _ in Int(random.next() % 60) }).filter { $0 < index }
        task.needs = needs.sorted().map { TaskGraph.Need(task: TaskID($0), variable: "T\($0)") }
        graph.tasks.append(task)
        remaining.append(Double(random.next() % 100) / 10)
      }
      let host = Fact.Host(name: "h", cores: 1, memoryBytes: 1, diskFreeBytes: 1)
      let opened = Fact.RunOpened(
        run: 1, cairn: "1", host: host, config: RunConfig(jobs: jobs), isResumed: false, token: "t")
      let kinds: [Fact.Kind] = [
        .runOpened(opened),
        .graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in "f" })),
      ]
      for (index, kind) in kinds.enumerated() {
        run.apply(
          Fact(sequence: index + 1, session: 1, elapsedSeconds: 0, wallTime: 1, kind: kind))
      }
      path = CriticalPath(
        order: graph.topologicalOrder(), links: run.links, seconds: remaining)
    }

    func prediction(at now: Double = 7) -> Prediction {
      Prediction(run, remaining: remaining, secondsAhead: path.secondsAhead, now: now)
    }
  }

  @Test("starts no task before what it needs has ended, and none twice", arguments: 0..<20)
  func keepsNeeds(seed: Int) throws {
    let sample = Case(seed: UInt64(seed), jobs: 1 + seed % 5)
    let spans = try sample.prediction().spans.map { try #require($0) }
    for (index, span) in spans.enumerated() {
      #expect(span.endSeconds == span.startSeconds + sample.remaining[index])
      for need in sample.run.links.predecessors[index] {
        #expect(spans[need.index].endSeconds <= span.startSeconds)
      }
    }
  }

  @Test("runs one task at a time in a slot, in no more slots than jobs", arguments: 0..<20)
  func keepsSlots(seed: Int) {
    let jobs = 1 + seed % 5
    let spans = Case(seed: UInt64(seed), jobs: jobs).prediction().spans.compactMap { $0 }
    for slot in Dictionary(grouping: spans, by: \.slot) {
      #expect(0..<jobs ~= slot.key)
      let sorted = slot.value.sorted {
        ($0.startSeconds, $0.endSeconds) < ($1.startSeconds, $1.endSeconds)
      }
      for (earlier, later) in zip(sorted, sorted.dropFirst()) {
        #expect(earlier.endSeconds <= later.startSeconds)
      }
    }
  }

  @Test("lies between the longest path and Graham's bound", arguments: 0..<20)
  func keepsBounds(seed: Int) {
    let jobs = 1 + seed % 5
    let sample = Case(seed: UInt64(seed), jobs: jobs)
    let length = sample.prediction().endSeconds - 7
    let work = sample.remaining.reduce(0, +) / Double(jobs)
    #expect(length >= max(work, sample.path.totalSeconds) - 1e-6)
    #expect(length <= work + sample.path.totalSeconds + 1e-6)
  }

  @Test("takes as long as the longest path where jobs are not scarce")
  func wideEnough() {
    let sample = Case(seed: 3, jobs: 60)
    #expect(abs(sample.prediction().endSeconds - 7 - sample.path.totalSeconds) < 1e-9)
  }

  @Test("says nothing of what waits for a person, nor of what is behind it")
  func waiting() {
    var sample = Case(seed: 5, jobs: 4)
    sample.run.apply(
      Fact(
        sequence: 3, session: 1, elapsedSeconds: 1, wallTime: 1,
        kind: .taskState(Fact.TaskStateChanged(task: TaskID(0), state: .waiting))))
    let spans = sample.prediction().spans
    #expect(spans[0] == nil)
    for task in sample.run.links.descendants(of: [TaskID(0)]) { #expect(spans[task.index] == nil) }
    #expect(spans.contains { $0 != nil })
  }
}
