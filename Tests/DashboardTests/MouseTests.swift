import Canvas
import Model
import Planning
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

  @Test("while a popup is open a click on the footer is the popup's key, not a click outside")
  func popupFooter() throws {
    var state = Self.state()
    state.selection = .task(Self.id("core"))
    _ = state.update(.key(.enter))
    let place = try Self.place(of: "tab", in: state, below: state.size.rows - 2)
    _ = state.click(place.row, place.column)
    guard case .details(let popup) = try #require(state.popups.last) else {
      throw Missing(text: "details")
    }
    #expect(popup.tab == .output)
  }

  @Test("a click on a theme shows it, one more keeps it")
  func theme() throws {
    var state = ThemePopupTests.sample(.unicode, Self.wide)
    _ = state.press("T")
    let place = try Self.place(of: "fell", in: state)
    _ = state.click(place.row, place.column)
    #expect(state.theme == ThemePopupTests.fell && state.popups.count == 1)
    state.wallTime += 2 * Click.doubleTime
    _ = state.click(place.row, place.column)
    #expect(state.theme == ThemePopupTests.fell && state.popups.isEmpty)
  }

  @Test("a click on the program's name opens the palette, and one on its line does that")
  func palette() throws {
    var state = Self.state()
    _ = state.click(0, 2)
    _ = state.press("sort by the next")
    let place = try Self.place(of: "Sort by the next", in: state)
    let before = state.order
    _ = state.click(place.row, place.column)
    #expect(state.popups.isEmpty)
    #expect(state.order == before.moved(by: 1))
  }

  @Test("a click on a signal chooses it and sends nothing; one on the key below sends it")
  func signal() throws {
    var state = Self.state()
    state.selection = .task(Self.id("core"))
    _ = state.press("X")
    let place = try Self.place(of: "HUP", in: state)
    #expect(state.click(place.row, place.column) == [])
    let key = try Self.place(of: "send", in: state, below: place.row)
    #expect(
      state.click(key.row, key.column) == [.send(.signal([Self.id("core")], number: 1))])
  }

  @Test("a click on an earlier run of the project asks for that one, however old")
  func shelf() throws {
    var state = RunShelfTests.sample()
    state.mouse = .full
    _ = state.update(.resized(Self.wide))
    let place = try Self.place(of: "#40", in: state)
    #expect(state.click(place.row, place.column + 1) == [.showRun(40)])
  }

  @Test(
    "a press on the scrubber goes to that time, and so does a drag from there, wherever it leads")
  func scrubber() throws {
    var state = RunShelfTests.turned(.unicode, Self.wide)
    state.mouse = .full
    let track = try #require(
      state.frame(size: state.size).buttons.first { $0.meaning == .scrubber }?.place)
    let seek = { (share: Double) in [Effect.replay(.seek(.share(share)))] }
    #expect(state.point(.press(.left), track.row, track.column) == seek(0))
    #expect(state.point(.drag(.left), track.row - 9, track.endColumn + 4) == seek(1))
    let middle = Double(10) / Double(track.columns - 1)
    #expect(state.point(.drag(.left), 0, track.column + 10) == seek(middle))
    #expect(state.point(.release, 0, 0) == [])
    #expect(state.point(.drag(.left), track.row, track.column) == [])
    #expect(state.click(track.row, 2) == [.replay(.togglePlay)])
    #expect(state.click(track.row, 11) == [.replay(.faster)])
  }

  @Test("a drag on the map moves the window over the graph, and the selection with it")
  func map() throws {
    var state = GraphViewTests.state(.staged(100, seed: 5), zoom: .names, Self.wide)
    state.mouse = .full
    let map = try #require(
      state.frame(size: state.size).buttons.first { $0.meaning == .map }?.place)
    let picture = try #require(state.graph.picture)
    let room = state.graphRoom(try #require(state.layout(state.size).chart))
    _ = state.point(.press(.left), map.row, map.column)
    for (row, column) in [
      (map.endRow - 1, map.endColumn - 1), (map.row, map.endColumn - 1),
      (map.endRow + 20, map.endColumn + 20), (map.row, map.column),
    ] {
      _ = state.point(.drag(.left), row, column)
      let atBottom = row >= map.endRow - 1
      let atRight = column >= map.endColumn - 1
      let chip = picture.layout.rect(of: try #require(state.selectedChip))
      #expect((state.graph.top..<state.graph.top + room.rows).contains(chip.row))
      #expect((state.graph.left..<state.graph.left + room.columns).contains(chip.column))
      #expect(atRight == (state.graph.left > (picture.layout.size.columns - room.columns) / 2))
      #expect(atBottom == (state.graph.top > (picture.layout.size.rows - room.rows) / 2))
    }
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
  fileprivate mutating func point(_ kind: MouseEvent.Kind, _ row: Int, _ column: Int) -> [Effect] {
    update(.key(.mouse(MouseEvent(kind, row: row, column: column))))
  }

  fileprivate mutating func click(_ row: Int, _ column: Int) -> [Effect] {
    let effects = update(.key(.mouse(MouseEvent(.press(.left), row: row, column: column))))
    _ = update(.key(.mouse(MouseEvent(.release, row: row, column: column))))
    return effects
  }

  fileprivate mutating func wheel(_ kind: MouseEvent.Kind, _ row: Int, _ column: Int) {
    _ = update(.key(.mouse(MouseEvent(kind, row: row, column: column))))
  }
}
