import Canvas
import Model

extension DashboardState {
  /// The rows that the selection moves in now.
  var items: [Item] { movesInLanes ? lanes.items : listing.items }

  /// The lanes have the focus, or are all that shows.
  var movesInLanes: Bool {
    guard !lanes.items.isEmpty, chart == .lanes else { return false }
    return layout(size).list == nil || focus == .chart
  }

  /// The timeline has the focus, or is all that shows.
  package var movesInTimeline: Bool {
    guard chart == .timeline else { return false }
    let layout = layout(size)
    return layout.chart != nil && (layout.list == nil || focus == .chart)
  }

  mutating func moveTimeline(_ move: TimelineMove) {
    timeline.move(move, now: timelineEnd, isRunning: isRunning, anchor: selectedMiddle)
  }

  /// Middle of the newest attempt of the selected task.
  private var selectedMiddle: Double? {
    guard let attempt = selectedTask.flatMap({ run[$0].lastAttempt }) else { return nil }
    return (attempt.startSeconds + (attempt.endSeconds ?? timelineEnd)) / 2
  }

  mutating func move(_ action: Action) {
    if focus == .events { return scrollEvents(action) }
    if movesInGraph, !action.isSearch { return moveInGraph(action) }
    if movesInTimeline, timeline.rows == .slots { return scrollSlots(action) }
    let items = items
    guard !items.isEmpty else { return }
    let at = position(in: items) ?? 0
    switch action {
    case .nextFailed: findFailed(by: 1)
    case .previousFailed: findFailed(by: -1)
    case .nextAttention: findAttention()
    default:
      guard let step = step(of: action, page: pageRows, count: items.count) else { return }
      selection = items[min(items.count - 1, max(0, at + step))]
    }
    follows = false
  }

  private func step(of action: Action, page: Int, count: Int) -> Int? {
    switch action {
    case .up, .previousMatch: -1
    case .down, .nextMatch: 1
    case .top: -count
    case .bottom: count
    case .pageUp: -page
    case .pageDown: page
    case .halfPageUp: -max(1, page / 2)
    case .halfPageDown: max(1, page / 2)
    default: nil
    }
  }

  private mutating func scrollSlots(_ action: Action) {
    let page = pageRows
    guard let step = step(of: action, page: page, count: slotCount) else { return }
    timeline.top = min(max(0, slotCount - page), max(0, timeline.top + step))
  }

  private mutating func scrollEvents(_ action: Action) {
    let page = max(1, (layout(size).events?.rows ?? 3) - 2)
    // Newest first: down is towards the past.
    guard let step = step(of: action, page: page, count: events.count) else { return }
    eventTop = min(max(0, events.count - page), max(0, eventTop + step))
  }

  private var pageRows: Int {
    let layout = layout(size)
    let room =
      movesInLanes
      ? layout.chart.map(laneRoom)
      : movesInTimeline ? layout.chart.map(timelineRoom) : layout.list.map(listRoom)
    return max(1, room ?? 1)
  }

  /// Where the selection is among the rows; of a task inside a folded group, the group.
  func position(in items: [Item]) -> Int? {
    guard var selection else { return nil }
    if case .cluster(let cluster) = selection, let first = cluster.tasks.first {
      selection = .task(first)
    }
    if let at = items.firstIndex(of: selection) { return at }
    guard case .task(let task) = selection, listing.tree.paths.indices.contains(task.index) else {
      return nil
    }
    for group in listing.tree.paths[task.index] {
      if let at = items.firstIndex(of: .group(group)) { return at }
    }
    return nil
  }

  mutating func changeFold(_ step: Int) {
    guard let selection else { return }
    let group: Int
    switch selection {
    case .group(let index): group = index
    case .task(let task):
      guard step < 0, let index = listing.tree.paths[task.index].first else { return }
      group = index
      self.selection = .group(group)
    case .cluster: return
    }
    let now = folds[group] ?? listing.defaultFold(of: group)
    folds[group] = Fold(rawValue: now.rawValue + step) ?? now
    layLanes()
  }
}

extension DashboardState {
  /// What the pane beside or instead of the list draws.
  package var chart: MainView { view == .list ? .graph : view }

  /// Whether the list has a pane of its own.
  private var isListApart: Bool { size.columns >= Layout.twoPanes }

  package var nextView: MainView { (isListApart ? chart : view).next(isListApart: isListApart) }

  mutating func showNextView() {
    view = nextView
    if focus == .tasks || focus == .chart, !isListApart { focus = view == .list ? .tasks : .chart }
  }

  mutating func focus(on pane: Pane) {
    switch pane {
    case .tasks: if !isListApart { view = .list }
    case .chart: view = chart
    default: guard layout(size).panes.contains(pane) || isZoomed else { return }
    }
    focus = pane
  }

  mutating func cyclePane(_ step: Int) {
    let panes = layout(size).panes
    guard !panes.isEmpty else { return }
    let at = panes.firstIndex(of: focus) ?? 0
    focus(on: panes[(at + step + panes.count) % panes.count])
  }

  /// Moves the windows of list and lanes by as little as shows the selection.
  mutating func keepSelectionInView() {
    let layout = layout(size)
    if let list = layout.list {
      let at = position(in: listing.items)
      listTop = Self.top(listTop, showing: at, of: listing.rows.count, rows: listRoom(list))
    }
    if let pane = layout.chart, chart == .graph { keepChipInView(pane) }
    if let pane = layout.chart, chart == .lanes {
      let at = position(in: lanes.items)
      laneTop = Self.top(laneTop, showing: at, of: lanes.items.count, rows: laneRoom(pane))
    }
    if let pane = layout.chart, chart == .timeline {
      timeline.top = timelineTop(rows: timelineRoom(pane))
    }
  }

  /// Returns the first visible row: as it was, moved as little as possible.
  static func top(_ top: Int, showing row: Int?, of count: Int, rows: Int) -> Int {
    let rows = max(1, rows)
    var top = min(top, max(0, count - rows))
    if let row {
      top = min(top, row)
      top = max(top, row - rows + 1)
    }
    return max(0, top)
  }
}

extension Action {
  /// Goes through all tasks, wherever they are drawn.
  fileprivate var isSearch: Bool {
    self == .nextFailed || self == .previousFailed || self == .nextAttention
  }
}
