import Formats
import Model
import Testing

private let document = """
  # Roadmap
  ## Phase 1: Base
  1. Lay the ground
     - Dig a hole
     - Pour concrete
  2. Raise the walls [P1]
  ## Phase 2: Roof
  - Cover it (2 days)
    - [x] Buy tiles
    - [ ] Lay tiles after buying tiles
  """

private func decomposed(_ text: String) throws -> Decomposition {
  try OutlineFile.load(Array(text.utf8), file: "prd.md")
}

private func tasks(
  of decomposition: Decomposition, in old: String = "{}", tag: String = "master",
  as arrival: TaskMasterEdit.Arrival = .alone
) throws(FormatProblem) -> String {
  let edit = try TaskMasterEdit(Array(old.utf8), file: "tasks.json").adding(
    decomposition, to: tag, as: arrival,
    from: TaskMasterEdit.Origin(document: "prd.md", time: "2026-01-02T03:04:05.678Z"))
  return String(decoding: edit.bytes, as: UTF8.self)
}

@Suite("A decomposition becomes a Task Master file") struct DecompositionTaskMasterTests {
  @Test func phasesGiveWayAndTasksKeepTheirSteps() throws {
    let graph = try backlog(try tasks(of: decomposed(document))).graph
    #expect(
      graph.tasks.map(\.name) == ["1.1", "1.2", "1", "2", "3.1", "3.2", "3"])
    #expect(
      graph.tasks.map(\.title) == [
        "Dig a hole", "Pour concrete", "Lay the ground", "Raise the walls", "Buy tiles",
        "Lay tiles after buying tiles", "Cover it",
      ])
    #expect(graph.before("2") == ["1"])
    #expect(graph.before("3.2") == ["2", "3.1"])
    #expect(graph.task(named: "3.1")?.standing == .done)
  }

  @Test func theFileIsWhatTaskMasterWrites() throws {
    let text = try tasks(of: decomposed("## Tasks\n- Add \"a\"/\u{1B}b\n  - Estimate: 2h\n"))
    #expect(
      text == """
        {
          "master": {
            "tasks": [
              {
                "id": 1,
                "title": "Add \\"a\\"/b",
                "description": "Add \\"a\\"/b",
                "details": "Estimate: 2h\\n\\nSource: prd.md, line 2",
                "testStrategy": "",
                "priority": "medium",
                "dependencies": [],
                "status": "pending",
                "subtasks": []
              }
            ],
            "metadata": {
              "created": "2026-01-02T03:04:05.678Z",
              "updated": "2026-01-02T03:04:05.678Z",
              "description": "Tasks from prd.md"
            }
          }
        }
        """)
  }

  @Test func newIDsFollowAndTheRestStaysAsItIs() throws {
    let old = """
      {"other":{"tasks":[]},
       "master":{"tasks":[ {"id":"7","title":"x", "status":"done","priority":"low"} ],"k":1.50}}
      """
    let text = try tasks(of: decomposed("- Add a\n- Add b after adding a\n"), in: old, as: .append)
    let head = try #require(old.firstIndex(of: "]").map { old[..<$0] })
    #expect(text.hasPrefix("{\"other\":{\"tasks\":[]},"))
    #expect(
      text.contains("{\"id\":\"7\",\"title\":\"x\", \"status\":\"done\",\"priority\":\"low\"}"))
    #expect(text.hasSuffix(" ],\"k\":1.50}}"))
    #expect(head.count < text.count)
    let graph = try backlog(text).graph
    #expect(graph.tasks.map(\.name) == ["7", "8", "9"])
    #expect(graph.before("9") == ["8"])
  }

  @Test func tasksAreReplacedOnlyWhenAsked() throws {
    let old = "{\n  \"master\": {\n    \"tasks\": [\n      {\"id\": 1}\n    ]\n  }\n}"
    let new = try decomposed("- Add a\n")
    let said = message { () throws(FormatProblem) in _ = try tasks(of: new, in: old) }
    #expect(
      said
        == "tasks.json:3: tag \"master\" has 1 tasks; --append adds to them, --force replaces them")
    let graph = try backlog(try tasks(of: new, in: old, as: .replace)).graph
    #expect(graph.tasks.map(\.title) == ["Add a"])
  }

  @Test func aTagIsMadeBesideOthers() throws {
    let old = try tasks(of: decomposed("- Add a\n"))
    let text = try tasks(of: decomposed("- Add b\n"), in: old, tag: "next")
    let loaded = try backlog(text, TaskMasterReference(tag: "next"))
    #expect(loaded.tags == ["master", "next"])
    #expect(loaded.graph.tasks.map(\.title) == ["Add b"])
  }

  /// A number alone in a subtask means its sibling.
  @Test func aNeedOfATaskIsNeverTakenForASibling() throws {
    let items = [
      Decomposition.Item(title: "One"), Decomposition.Item(title: "Two"),
      Decomposition.Item(title: "a", parent: 1, needs: [0]),
      Decomposition.Item(title: "b", parent: 1, needs: [2]),
    ]
    let graph = try backlog(try tasks(of: Decomposition(name: "x", items: items))).graph
    #expect(graph.before("2.1") == ["1"])
    #expect(Set(graph.before("2.2")) == ["1", "2.1"])
  }

  @Test func subtasksOfATaskAreReplaced() throws {
    let old = try tasks(of: decomposed("- Add a\n- Add b\n"))
    let parts = ["x", "y"].enumerated().map {
      AnsweredTask(
        item: Decomposition.Item(title: $1, description: "d"), isAtomic: true,
        needs: $0 == 0 ? [] : [0])
    }
    let edit = try TaskMasterEdit(Array(old.utf8), file: "tasks.json")
      .settingSubtasks(of: "2", to: parts, tag: nil, document: "task 2")
    let graph = try backlog(String(decoding: edit.bytes, as: UTF8.self)).graph
    #expect(graph.tasks.map(\.name) == ["1", "2.1", "2.2", "2"])
    #expect(graph.before("2.2") == ["2.1"])
  }
}

@Suite("A decomposition becomes a Cairn file") struct DecompositionCairnFileTests {
  private static let agent = TaskGraph.Agent(command: ["./agent.sh", "-p \"x\""], prompt: .file)

  @Test func leavesArePromptsInTheirGroups() throws {
    let file = DecompositionCairnFile(try decomposed(document), document: "prd.md")
    let graph = try graph(file.text(agent: Self.agent))
    #expect(graph.name == "Roadmap")
    #expect(graph.agent == Self.agent)
    #expect(
      graph.tasks.map(\.name) == [
        "dig-a-hole", "pour-concrete", "raise-the-walls", "lay-tiles-after-buying-tiles",
      ])
    #expect(graph.before("raise-the-walls") == ["dig-a-hole", "pour-concrete"])
    #expect(graph.before("lay-tiles-after-buying-tiles") == ["raise-the-walls"])
    #expect(graph.groups.map(\.name) == ["Lay the ground", "Phase 1: Base", "Cover it"])
    #expect(graph.tasks.map(\.priority) == [0, 0, 1, 0])
    guard case .prompt(let prompt) = graph.tasks[0].action else { return #expect(Bool(false)) }
    #expect(
      prompt == """
        Dig a hole

        Part of: Phase 1: Base > Lay the ground

        Source: prd.md, line 4

        """)
  }

  @Test(
    "whatever the text, the file can be read",
    arguments: [
      "- Add: {a} # not a comment", "- Add \u{1B}[2J\u{202E}\u{85}\u{2028}x\u{FEFF}",
      "- Add $CAIRN_OUT ${x}", "- \"Add\" 'it' \\ %", "- Add / slash", "- Добавить задачу",
      "- Add 👩‍👩‍👧 🇩🇪", "- Add a\n\n      indented\n   ```\n  code\n   ```\n",
      "- Add ---\n- ...\n- Add ---",
      "- Add same\n- add-same\n- ADD SAME", "- Add x\n  text\r\n  more \t \r\n",
      "- ? Add\n- & Add\n- * x",
    ])
  func anyText(text: String) throws {
    let found = try decomposed(text)
    let file = DecompositionCairnFile(found, document: "a\nb: c.md")
    let graph = try graph(file.text(agent: Self.agent))
    #expect(graph.tasks.count == found.leaves.count)
  }

  @Test func moreTasksFollowTheOthers() throws {
    let old = """
      # mine
      agent: { command: [a] }
      tasks:
         add-a: { prompt: x }
      """
    let text = try CairnFile.appending(
      decomposed("- Add a\n- Add b after adding a\n"), document: "prd.md", to: Array(old.utf8),
      file: "cairn.yaml")
    #expect(text.hasPrefix(old))
    let graph = try graph(text)
    #expect(graph.tasks.map(\.name) == ["add-a", "add-a-2", "add-b-after-adding-a"])
    #expect(graph.before("add-b-after-adding-a") == ["add-a-2"])
  }

  @Test(
    "what cannot be appended to says why",
    arguments: [
      (
        "agent: { command: [a] }\ntasks: { a: { prompt: x } }\n",
        "cairn.yaml: cannot append: \"tasks\" is not its last key in block style; move it to the end, "
          + "or write another file with -o"
      ),
      (
        "tasks:\n  a: { run: x }\n",
        "cairn.yaml: has no \"agent\", which the prompts of a decomposition need; "
          + "agent: { command: [claude, -p], prompt: stdin }"
      ),
    ])
  func bad(old: String, expected: String) throws {
    let found = try decomposed("- Add a\n")
    let said = message { () throws(FormatProblem) in
      _ = try CairnFile.appending(
        found, document: "prd.md", to: Array(old.utf8), file: "cairn.yaml")
    }
    #expect(said == expected)
  }
}

@Suite("Whatever the document, both files can be read") struct DecompositionWriterPropertyTests {
  @Test(arguments: 0..<30)
  func filesLoad(seed: Int) throws {
    var script = RandomDocument(seed: UInt64(seed))
    guard let found = try? decomposed(script.text()) else { return }
    let loaded = try backlog(try tasks(of: found))
    #expect(loaded.warnings == [])
    let parents = loaded.graph.tasks.count { if case .gate = $0.action { true } else { false } }
    #expect(loaded.graph.tasks.count - parents == found.leaves.count)
    let agent = TaskGraph.Agent(command: ["a"])
    let file = DecompositionCairnFile(found, document: "prd.md")
    guard file.count > 0 else { return }
    let graph = try graph(file.text(agent: agent))
    #expect(graph.tasks.count == found.leaves.count { !found.items[$0].isDone })
  }
}
