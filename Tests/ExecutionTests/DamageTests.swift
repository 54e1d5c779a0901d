import Glibc
import Model
import Planning
import Testing

@testable import Execution

@Suite("an input that is not what was sealed") struct DamageTests {
  let real: EngineRealTests

  init() throws { real = try EngineRealTests() }

  private func play(_ graph: TaskGraph) async throws -> RunState {
    let run = try real.journal.newRun(wallTime: 0, cairn: "test")
    let engine = try real.engine(graph, run: run)
    _ = try await engine.run()
    return await engine.snapshot
  }

  private func lost() throws -> [String] {
    try real.journal.facts(run: 1, after: 0, limit: 1_000).compactMap { fact in
      guard case .artifactLost(let gone) = fact.kind else { return nil }
      return "\(gone.task.rawValue).\(gone.artifact)"
    }
  }

  enum Harm: String, CaseIterable {
    case changed = "chmod u+w words; echo other > words"
    case longer = "chmod u+w words; echo more >> words"
    case renamed = "chmod u+w .; mv words other"
    case added = "chmod u+w .; touch more"
    case linked = "chmod u+w .; rm words; ln -s /etc/hostname words"
    case deleted = "chmod u+w .; rm words; cd ..; rmdir out"
  }

  @Test("is made again before anybody reads it", arguments: Harm.allCases)
  func made(harm: Harm) async throws {
    let artifact = "\(real.folder.path)/.cairn/workspace/1/0-a/out"
    var graph = EngineRealTests.shell([
      "a": ([], "echo right > $CAIRN_OUT/words"),
      "harm": ([], "cd \(artifact); \(harm.rawValue)"),
      "c": (["a"], "cat $CAIRN_IN_A/words > $CAIRN_OUT/read; ls $CAIRN_IN_A >> $CAIRN_OUT/read"),
    ])
    graph.tasks[1].after = [TaskID(0)]
    graph.tasks[2].after = [TaskID(1)]
    let state = try await play(graph)
    #expect(state.closed?.ending == .done)
    #expect(real.folder.read(".cairn/workspace/1/2-c/out/read") == "right\nwords\n")
    #expect(state[TaskID(0)].attempts.count == 2)
    #expect(try lost() == ["0.out"])
    let first = state[TaskID(2)].attempts.first?.outcome
    #expect(first?.class == .interrupted)
    let word = harm == .deleted ? "missing" : "not what was sealed"
    #expect(first?.message == "artifact \"out\" of task \"a\" is \(word)")
  }

  @Test("counts for nothing in who read it meanwhile, and is made again for the next try")
  func meanwhile() async throws {
    let graph = EngineRealTests.shell([
      "a": ([], "echo right > $CAIRN_OUT/words"),
      "b": (
        ["a"],
        "[ $CAIRN_ATTEMPT = 2 ] || { chmod u+w $CAIRN_IN_A/words; echo x > $CAIRN_IN_A/words; }; "
          + "cat $CAIRN_IN_A/words > $CAIRN_OUT/read"
      ),
    ])
    let state = try await play(graph)
    #expect(state.closed?.ending == .done)
    #expect(real.folder.read(".cairn/workspace/1/1-b/out/read") == "right\n")
    #expect(state[TaskID(1)].attempts.map { $0.outcome?.class } == [.interrupted, .success])
  }

  @Test("ends a task that damages it again and again, with its name")
  func forEver() async throws {
    let graph = EngineRealTests.shell([
      "a": ([], "echo right > $CAIRN_OUT/words"),
      "b": (["a"], "cd $CAIRN_IN_A; chmod u+w .; rm words"),
    ])
    let state = try await play(graph)
    #expect(state.closed?.ending == .failed)
    #expect(state[TaskID(1)].state == .failed)
    #expect(state[TaskID(1)].attempts.count == 3)
    #expect(state[TaskID(1)].lastAttempt?.outcome?.message?.contains("task \"a\"") == true)
  }

  @Test("is looked for by what the file system says, and digested only where that has changed")
  func looks() throws {
    let folder = try TemporaryFolder()
    try folder.write("tree/a", "one")
    try folder.write("tree/b/c", "two")
    let before = try FileTree.look(folder.path + "/tree")
    #expect(try FileTree.look(folder.path + "/tree") == before)
    try folder.write("tree/b/c", "owt")
    #expect(try FileTree.look(folder.path + "/tree") != before)
  }
}
