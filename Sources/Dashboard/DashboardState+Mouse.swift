import Canvas
import Model

/// The last click, to tell a double one.
struct Click: Sendable, Equatable {
  /// Two presses within this time are a double click, in nanoseconds.
  static let doubleTime: Int64 = 500_000_000

  var row: Int
  var column: Int
  var wallTime: Int64
  /// It opened a popup, which a second press is not meant for.
  var hasOpened = false

  /// Whether the other press belongs to this one: same row, near column, soon after.
  func isDoubled(by other: Click) -> Bool {
    row == other.row && abs(column - other.column) <= 1
      && (0...Self.doubleTime).contains(other.wallTime - wallTime)
  }
}

extension DashboardState {
  /// Rows of one turn of the wheel.
  static let wheelRows = 3

  /// Answers the mouse: the newest popup has it alone, else the pane under the pointer.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    switch (event.kind, mouse) {
    case (_, .off): return []
    case (.wheelUp, _), (.wheelDown, _): break
    case (_, .scroll): return []
    default: break
    }
    if !popups.isEmpty { return pointInPopup(event) }
    switch event.kind {
    case .press(.left): return click(event)
    case .drag(.left): return drag(to: event)
    case .release:
      handle = nil
      return []
    case .wheelUp: return scroll(-Self.wheelRows, at: event)
    case .wheelDown: return scroll(Self.wheelRows, at: event)
    default: return []
    }
  }

  mutating func cycleMouse() -> [Effect] {
    mouse = mouse.next
    switch mouse {
    case .off: tell("mouse off: the terminal selects and scrolls")
    case .scroll: tell("mouse: wheel only; Shift selects as the terminal does")
    case .full: tell("mouse: clicks and wheel; Shift selects as the terminal does")
    }
    return [.mouse(mouse)]
  }
}

// MARK: What lies where

extension DashboardState {
  /// The pane at a cell of the screen, and the place it takes.
  func pane(at event: MouseEvent) -> (pane: Pane, rect: Rect)? {
    let layout = layout(size)
    let places: [(Pane, Rect?)] = [
      (.tasks, layout.list), (.chart, layout.chart), (.output, layout.output),
      (.gauges, layout.gauges), (.events, layout.events),
    ]
    for case (let pane, let rect?) in places
    where rect.contains(row: event.row, column: event.column) {
      return (pane, rect)
    }
    return nil
  }

  /// What the cell of a pane stands for; nil is nothing but the pane itself.
  func item(at event: MouseEvent, in pane: Pane, _ rect: Rect) -> Item? {
    guard rect.inside.contains(row: event.row, column: event.column) else { return nil }
    switch pane {
    case .tasks: return listItem(at: event, in: rect)
    case .chart: return chartItem(at: event, in: rect)
    case .events: return eventItem(at: event, in: rect)
    case .gauges, .output: return nil
    }
  }

  private func listItem(at event: MouseEvent, in rect: Rect) -> Item? {
    let items = listing.items
    return Self.item(
      of: items, at: event.row - rect.inside.row - 1, from: listTop, showing: position(in: items),
      rows: listRoom(rect))
  }

  /// What a cell of the drawing in the chart stands for.
  private func chartItem(at event: MouseEvent, in rect: Rect) -> Item? {
    switch chart {
    case .lanes: laneItem(at: event, in: rect)
    case .graph: graphItem(row: event.row, column: event.column, in: rect)
    case .timeline: timelineItem(at: event, in: rect)
    case .list: nil
    }
  }

  private func laneItem(at event: MouseEvent, in rect: Rect) -> Item? {
    Self.item(
      of: lanes.items, at: event.row - rect.inside.row - 1, from: laneTop,
      showing: position(in: lanes.items), rows: laneRoom(rect))
  }

  private func timelineItem(at event: MouseEvent, in rect: Rect) -> Item? {
    guard timeline.rows == .tasks else { return nil }
    let items = listing.items
    return Self.item(
      of: items, at: event.row - timelineFirstRow(rect), from: timeline.top,
      showing: position(in: items), rows: timelineRoom(rect))
  }

  private static func item(
    of items: [Item], at offset: Int, from top: Int, showing selected: Int?, rows: Int
  ) -> Item? {
    guard (0..<max(0, rows)).contains(offset) else { return nil }
    let at = Self.top(top, showing: selected, of: items.count, rows: rows) + offset
    return items.indices.contains(at) ? items[at] : nil
  }

  private func eventItem(at event: MouseEvent, in rect: Rect) -> Item? {
    let at = events.count - 1 - eventTop - (event.row - rect.inside.row)
    guard events.indices.contains(at) else { return nil }
    return events[at].task.map { .task($0) }
  }
}

// MARK: Clicks

extension DashboardState {
  private mutating func click(_ event: MouseEvent) -> [Effect] {
    handle = nil
    if let button = frame(size: size).button(row: event.row, column: event.column) {
      return answer(button, at: event)
    }
    isFiltering = false
    let click = Click(row: event.row, column: event.column, wallTime: wallTime)
    let isDouble = lastClick?.isDoubled(by: click) ?? false
    lastClick = click
    guard let (pane, rect) = pane(at: event) else { return [] }
    let wasFocused = focus == pane
    let item = item(at: event, in: pane, rect)
    if pane != .gauges || !layout(size).gaugesAreLine { focus(on: pane) }
    defer { keepSelectionInView() }
    guard let item else { return [] }
    if pane == .tasks, event.column == rect.inside.column + 1, case .group(let group) = item {
      turnFold(of: group)
      return []
    }
    // An event leads to its task, which is then selected already, but not by the person.
    guard selection == item, isDouble || wasFocused && pane != .events else {
      selection = item
      follows = false
      return []
    }
    lastClick?.hasOpened = true
    return perform(.details)
  }

  private mutating func answer(_ button: Button, at event: MouseEvent) -> [Effect] {
    switch button.meaning {
    case .key(let key): return press(key)
    case .scrubber: handle = .scrubber(button.place)
    case .map:
      focus(on: .chart)
      handle = .map(button.place)
    case .item(let number): return show(run: number)
    }
    return drag(to: event)
  }

  /// A click on the sign of a group unfolds it one step, and folds what is open.
  private mutating func turnFold(of group: Int) {
    selection = .group(group)
    changeFold(fold(of: group) == .open ? Fold.closed.rawValue - Fold.open.rawValue : 1)
    refresh()
  }

  private mutating func scroll(_ step: Int, at event: MouseEvent) -> [Effect] {
    guard let (pane, rect) = pane(at: event) else { return [] }
    switch pane {
    case .tasks:
      scroll(listing.items, by: step, rows: listRoom(rect), top: \.listTop)
    case .chart: scrollChart(step, rect)
    case .events:
      let page = max(1, rect.inside.rows)
      eventTop = min(max(0, events.count - page), max(0, eventTop + step))
    case .output: return scrollOutput(step, rect)
    case .gauges: break
    }
    keepSelectionInView()
    return []
  }

  private mutating func scrollOutput(_ step: Int, _ rect: Rect) -> [Effect] {
    let place = Self.outputArea(rect)
    let area = Size(columns: place.columns, rows: place.rows)
    return (0..<abs(step)).flatMap { _ in
      outputPane?.move(step < 0 ? .up : .down, area: area) ?? []
    }
  }

  private mutating func scrollChart(_ step: Int, _ rect: Rect) {
    switch chart {
    case .lanes: scroll(lanes.items, by: step, rows: laneRoom(rect), top: \.laneTop)
    case .graph: moveInGraph(step < 0 ? .up : .down)
    case .timeline: scrollTimeline(step, rect)
    case .list: break
    }
  }

  private mutating func scrollTimeline(_ step: Int, _ rect: Rect) {
    let rows = timelineRoom(rect)
    guard timeline.rows == .slots else {
      return scroll(listing.items, by: step, rows: rows, top: \.timeline.top)
    }
    timeline.top = min(max(0, slotCount - rows), max(0, timeline.top + step))
  }

  /// Moves the window over the rows; the selection comes along when it would be left behind, for it is
  /// what everything else on the screen follows.
  private mutating func scroll(
    _ items: [Item], by step: Int, rows: Int, top: WritableKeyPath<DashboardState, Int>
  ) {
    guard rows > 0, !items.isEmpty else { return }
    let at = position(in: items)
    let now = Self.top(self[keyPath: top], showing: at, of: items.count, rows: rows)
    let next = min(max(0, items.count - rows), max(0, now + step))
    self[keyPath: top] = next
    guard let at else { return }
    let kept = min(max(at, next), next + rows - 1)
    guard kept != at, items.indices.contains(kept) else { return }
    selection = items[kept]
    follows = false
  }
}
