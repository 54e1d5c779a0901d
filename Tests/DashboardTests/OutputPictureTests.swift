import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The output of a task on the screen")
struct OutputPictureTests {
  static let output = """
    2026-11-26T05:10:21Z INFO  resolving 12 packages
    2026-11-26T05:10:22Z DEBUG cache hit for \u{1b}[36mcanvas\u{1b}[0m
    \u{1b}[2K 10% ##\r\u{1b}[2K 60% ########\r\u{1b}[2K100% ############ linked
    \u{1b}[1mSources/Core/Layout.swift:12:9: \u{1b}[31merror: \u{1b}[0mcannot find 'grid' in scope
    Sources/Core/Layout.swift:40:5: warning: variable 'rows' was never mutated; consider changing to 'let' constant
    {"level":"warn","msg":"slow disk","ms":1840}
    \u{1b}[32m✓\u{1b}[0m 41 tests passed, \u{1b}[33;1m1 skipped\u{1b}[0m, \u{1b}[41;97m 2 failed \u{1b}[0m
    \u{1b}[30mblack on the ground\u{1b}[0m \u{1b}[31;41mhidden\u{1b}[0m \u{1b}[7mreversed\u{1b}[0m \u{1b}[3;4mset\u{1b}[0m
    \u{1b}]0;a title\u{7}\u{1b}]52;c;c2VjcmV0\u{7}\u{1b}[?25l\u{1b}[10;10Hlast words

    """

  static func serve(_ state: inout DashboardState, _ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .readLog(let log, _):
        let bytes = Array(output.utf8)
        let window = LogWindow(offset: 0, bytes: bytes, totalBytes: Int64(bytes.count))
        serve(&state, state.update(.logWindow(log, window)))
      case .find(let text, let log, let from, _):
        let start = output.utf8.count - (output.range(of: text, from: from)?.utf8.count ?? 0)
        serve(&state, state.update(.found(log, Int64(start))))
      default: break
      }
    }
  }

  static func sample(_ look: FrameTests.Look, _ size: Size, keys: String) -> DashboardState {
    var state = PopupTests.sample(look, size)
    let log = state.selectedLog.map { LogReference(task: $0.task, attempt: $0.attempt) }
    serve(&state, log.map { [.readLog($0, .end)] } ?? [])
    for key in keys {
      serve(&state, state.update(.key(key == "⏎" ? .enter : .character(key))))
    }
    return state
  }

  @Test("has colours, levels and matches", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func popup(size: Size, look: FrameTests.Look) throws {
    let state = Self.sample(look, size, keys: "ogt/error⏎")
    try expectGolden(
      state.frame(size: size).golden, "output-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test(
    "shows warnings and above beside the chart, with the focus", arguments: FrameTests.Look.allCases
  )
  func pane(look: FrameTests.Look) throws {
    let size = Size(columns: 200, rows: 60)
    let state = Self.sample(look, size, keys: "5LL")
    try expectGolden(state.frame(size: size).golden, "output-pane-200x60-\(look.rawValue)")
  }

  @Test("the pane scrolls and searches while it has the focus, and only then")
  func keys() {
    let size = Size(columns: 200, rows: 60)
    var state = Self.sample(.unicode, size, keys: "")
    let selected = state.selection
    Self.serve(&state, state.press("5k"))
    #expect(state.selection == selected)
    #expect(state.press("w").isEmpty && state.outputPane?.look.wraps == true)
    _ = state.press("/p")
    #expect(state.outputPane?.search.typed == "p" && !state.isFiltering)
    #expect(state.frame(size: size).text.contains("/p"))
    _ = state.update(.key(.enter))
    #expect(state.press("|") == state.selectedLog.map { [.openLog($0, with: .pager)] })
    #expect(state.press("?").isEmpty && state.frame(size: size).text.contains("Output pane"))
    _ = state.update(.key(.escape))
    _ = state.press("1k")
    #expect(state.selection != selected)
  }

  @Test("keeps how lines are shown when one goes on to another task")
  func looks() {
    let size = Size(columns: 200, rows: 60)
    var state = Self.sample(.unicode, size, keys: "5wC1")
    Self.serve(&state, state.press("k"))
    #expect(state.outputPane?.look == LogLook(wraps: true, showsColors: false))
  }

  @Test(
    "goes to the person's pager and editor, and its path to the clipboard",
    arguments: [("|", LogViewer.pager), ("E", .editor), ("Y", .clipboard)])
  func viewer(key: String, viewer: LogViewer) throws {
    for open in ["o", "⏎", "⏎2"] {
      var state = Self.sample(.unicode, Size(columns: 80, rows: 24), keys: open)
      let log = try #require(state.selectedLog)
      #expect(state.press(key) == [.openLog(log, with: viewer)])
    }
    var state = DashboardState.after(.release())
    _ = state.update(.told("no file\u{1b}[2J"))
    #expect(state.notice == "no file·[2J")
  }
}

extension String {
  /// What follows from the line on that holds the text, at or behind a byte.
  fileprivate func range(of text: String, from: Int64) -> Substring? {
    var rest = Substring(self)
    var offset: Int64 = 0
    while !rest.isEmpty {
      let line = rest.prefix { $0 != "\n" }
      if offset >= from, line.contains(text) { return rest }
      offset += Int64(line.utf8.count + 1)
      rest = rest.dropFirst(line.count + 1)
    }
    return nil
  }
}
