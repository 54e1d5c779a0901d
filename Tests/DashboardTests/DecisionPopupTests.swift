import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("What a task waits for a person for")
struct DecisionPopupTests {
  /// One that asks on its terminal, one whose work waits for leave, and a command that may not begin.
  private enum Wait: String, CaseIterable, Sendable {
    case question, work, command

    var output: String {
      switch self {
      case .question: "I want to change 3 files.\r\nAllow editing? [y/N] "
      case .work:
        """
        diff --git a/made.txt b/made.txt
        --- a/made.txt
        +++ b/made.txt
        @@ -1 +1,2 @@
         one
        +two \u{1B}]0;title\u{7}three

        """
      case .command: ""
      }
    }

    var keys: String {
      switch self {
      case .question: "D⏎yes"
      case .work: "Detake more care"
      case .command: "D"
      }
    }
  }

  private static func state(_ wait: Wait, _ look: FrameTests.Look, _ size: Size) -> DashboardState {
    let action = TaskGraph.Action.prompt("deploy the shop\nwith care")
    var task = TaskGraph.Task(
      id: TaskID(0), name: "deploy", action: wait == .command ? .exec(arguments: ["make"]) : action)
    task.approval = .always
    let agent = TaskGraph.Agent(command: ["claude", "-p"])
    var script = FactScript(TaskGraph(name: "shop", tasks: [task], agent: agent))
    if wait == .command {
      script.state("deploy", .waiting, "approve: its command runs then")
    } else {
      script.start("deploy", at: 2)
      script.state(
        "deploy", .waiting,
        wait == .question ? "asks: Allow editing? [y/N]" : "approve its work: 1 file changed")
    }
    var state = DashboardState.after(script, glyphs: look.glyphs, theme: look.theme)
    _ = state.update(.resized(size))
    for key in wait.keys {
      serve(&state, state.update(.key(key == "⏎" ? .enter : .character(key))), wait)
    }
    return state
  }

  private static func serve(_ state: inout DashboardState, _ effects: [Effect], _ wait: Wait) {
    for case .readLog(let log, _) in effects {
      let bytes = Array(wait.output.utf8)
      let window = LogWindow(offset: 0, bytes: bytes, totalBytes: Int64(bytes.count))
      serve(&state, state.update(.logWindow(log, window)), wait)
    }
  }

  @Test(
    "is shown with what there is to look at, and with what is being typed",
    arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func pictures(size: Size, look: FrameTests.Look) throws {
    for wait in Wait.allCases {
      let frame = Self.state(wait, look, size).frame(size: size)
      try expectGolden(
        frame.golden,
        "popup-decision-\(wait.rawValue)-\(size.columns)x\(size.rows)-\(look.rawValue)")
    }
  }

  @Test("the answer, the words and the leave become requests")
  func requests() throws {
    let size = Size(columns: 80, rows: 24)
    func effects(_ wait: Wait, _ key: Key) -> [Effect] {
      var state = Self.state(wait, .unicode, size)
      return state.update(.key(key))
    }
    let task = TaskID(0)
    #expect(effects(.question, .enter) == [.send(.answer(task, text: "yes"))])
    #expect(effects(.work, .enter) == [.send(.reject([task], words: "take more care"))])
    #expect(effects(.work, .escape) == [] && effects(.work, .character("y")) == [])
    #expect(effects(.command, .character("y")) == [.send(.approve([task]))])
    #expect(effects(.command, .character("n")) == [.send(.reject([task], words: nil))])
  }
}
