import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The screen")
struct FrameTests {
  static let sizes = [
    Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 120, rows: 36),
    Size(columns: 200, rows: 60),
  ]

  enum Look: String, CaseIterable {
    case unicode, ascii, plain

    var glyphs: Glyphs { self == .ascii ? .ascii : .unicode }
    var theme: Theme { self == .plain ? .noColor : .okabeIto }
  }

  static func sample(_ look: Look, _ size: Size) -> DashboardState {
    var state = DashboardState.after(.release(), glyphs: look.glyphs, theme: look.theme)
    var signals = Signals()
    for (name, bytes) in [("core", 96), ("ui", 74), ("shard[n=18]", 21), ("shard[n=22]", 20)] {
      guard let task = state.run.graph.task(named: name) else { continue }
      signals.tasks[task.id] = Signals.TaskSample(residentBytes: Int64(bytes) << 20)
    }
    _ = state.update(.signals(signals))
    _ = state.update(.resized(size))
    _ = state.press("jjjj")
    return state
  }

  @Test("shows a run in its middle", arguments: sizes, Look.allCases)
  func middle(size: Size, look: Look) throws {
    let frame = Self.sample(look, size).frame(size: size)
    try expectGolden(frame.golden, "\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("shows lanes alone where list and lanes do not fit")
  func lanesAlone() throws {
    let size = Size(columns: 80, rows: 24)
    var state = Self.sample(.unicode, size)
    _ = state.press("t")
    try expectGolden(state.frame(size: size).golden, "80x24-lanes")
  }

  @Test("says what it waits for before anything has happened")
  func empty() throws {
    let size = Size(columns: 80, rows: 24)
    try expectGolden(DashboardState().frame(size: size).golden, "80x24-empty")
  }
}

@Suite("Lanes")
struct LaneTests {
  static let graphs: [TaskGraph] = [
    .fan(2), .fanOut(3), .fanOut(12), .fanIn(3), .fanIn(12), .fan(12), .chains(6), .release,
    .random(40, seed: 7),
  ]

  @Test("draw a graph", arguments: graphs)
  func picture(graph: TaskGraph) throws {
    let size = Size(columns: 80, rows: graph.tasks.count + 12)
    var state = DashboardState.after(FactScript(graph))
    _ = state.update(.resized(size))
    _ = state.press("t")
    for group in graph.groups.indices { state.folds[group] = .open }
    state.layLanes()
    let rect = Rect(row: 0, column: 0, rows: graph.tasks.count + 3, columns: 80)
    var frame = Frame(size: Size(columns: rect.columns, rows: rect.rows))
    state.drawLanes(in: rect, on: &frame)
    try expectGolden(frame.text, "lanes-\(graph.name)")
  }
}
