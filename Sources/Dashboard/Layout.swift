package import Canvas

/// Which panel lies where on a screen of this size; nil is not shown.
package struct Layout: Sendable, Equatable {
  /// Below this only one status line is drawn.
  package static let smallest = Size(columns: 40, rows: 10)
  /// From here on list and chart lie side by side.
  package static let twoPanes = 110
  /// From here on the output of the selected task has a pane of its own.
  package static let threePanes = 160

  package var header: Rect
  package var list: Rect?
  /// Lanes, graph or timeline, as `MainView` says.
  package var chart: Rect?
  package var output: Rect?
  package var gauges: Rect?
  /// The gauges are one line instead of three boxes.
  package var gaugesAreLine = false
  package var events: Rect?
  /// Where a replay stands, above the footer.
  package var scrubber: Rect?
  package var footer: Rect?

  /// The panes that are shown, in the order of Tab.
  package var panes: [Pane] {
    var panes: [Pane] = []
    if list != nil { panes.append(.tasks) }
    if chart != nil { panes.append(.chart) }
    if output != nil { panes.append(.output) }
    if gauges != nil, !gaugesAreLine { panes.append(.gauges) }
    if events != nil { panes.append(.events) }
    return panes
  }
}

extension DashboardState {
  package func layout(_ size: Size) -> Layout {
    let all = Rect(row: 0, column: 0, rows: size.rows, columns: size.columns)
    let small = Layout.smallest
    guard size.columns >= small.columns, size.rows >= small.rows else { return Layout(header: all) }
    let (header, rest) = all.split(top: 1)
    let (above, footer) = rest.split(top: rest.rows - 1)
    let (body, scrubber) = above.split(top: above.rows - (replay == nil ? 0 : 1))
    var layout = Layout(header: header, footer: footer)
    if scrubber.rows > 0 { layout.scrubber = scrubber }
    if isZoomed, zoom(body, &layout) { return layout }
    let (upper, events) = body.split(top: body.rows - Self.eventRows(size))
    if events.rows > 0 { layout.events = events }
    let hasBoxes = size.columns >= Layout.twoPanes && size.rows >= 30
    let gaugeRows = hasBoxes ? 8 : size.rows >= 14 ? 1 : 0
    let (main, gauges) = upper.split(top: upper.rows - gaugeRows)
    if gauges.rows > 0 { layout.gauges = gauges }
    layout.gaugesAreLine = !hasBoxes
    place(main, &layout)
    return layout
  }

  private static func eventRows(_ size: Size) -> Int {
    if size.rows >= 50 { return 12 }
    if size.rows >= 22 { return 6 }
    return size.rows >= 16 ? 4 : 0
  }

  private func place(_ main: Rect, _ layout: inout Layout) {
    guard main.columns >= Layout.twoPanes else {
      if view == .list { layout.list = main } else { layout.chart = main }
      return
    }
    let listColumns = main.columns >= Layout.threePanes ? 56 : 42
    let (list, rest) = main.split(left: listColumns)
    layout.list = list
    layout.chart = rest
    guard main.columns >= Layout.threePanes else { return }
    let (chart, output) = rest.split(left: max(60, rest.columns / 2))
    layout.chart = chart
    layout.output = output
  }

  private func zoom(_ body: Rect, _ layout: inout Layout) -> Bool {
    switch focus {
    case .tasks: layout.list = body
    case .chart: layout.chart = body
    case .output: layout.output = body
    case .events: layout.events = body
    case .gauges: return false
    }
    return true
  }
}
