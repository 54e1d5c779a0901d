import Execution
import Model
import Planning
import Testing

@testable import Project

/// Who needs an artifact, told from the facts of its run.
struct StoreReasonsTests {
  private static func task(
    _ id: Int, _ name: String, needs: [Int] = [],
    _ change: (inout TaskGraph.Task) -> Void = { _ in }
  ) -> TaskGraph.Task {
    var task = TaskGraph.Task(id: TaskID(id), name: name, action: .exec(arguments: ["true"]))
    task.needs = needs.map { TaskGraph.Need(task: TaskID($0), variable: "V\($0)") }
    task.outputs = [TaskGraph.Output(name: "out")]
    change(&task)
    return task
  }

  /// `made` is needed by `done`, `failed`, `skipped` and `late`, in this order; the others by nobody.
  private static func state(
    selection: RunConfig.Selection? = nil, states: [TaskState] = [.done, .done, .failed, .skipped]
  ) -> RunState {
    var graph = TaskGraph(name: "g")
    graph.tasks = [
      task(0, "made"), task(1, "done", needs: [0]), task(2, "failed", needs: [0]),
      task(3, "skipped", needs: [0]), task(4, "late", needs: [0]),
      task(5, "dropped") { $0.keep = false }, task(6, "removed") { $0.isRemoved = true },
      task(7, "kept", needs: [5]) { $0.keep = true },
    ]
    var state = RunState()
    var kinds: [Fact.Kind] = [
      .runOpened(
        Fact.RunOpened(
          run: 3, cairn: "1",
          host: Fact.Host(name: "h", cores: 1, memoryBytes: 1, diskFreeBytes: 1),
          config: RunConfig(jobs: 1, selection: selection), isResumed: false, token: "t")),
      .graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map(\.name))),
    ]
    kinds += states.enumerated().map { index, now in
      .taskState(Fact.TaskStateChanged(task: TaskID(index), state: now))
    }
    for (index, kind) in kinds.enumerated() {
      state.apply(
        Fact(sequence: index + 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: kind))
    }
    return state
  }

  private static func why(
    _ task: Int, _ state: RunState = state(), isOpen: Bool = true
  ) -> String {
    StoreReasons(state, isOpen: isOpen, root: "/nowhere")
      .reason(RunState.ArtifactKey(task: TaskID(task), name: "out")).why
  }

  @Test("failed and skipped readers count while the run can be resumed, and no longer than that")
  func readers() {
    #expect(Self.why(0) == "kept because failed and 2 more need it")
    #expect(Self.why(0, isOpen: false) == "all that needed it have ended")
    let done = Self.state(states: [.done, .done, .done, .done, .done])
    #expect(Self.why(0, done) == "nobody who is left needs it")
  }

  @Test("readers outside the run's selection are not waited for")
  func selection() {
    #expect(Self.why(0, Self.state(selection: .targets(["late"]))) == "kept because late needs it")
    #expect(
      Self.why(0, Self.state(selection: .targets(["done"]))) == "nobody who is left needs it")
    let only = Self.state(selection: .only(["made"]), states: [.done])
    #expect(
      Self.why(0, only) == "product: no task of the run needs it, kept until exported or pruned")
    let gone = Self.state(selection: .targets(["renamed"]))
    #expect(Self.why(0, gone) == "kept because failed and 2 more need it")
  }

  @Test("what the file says comes first, and a task that has left the file keeps nothing")
  func file() {
    #expect(Self.why(7) == "keep: true")
    #expect(Self.why(6) == "its task is no longer in the file")
    #expect(Self.why(5) == "kept because kept needs it")
    #expect(Self.why(5, isOpen: false) == "all that needed it have ended")
    #expect(Self.why(1) == "product: nobody needs it, kept until exported or pruned")
    #expect(Self.why(99) == "its task is no longer in the file")
  }
}
