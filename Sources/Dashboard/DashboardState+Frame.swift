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
    return frame
  }

  private func drawPanels(_ layout: Layout, on frame: inout Frame) {
    drawHeader(in: layout.header, on: &frame)
    if let rect = layout.footer { drawFooter(in: rect, on: &frame) }
  }
}
