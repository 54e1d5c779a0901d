import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The mouse")
struct MouseTests {
  static let wide = Size(columns: 120, rows: 36)

  static func state(_ size: Size = wide, mouse: MouseMode = .full) -> DashboardState {
    var state = DashboardState.after(.release())
    state.mouse = mouse
    _ = state.update(.resized(size))
    return state
  }

  static func id(_ name: String) -> TaskID { KeyTests.id(name) }

  /// Where the screen shows this text first, below the given row.
  static func place(of text: String, in state: DashboardState, below row: Int = -1) throws
    -> (row: Int, column: Int)
  {
    let frame = state.frame(size: state.size)
    let wanted = Array(text)
    for number in 0..<frame.size.rows where number > row {
      let line = frame.cells(in: number).map(\.glyph)
      for column in 0..<max(0, line.count - wanted.count)
      where line[column..<(column + wanted.count)].elementsEqual(wanted) {
        return (number, column)
      }
    }
    throw Missing(text: text)
  }

  struct Missing: Error { var text: String }

  @Test("a click on a row selects it; on the selected row it opens the details")
  func selects() throws {
    var state = Self.state()
    let row = try Self.place(of: "docs", in: state)
    #expect(state.click(row.row, row.column) == [])
    #expect(state.selection == .task(Self.id("docs")))
    #expect(state.focus == .tasks && state.popups.isEmpty)
    state.wallTime += 2 * Click.doubleTime
    _ = state.click(row.row, row.column)
    #expect(state.popups == [.details(DetailsPopup(item: .task(Self.id("docs"))))])
  }

  @Test("a double click opens the details, and its second press is not taken for the popup")
  func doubleClick() throws {
    var state = Self.state()
    let row = try Self.place(of: "docs", in: state)
    _ = state.click(row.row, row.column)
    _ = state.click(row.row, row.column)
    #expect(state.popups.count == 1)
    var other = Self.state()
    other.selection = .task(Self.id("docs"))
    // The first press opens; the border of the popup, or what is outside it, lies under the second.
    _ = other.click(row.row, row.column)
    _ = other.click(row.row, row.column)
    #expect(other.popups.count == 1)
  }

  @Test("a click in the chart selects its row and gives it the focus")
  func chart() throws {
    var state = Self.state()
    state.view = .lanes
    let chart = try #require(state.layout(state.size).chart)
    let at = chart.inside.row + 1 + 3
    _ = state.click(at, chart.column + 20)
    #expect(state.focus == .chart)
    #expect(state.selection == state.lanes.items[3])
  }

  @Test("a click in the graph selects the chip under it")
  func graph() throws {
    var state = Self.state()
    state.graph.wanted = nil
    _ = state.take(.resized(state.size))
    let chart = try #require(state.layout(state.size).chart)
    let picture = try #require(state.graph.picture)
    let cells = (chart.row..<chart.endRow).flatMap { row in
      (chart.column..<chart.endColumn).map { (row, $0) }
    }
    for (row, column) in cells {
      guard let item = state.graphItem(row: row, column: column, in: chart) else { continue }
      _ = state.click(row, column)
      #expect(state.selection == item && picture.items.contains(item))
      _ = state.take(.key(.escape))
    }
  }

  @Test("a click on a border gives the pane the focus and selects nothing")
  func border() throws {
    var state = Self.state()
    let before = state.selection
    let events = try #require(state.layout(state.size).events)
    _ = state.click(events.row, events.column + 5)
    #expect(state.focus == .events)
    #expect(state.selection == before)
  }

  @Test("a click on an event selects its task")
  func event() throws {
    var state = Self.state()
    let events = try #require(state.layout(state.size).events)
    let newest = try #require(state.events.last(where: { $0.task != nil }))
    let position = try #require(state.events.lastIndex(of: newest))
    let offset = state.events.count - 1 - position
    _ = state.click(events.inside.row + offset, events.column + 12)
    #expect(state.selection == newest.task.map { .task($0) })
    #expect(state.popups.isEmpty)
  }

  @Test("the wheel scrolls the pane under the pointer and leaves the focus where it is")
  func wheel() throws {
    var state = Self.state(Size(columns: 120, rows: 30))
    let layout = state.layout(state.size)
    let list = try #require(layout.list)
    let events = try #require(layout.events)
    let focus = state.focus
    state.wheel(.wheelDown, events.row + 1, 4)
    #expect(state.eventTop == DashboardState.wheelRows)
    #expect(state.focus == focus && state.listTop == 0)
    state.wheel(.wheelUp, events.row + 1, 4)
    #expect(state.eventTop == 0)
    let rows = state.listing.rows.count
    #expect(rows > state.listRoom(list), "the list must have something to scroll")
    for _ in 0..<rows { state.wheel(.wheelDown, list.row + 3, 4) }
    #expect(state.listTop == rows - state.listRoom(list))
    let at = try #require(state.position(in: state.listing.rows.map(\.item)))
    #expect(at >= state.listTop, "the selection stays in view")
    for _ in 0..<rows { state.wheel(.wheelUp, list.row + 3, 4) }
    #expect(state.listTop == 0)
  }

  @Test("a click on the sign of a group unfolds it, step by step, and folds it again")
  func folds() throws {
    var state = Self.state()
    let list = try #require(state.layout(state.size).list)
    let group = try #require(state.listing.rows.firstIndex { $0.item == .group(0) })
    let row = list.inside.row + 1 + group - state.listTop
    var folds: [Fold] = []
    for _ in 0..<3 {
      _ = state.click(row, list.inside.column + 1)
      state.wallTime += 2 * Click.doubleTime
      folds.append(state.fold(of: 0))
    }
    #expect(folds == [.open, .closed, .active])
    #expect(state.popups.isEmpty)
  }

  @Test("the wheel scrolls the output beside the chart of a wide screen")
  func outputPane() throws {
    var state = Self.state(Size(columns: 180, rows: 40))
    state.selection = .task(Self.id("core"))
    for case .readLog(let log, _) in state.update(.ended) {
      let bytes = Array((0..<200).map { "line \($0)\n" }.joined().utf8)
      _ = state.update(
        .logWindow(log, LogWindow(offset: 0, bytes: bytes, totalBytes: Int64(bytes.count))))
    }
    let rect = try #require(state.layout(state.size).output)
    #expect(state.frame(size: state.size).text.contains("line 199"))
    state.wheel(.wheelUp, rect.row + 3, rect.column + 4)
    #expect(!state.frame(size: state.size).text.contains("line 197"))
    #expect(state.frame(size: state.size).text.contains("line 196"))
    #expect(state.focus != .output)
  }

  @Test("off it does nothing; in scroll mode clicks do nothing and the wheel works")
  func modes() throws {
    for mode in [MouseMode.off, .scroll] {
      var state = Self.state(mouse: mode)
      let row = try Self.place(of: "docs", in: state)
      let before = state.selection
      #expect(state.click(row.row, row.column) == [])
      #expect(state.selection == before)
      let events = try #require(state.layout(state.size).events)
      state.wheel(.wheelDown, events.row + 1, 4)
      #expect(state.eventTop == (mode == .off ? 0 : DashboardState.wheelRows))
    }
  }

  @Test("m goes through off, wheel only and full, and says how to select natively")
  func switching() {
    var state = Self.state()
    for mode in [MouseMode.off, .scroll, .full] {
      #expect(state.update(.key(.character("m"))) == [.mouse(mode)])
      #expect(state.mouse == mode)
      #expect(state.notice?.string.contains("mouse") == true)
    }
    #expect(state.notice?.string.contains("Shift") == true)
  }

  @Test("a click on a key of the footer is the key")
  func footer() throws {
    var state = Self.state()
    let place = try Self.place(of: "? help", in: state)
    _ = state.click(place.row, place.column + 3)
    #expect(state.popups == [.help(HelpPopup())])
  }

  @Test("in a popup a click on a tab shows it, one outside closes it")
  func tabs() throws {
    var state = Self.state()
    state.selection = .task(Self.id("core"))
    _ = state.update(.key(.enter))
    let place = try Self.place(of: "3 Deps", in: state)
    _ = state.click(place.row, place.column)
    guard case .details(let popup) = try #require(state.popups.last) else {
      throw Missing(text: "")
    }
    #expect(popup.tab == .dependencies)
    _ = state.click(0, 0)
    #expect(state.popups.isEmpty)
  }

  @Test("in a popup a press on a row puts the cursor there, a second one opens it")
  func rows() throws {
    var state = Self.state()
    state.selection = .task(Self.id("core"))
    _ = state.update(.key(.enter))
    _ = state.update(.key(.character("3")))
    let tabs = try Self.place(of: "3 Deps", in: state)
    let place = try Self.place(of: "test-core", in: state, below: tabs.row)
    _ = state.click(place.row, place.column)
    state.wallTime += 2 * Click.doubleTime
    _ = state.click(place.row, place.column)
    #expect(state.selection == .task(Self.id("test-core")))
  }

  @Test("in a question a click on an answer gives it, and nothing else does")
  func question() throws {
    var state = Self.state()
    _ = state.update(.key(.character("q")))
    #expect(state.popups == [.quit(QuitPopup())])
    let place = try Self.place(of: "stop all and quit", in: state)
    #expect(state.click(place.row - 3, place.column) == [])
    #expect(state.popups.count == 1)
    #expect(state.click(place.row, place.column) == [.quit(.stop)])
  }

  @Test("any event at any place of any screen is survived", arguments: 0..<8)
  func fuzz(seed: Int) {
    var random = SplitMix(UInt64(seed))
    var state = Self.state()
    let kinds: [MouseEvent.Kind] = [
      .press(.left), .press(.left), .press(.middle), .press(.right), .drag(.left), .release,
      .wheelUp, .wheelDown,
    ]
    for _ in 0..<FuzzTests.steps {
      if random.next() % 8 == 0 {
        let size = Size(columns: Int(random.next() % 301), rows: Int(random.next() % 101))
        _ = state.update(.resized(size))
      }
      if random.next() % 4 == 0, let key = FuzzTests.keys.randomElement(using: &random) {
        _ = state.update(.key(key))
      }
      let event = MouseEvent(
        kinds.randomElement(using: &random) ?? .release, row: Int(random.next() % 110),
        column: Int(random.next() % 310))
      _ = state.update(.key(.mouse(event)))
      state.wallTime += Int64(random.next() % 1_000_000_000)
      #expect(state.frame(size: state.size).size == state.size)
    }
  }
}

extension DashboardState {
  fileprivate mutating func click(_ row: Int, _ column: Int) -> [Effect] {
    let effects = update(.key(.mouse(MouseEvent(.press(.left), row: row, column: column))))
    _ = update(.key(.mouse(MouseEvent(.release, row: row, column: column))))
    return effects
  }

  fileprivate mutating func wheel(_ kind: MouseEvent.Kind, _ row: Int, _ column: Int) {
    _ = update(.key(.mouse(MouseEvent(kind, row: row, column: column))))
  }
}
