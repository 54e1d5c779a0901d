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
    _ = state.take(.signals(signals))
    _ = state.take(.resized(size))
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
