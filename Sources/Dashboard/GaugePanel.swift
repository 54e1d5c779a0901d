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
    if let limit = workspaceLimit {
      drawBudget(limit, rect, gauge, on: &frame)
    } else {
      drawUnlimited(rect, gauge, on: &frame)
    }
    drawHistory(footprints, "60s", gauge, 4, on: &frame)
    gauge.put(gauge.longest(of: savingWords), 5, theme.text, &frame)
  }

  /// What somebody allowed the run to lie in the workspace; nil where nobody did.
  private var workspaceLimit: Int64? {
    guard let budget = run.opened?.config.workspace, !budget.isDefault else { return nil }
    return max(1, budget.bytes)
  }

  private func drawUnlimited(_ rect: Rect, _ gauge: GaugeBox, on frame: inout Frame) {
    drawBorder(
      .gauges, rect, title: "Workspace", facts: ["peak \(Figures.bytes(run.peakBytes))"], on: &frame
    )
    let meter = run.reuse
    let asked = Double(max(1, meter.askedBytes))
    drawGauge(
      gauge, 0, "now", share: Double(meter.footprintBytes) / asked,
      tick: meter.askedBytes > 0 ? Double(meter.peakBytes) / asked : nil,
      value: Figures.shortBytes(meter.footprintBytes), style: theme.gauge, on: &frame)
    gauge.put(tickLabel("peak", at: Double(meter.peakBytes) / asked, gauge), 1, theme.dim, &frame)
    drawDisk(gauge, 2, on: &frame)
    let limit = run.opened?.host.diskFreeBytes ?? 0
    gauge.put(
      limit > 0 ? "of \(Figures.bytes(limit)) free at the start" : "free disk: n/a", 3, theme.dim,
      &frame)
  }

  private func drawDisk(_ gauge: GaugeBox, _ line: Int, on frame: inout Frame) {
    let limit = run.opened?.host.diskFreeBytes ?? 0
    let used = limit > 0 ? Double(run.footprintBytes) / Double(limit) : nil
    drawGauge(
      gauge, line, "disk", share: used, value: Figures.percent(used),
      style: (used ?? 0) > 0.9 ? theme.failed : theme.gauge, on: &frame)
  }

  /// The budget is the scale, and the plan's peak the line on it.
  private func drawBudget(
    _ limit: Int64, _ rect: Rect, _ gauge: GaugeBox, on frame: inout Frame
  ) {
    let words = "\(Figures.bytes(run.peakBytes)) of \(Figures.bytes(limit))"
    drawBorder(.gauges, rect, title: "Workspace", facts: ["peak \(words)"], on: &frame)
    let share = Double(run.footprintBytes) / Double(limit)
    let planned = run.plan.map { Double($0.peakBytes) / Double(limit) }
    drawGauge(
      gauge, 0, "now", share: share, tick: planned,
      value: Figures.shortBytes(run.footprintBytes),
      style: share > 1 ? theme.failed : theme.gauge, on: &frame)
    if let plan = run.plan, let planned {
      let label = tickLabel("planned \(Figures.shortBytes(plan.peakBytes))", at: planned, gauge)
      gauge.put(label, 1, theme.dim, &frame)
      gauge.put(
        "\(Figures.percent(share)) of \(Figures.shortBytes(limit))", 1, theme.text, &frame,
        rightOf: label.columns)
      gauge.put(gauge.longest(of: boundWords(plan)), 2, theme.text, &frame)
    } else {
      gauge.put("no plan yet", 1, theme.dim, &frame)
    }
    drawDisk(gauge, 3, on: &frame)
  }

  /// As in `bound 420 MiB, gap 2%`, the longest first.
  private func boundWords(_ plan: Fact.PlanAdopted) -> [SafeText] {
    guard plan.boundBytes > 0 else { return ["no bound"] }
    let bound = "bound \(Figures.bytes(plan.boundBytes))"
    let gap = Double(plan.peakBytes) / Double(plan.boundBytes) - 1
    if gap < 0 {
      return ["\(bound) if nothing is made again", "\(bound) by order alone"].map { SafeText($0) }
    }
    return [SafeText(gap == 0 ? "\(bound), met" : "\(bound), gap \(Figures.gap(gap))")]
  }

  private var savingWords: [SafeText] {
    let asked = run.reuse.askedBytes
    guard asked > 0 else { return ["keep-all n/a: nothing written yet", "keep-all n/a"] }
    let saving = Figures.percent(1 - Double(run.peakBytes) / Double(asked))
    return ["keep-all \(Figures.bytes(asked)), saved \(saving)"]
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
    gauge.put(gauge.longest(of: servedWords(meter)), 5, theme.text, &frame)
  }

  private func servedWords(_ meter: ReuseMeter) -> [SafeText] {
    let recycled = "recycled \(Figures.bytes(meter.recycledBytes))"
    let plain = SafeText("\(recycled) of \(Figures.bytes(meter.askedBytes))")
    let loans = run.loans
    guard loans.count > 0 else { return [plain] }
    let restored = "\(loans.restored)/\(loans.count) exact"
    let lent = "lent \(Figures.bytes(loans.bytes))"
    return [SafeText("\(recycled), \(lent), \(restored)"), SafeText("\(lent), \(restored)")]
  }

  private var rho: String { glyphs.isASCII ? "rho" : "ρ" }
  private var eta: String { glyphs.isASCII ? "eta" : "η" }
  private var reuseTarget: Double { run.opened?.config.reuseTarget ?? 0.8 }

  /// Who keeps the target from being met: the allocator, the order, or the work itself, of which no
  /// order allows more than its proved bound does (planning, 5.6).
  private func verdict(_ factor: Double, best: Double) -> String {
    if factor >= reuseTarget { return "met" }
    if best >= reuseTarget { return "limited by allocator" }
    let bound = run.plan.map { Double($0.boundBytes) } ?? 0
    let possible = bound > 0 ? 1 - bound / Double(max(1, run.reuse.askedBytes)) : best
    return possible >= reuseTarget && best < possible - 0.02
      ? "limited by order" : "limited by workload"
  }
}

extension DashboardState {
  func drawGauge(
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
  func tickLabel(_ word: String, at share: Double, _ box: GaugeBox) -> SafeText {
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
    let scale = Double(max(1, workspaceLimit ?? meter.askedBytes))
    let peak = meter.askedBytes > 0 ? meter.peakBytes : nil
    let line = workspaceLimit == nil ? peak : run.plan?.peakBytes
    let row = rect.row
    drawShort(
      "disk", share: Double(meter.footprintBytes) / scale,
      tick: line.map { Double($0) / scale },
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
struct GaugeBox {
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

  /// The first of several forms that fits, else the last.
  func longest(of forms: [SafeText]) -> SafeText {
    forms.first { $0.columns <= end - column } ?? forms.last ?? ""
  }

  func put(_ text: SafeText, _ line: Int, _ style: Style, _ frame: inout Frame) {
    guard line < rows else { return }
    frame.put(text.clipped(to: end - column), row: row + line, column: column, style: style)
  }

  /// At the end of a line, if there is room behind what stands at its beginning.
  func put(
    _ text: SafeText, _ line: Int, _ style: Style, _ frame: inout Frame, rightOf columns: Int
  ) {
    guard line < rows, end - column >= columns + 2 + text.columns else { return }
    frame.put(text, row: row + line, endingAt: end, style: style)
  }
}
