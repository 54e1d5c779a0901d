import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("Whatever happens, the screen")
struct FuzzTests {
  /// What happens to a screen, one thing after the other.
  static let steps = Soak.isOn ? 400 : 40

  @Test("can be drawn at every size up to 60 × 20", arguments: 1...20)
  func everySmallSize(rows: Int) {
    var list = DashboardState.after(.release())
    var lanes = list
    _ = lanes.press("t")
    var timeline = lanes
    _ = timeline.press("t+w")
    _ = list.press("jj?")
    // Without a soak a third of them, at each height and at each width.
    for columns in 1...60 where Soak.isOn || (columns + rows) % 3 == 0 {
      let size = Size(columns: columns, rows: rows)
      for state in [list, lanes, timeline, DashboardState()] {
        #expect(state.frame(size: size).size == size)
      }
    }
  }

  static let keys: [Key] =
    "jkhlgGttTwzZ:.+-=fsScxXrRoOpPnNeEa!12345q?yd/ m".map { .character($0) }
    + [
      .enter, .escape, .tab, .backTab, .up, .down, .left, .right, .pageUp, .pageDown, .home, .end,
      .control("d"), .control("u"), .control("f"), .control("b"), .control("c"), .control("l"),
      .control("z"), .backspace, .paste("x\ny"), .focus(true), .function(5),
    ]

  @Test("survives keys, sizes and facts in any order", arguments: 0..<12)
  func anything(seed: Int) {
    var random = SplitMix(UInt64(seed))
    let script = seed % 2 == 0 ? FactScript.release() : Self.wild(seed: UInt64(seed))
    var rest = script.facts[...]
    var state = DashboardState()
    for step in 0..<Self.steps {
      switch random.next() % 6 {
      case 0:
        let count = Int(random.next() % 20)
        _ = state.update(.facts(Array(rest.prefix(count))))
        rest = rest.dropFirst(count)
      case 1:
        let size = Size(columns: Int(random.next() % 301), rows: Int(random.next() % 101))
        _ = state.update(.resized(size))
      case 2:
        _ = state.update(.tick(wallTime: Int64(step) * 1_000_000_000, elapsedSeconds: Double(step)))
      default:
        guard let key = Self.keys.randomElement(using: &random) else { continue }
        _ = state.update(.key(key))
      }
      let frame = state.frame(size: state.size)
      #expect(frame.cells.count == state.size.rows * state.size.columns)
    }
  }

  /// A random graph whose tasks enter random states.
  static func wild(seed: UInt64) -> FactScript {
    var random = SplitMix(seed)
    var script = FactScript(.random(80, seed: seed))
    for step in 0..<300 {
      let name = "t\(random.next() % 80)"
      let state = TaskState.allCases.randomElement(using: &random) ?? .ready
      if state == .running {
        script.start(name, at: Double(step))
      } else {
        script.state(name, state, "because \u{1B}[2J \u{202E}", until: Double(step) + 4)
      }
    }
    return script
  }

  @Test("shows nothing that a name could do to a terminal")
  func hostileNames() {
    var graph = GraphScript("\u{1B}]0;title\u{7}\u{202E}run")
    graph.task("\u{1B}[2Jwipe\u{9B}31m")
    graph.task("zero\u{200B}\u{FE0F}wide漢字漢字漢字漢字漢字漢字漢字")
    var script = FactScript(graph.graph)
    script.start("\u{1B}[2Jwipe\u{9B}31m", at: 1)
    let state = DashboardState.after(script)
    for columns in stride(from: 1, through: 200, by: 7) {
      let frame = state.frame(size: Size(columns: columns, rows: 36))
      for cell in frame.cells {
        #expect(cell.glyph.unicodeScalars.count == 1)
        #expect(cell.glyph.unicodeScalars.allSatisfy { columnWidth(of: $0) > 0 })
      }
    }
  }

  @Test("holds nothing but ASCII where the terminal knows no more")
  func ascii() {
    let state = DashboardState.after(Self.wild(seed: 3), glyphs: .ascii, theme: .noColor)
    for size in FrameTests.sizes {
      #expect(state.frame(size: size).cells.allSatisfy { $0.glyph.isASCII })
    }
  }

  @Test("makes only the rows that show, however many there are")
  func manyTasks() {
    let graph = TaskGraph.random(2_000, seed: 11)
    var state = DashboardState.after(FactScript(graph))
    _ = state.update(.resized(Size(columns: 120, rows: 36)))
    _ = state.press("G")
    #expect(state.selection == state.listing.rows.last?.item)
    #expect(state.listTop > 0)
    #expect(state.frame(size: state.size).text.contains("›"))
  }
}
