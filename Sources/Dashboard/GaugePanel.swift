import Canvas
import Model

extension DashboardState {
  /// Draws the gauges: three boxes, or one line where there is less room.
  func drawGauges(in rect: Rect, isLine: Bool, on frame: inout Frame) {
    if isLine { return drawGaugeLine(in: rect, on: &frame) }
    let third = rect.columns / 3
    let (left, rest) = rect.split(left: third)
    let (middle, right) = rest.split(left: third)
    drawWorkspace(in: left, on: &frame)
    drawReuse(in: middle, on: &frame)
    drawAutonomy(in: right, on: &frame)
  }

  private func drawWorkspace(in rect: Rect, on frame: inout Frame) {
    let gauge = GaugeBox(rect)
    drawBorder(
      .gauges, rect, title: "Workspace", facts: ["peak \(Figures.bytes(run.peakBytes))"], on: &frame
    )
    let meter = run.reuse
    let asked = Double(max(1, meter.askedBytes))
    let limit = run.opened?.host.diskFreeBytes ?? 0
    drawGauge(
      gauge, 0, "now", share: Double(meter.footprintBytes) / asked,
      tick: meter.askedBytes > 0 ? Double(meter.peakBytes) / asked : nil,
      value: Figures.shortBytes(meter.footprintBytes), style: theme.gauge, on: &frame)
    gauge.put(tickLabel("peak", at: Double(meter.peakBytes) / asked, gauge), 1, theme.dim, &frame)
    let used = limit > 0 ? Double(meter.footprintBytes) / Double(limit) : nil
    drawGauge(
      gauge, 2, "disk", share: used, value: Figures.percent(used),
      style: (used ?? 0) > 0.9 ? theme.failed : theme.gauge, on: &frame)
    gauge.put(
      limit > 0 ? "of \(Figures.bytes(limit)) free at the start" : "free disk: n/a", 3, theme.dim,
      &frame)
    drawHistory(footprints, "60s", gauge, 4, on: &frame)
    gauge.put(savingWords, 5, theme.text, &frame)
  }

  private var savingWords: SafeText {
    let asked = run.reuse.askedBytes
    guard asked > 0 else { return "keep-all n/a: nothing written yet" }
    let saving = Figures.percent(1 - Double(run.peakBytes) / Double(asked))
    return "keep-all \(Figures.bytes(asked)), saved \(saving)"
  }

  private func drawReuse(in rect: Rect, on frame: inout Frame) {
    let gauge = GaugeBox(rect)
    let meter = run.reuse
    drawBorder(
      .gauges, rect, title: "Memory reuse", facts: [SafeText(Figures.percent(meter.factor))],
      on: &frame)
    guard let factor = meter.factor, let best = meter.bestFactor else {
      gauge.put("n/a: nothing was asked for yet", 0, theme.dim, &frame)
      return
    }
    drawGauge(
      gauge, 0, "\(rho)", share: factor, tick: reuseTarget, value: Figures.percent(factor),
      style: factor >= reuseTarget ? theme.gauge : theme.warning, on: &frame)
    gauge.put(
      tickLabel("target \(Figures.percent(reuseTarget))", at: reuseTarget, gauge), 1, theme.dim,
      &frame)
    let ratio = best > 0 ? Figures.hundredths(factor / best) : "n/a"
    gauge.put("\(rho)max \(Figures.percent(best))  \(eta) \(ratio)", 2, theme.text, &frame)
    gauge.put("verdict: \(verdict(factor, best: best))", 3, theme.text, &frame)
    drawHistory(reuse, "60s", gauge, 4, on: &frame)
    gauge.put(
      "recycled \(Figures.bytes(meter.recycledBytes)) of \(Figures.bytes(meter.askedBytes))", 5,
      theme.text, &frame)
  }

  private var rho: String { glyphs.isASCII ? "rho" : "ρ" }
  private var eta: String { glyphs.isASCII ? "eta" : "η" }
  private var reuseTarget: Double { run.opened?.config.reuseTarget ?? 0.8 }
  private var autonomyTarget: Double { run.opened?.config.autonomyTarget ?? 0.95 }

  /// Who keeps the target from being met: the work itself, or the order and the allocator.
  private func verdict(_ factor: Double, best: Double) -> String {
    if factor >= reuseTarget { return "met" }
    return best < reuseTarget ? "limited by workload" : "limited by order"
  }
}

extension DashboardState {
  private func drawAutonomy(in rect: Rect, on frame: inout Frame) {
    let gauge = GaugeBox(rect)
    let score = outlook.autonomy
    drawBorder(
      .gauges, rect, title: "Autonomy",
      facts: [SafeText(score.map { Figures.hundredths($0.value) } ?? "n/a")], on: &frame)
    guard let score else {
      gauge.put("n/a: no task has ended", 0, theme.dim, &frame)
      return
    }
    let style = score.low >= autonomyTarget ? theme.gauge : theme.warning
    drawGauge(
      gauge, 0, "A", share: score.value, tick: autonomyTarget,
      value: Figures.hundredths(score.value), style: theme.gauge, on: &frame)
    drawGauge(
      gauge, 1, "A_low", share: score.low, tick: autonomyTarget,
      value: Figures.hundredths(score.low), style: style, on: &frame)
    gauge.put(
      tickLabel("target \(Figures.hundredths(autonomyTarget))", at: autonomyTarget, gauge), 2,
      theme.dim, &frame)
    gauge.put(
      score.low >= autonomyTarget ? "claimed by A_low" : "not claimed: A_low is below it", 3,
      theme.text, &frame)
    gauge.put(
      "untouched \(Figures.hundredths(score.untouched))  timely \(Figures.hundredths(score.timely))",
      4, theme.text, &frame)
    let units = "\(score.units) task\(score.units == 1 ? "" : "s") counted"
    let incidents = "\(score.incidents) incident\(score.incidents == 1 ? "" : "s")"
    gauge.put("\(units), \(incidents)", 5, theme.text, &frame)
  }

  private func drawGauge(
    _ box: GaugeBox, _ line: Int, _ name: SafeText, share: Double?, tick: Double? = nil,
    value: String, style: Style, on frame: inout Frame
  ) {
    guard line < box.rows else { return }
    let row = box.row + line
    frame.put(name, row: row, column: box.column, style: theme.dim)
    frame.bar(
      row: row, column: box.barColumn, columns: box.barColumns, share: share, tick: tick,
      glyphs: glyphs, style: style, emptyStyle: theme.dim)
    frame.put(SafeText(value), row: row, endingAt: box.end, style: theme.strong)
  }

  /// A word with an arm up to the tick of the gauge above, as in `target ────┘`.
  private func tickLabel(_ word: String, at share: Double, _ box: GaugeBox) -> SafeText {
    let room = box.barColumns - 2
    let at =
      box.barColumn - box.column + 1 + min(room - 1, Int(min(1, max(0, share)) * Double(room)))
    let line = at - word.count - 1
    guard room > 0, line >= 1 else {
      let corner = glyphs.line([.up, .right])
      return SafeText(
        String(repeating: " ", count: max(0, at)) + "\(corner)\(glyphs.border.horizontal) \(word)")
    }
    let arm = String(repeating: String(glyphs.border.horizontal), count: line)
    return SafeText("\(word) \(arm)\(glyphs.line([.up, .left]))")
  }

  private func drawHistory(
    _ history: History, _ name: SafeText, _ box: GaugeBox, _ line: Int, on frame: inout Frame
  ) {
    guard line < box.rows else { return }
    frame.put(name, row: box.row + line, column: box.column, style: theme.dim)
    let columns = min(30, box.end - box.barColumn)
    frame.sparkline(
      history.newest(60, steps: columns, now: now), row: box.row + line, column: box.barColumn,
      columns: columns, glyphs: glyphs, style: theme.gauge)
  }

  /// As in ` disk ▕███┊░░░▏ 412M  reuse ▕████┊░▏ 84%  auto ▕████┊▏.93`.
  private func drawGaugeLine(in rect: Rect, on frame: inout Frame) {
    let share = (rect.columns - 2) / 3
    let meter = run.reuse
    let asked = Double(max(1, meter.askedBytes))
    let hasAsked = meter.askedBytes > 0
    let row = rect.row
    drawShort(
      "disk", share: Double(meter.footprintBytes) / asked,
      tick: hasAsked ? Double(meter.peakBytes) / asked : nil,
      value: Figures.shortBytes(meter.footprintBytes), row, rect.column + 1, share, theme.gauge,
      on: &frame)
    drawShort(
      "reuse", share: meter.factor, tick: reuseTarget,
      value: meter.factor == nil ? "n/a" : Figures.percent(meter.factor), row,
      rect.column + 1 + share, share,
      (meter.factor ?? 1) >= reuseTarget ? theme.gauge : theme.warning, on: &frame)
    let low = outlook.autonomy?.low
    drawShort(
      "A_low", share: low, tick: autonomyTarget, value: low.map(Figures.hundredths) ?? "n/a", row,
      rect.column + 1 + 2 * share, share,
      (low ?? 1) >= autonomyTarget ? theme.gauge : theme.warning, on: &frame)
  }

  private func drawShort(
    _ name: SafeText, share: Double?, tick: Double?, value: String, _ row: Int, _ column: Int,
    _ columns: Int, _ style: Style, on frame: inout Frame
  ) {
    let at = frame.put(name, row: row, column: column, style: theme.dim) + 1
    let bar = columns - name.columns - 8
    if bar >= 5 {
      frame.bar(
        row: row, column: at, columns: bar, share: share, tick: share == nil ? nil : tick,
        glyphs: glyphs, style: style, emptyStyle: theme.dim)
    }
    let end = bar >= 5 ? at + bar + 5 : min(at + 4, column + columns)
    frame.put(SafeText(value), row: row, endingAt: end, style: theme.strong, columns: 5)
  }
}

/// The lines inside a gauge's border.
private struct GaugeBox {
  static let nameColumns = 6
  static let valueColumns = 6

  var row: Int
  var rows: Int
  var column: Int
  var end: Int

  init(_ rect: Rect) {
    let inside = rect.inside
    row = inside.row
    rows = inside.rows
    column = inside.column + 1
    end = inside.endColumn - 1
  }

  var barColumn: Int { column + Self.nameColumns }
  var barColumns: Int { max(0, end - Self.valueColumns - barColumn) }

  func put(_ text: SafeText, _ line: Int, _ style: Style, _ frame: inout Frame) {
    guard line < rows else { return }
    frame.put(text.clipped(to: end - column), row: row + line, column: column, style: style)
  }
}
