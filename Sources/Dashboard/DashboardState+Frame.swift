package import Canvas

extension DashboardState {
  /// Draws the whole screen; pure, and safe for any size.
  package func frame(size: Size) -> Frame {
    var frame = Frame(size: size)
    guard size.rows > 0, size.columns > 0 else { return frame }
    let layout = layout(size)
    if layout.footer == nil {
      drawStatusLine(on: &frame)
    } else {
      drawPanels(layout, on: &frame)
    }
    for popup in popups { popup.content.draw(on: &frame, state: self) }
    drawLineSelection(on: &frame)
    if glyphs.isASCII { frame.restrictToASCII() }
    frame.paint(theme)
    return frame
  }

  private func drawPanels(_ layout: Layout, on frame: inout Frame) {
    drawHeader(in: layout.header, on: &frame)
    if let rect = layout.list { drawList(in: rect, on: &frame) }
    if let rect = layout.chart { drawChart(in: rect, on: &frame) }
    if let rect = layout.output { drawOutput(in: rect, on: &frame) }
    if let rect = layout.gauges { drawGauges(in: rect, isLine: layout.gaugesAreLine, on: &frame) }
    if let rect = layout.events { drawEvents(in: rect, on: &frame) }
    if let rect = layout.scrubber { drawScrubber(in: rect, on: &frame) }
    if let rect = layout.footer { drawFooter(in: rect, on: &frame) }
  }

  private func drawChart(in rect: Rect, on frame: inout Frame) {
    switch chart {
    case .list, .lanes: drawLanes(in: rect, on: &frame)
    case .graph: drawGraph(in: rect, on: &frame)
    case .timeline: drawTimeline(in: rect, on: &frame)
    }
  }
}
