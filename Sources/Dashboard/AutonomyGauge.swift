import Canvas
import Model

extension DashboardState {
  var autonomyTarget: Double {
    run.opened?.config.autonomyTarget ?? AutonomyScore.standardTarget
  }

  /// The autonomy of the runs before the shown one.
  var earlierAutonomy: AutonomyHistory {
    AutonomyHistory(outlook.pastAutonomy.records.filter { $0.run < run.run })
  }

  func drawAutonomy(in rect: Rect, on frame: inout Frame) {
    let gauge = GaugeBox(rect)
    guard let score = outlook.autonomy else {
      drawBorder(.gauges, rect, title: "Autonomy", facts: ["n/a"], on: &frame)
      gauge.put(gauge.longest(of: noScoreWords), 0, theme.dim, &frame)
      return
    }
    drawBorder(
      .gauges, rect, title: "Autonomy",
      facts: [SafeText(AutonomyScore.hundredths(score.value) + autonomyArrow(score))], on: &frame)
    for (line, name, share) in [(0, "A", score.value), (1, "A_low", score.low)] {
      drawGauge(
        gauge, line, SafeText(name), share: share, tick: autonomyTarget,
        value: AutonomyScore.hundredths(share),
        style: share >= autonomyTarget ? theme.gauge : theme.warning, on: &frame)
    }
    drawTarget(score, gauge, on: &frame)
    gauge.put(gauge.longest(of: claimWords(score)), 3, theme.text, &frame)
    drawTrend(score, gauge, 4, on: &frame)
    gauge.put(gauge.longest(of: lossWords(score)), 5, theme.text, &frame)
  }

  private var noScoreWords: [SafeText] {
    let tally = outlook.autonomyTally
    return [SafeText(tally.words(nil)), "n/a: too short to count"]
  }

  /// How the score compares with that of the run before; nothing where there is none.
  private func autonomyArrow(_ score: AutonomyScore) -> String {
    guard let change = earlierAutonomy.change(of: run.run, score.value) else { return "" }
    if abs(change) < AutonomyHistory.steady { return glyphs.isASCII ? " =" : " ►" }
    return change > 0 ? (glyphs.isASCII ? " ^" : " ▲") : (glyphs.isASCII ? " v" : " ▼")
  }

  /// The line of the target, and how far the score is from it.
  private func drawTarget(_ score: AutonomyScore, _ gauge: GaugeBox, on frame: inout Frame) {
    let label = tickLabel(
      "target \(AutonomyScore.hundredths(autonomyTarget))", at: autonomyTarget, gauge)
    gauge.put(label, 2, theme.dim, &frame)
    let apart = score.value - autonomyTarget
    let sign = apart < 0 ? "-" : "+"
    gauge.put(
      SafeText(sign + AutonomyScore.hundredths(abs(apart))), 2, theme.text, &frame,
      rightOf: label.columns)
  }

  private func claimWords(_ score: AutonomyScore) -> [SafeText] {
    let tasks = score.units == 1 ? "1 task" : "\(score.units) tasks"
    return score.claims(autonomyTarget)
      ? [SafeText("claimed by A_low, \(tasks)"), SafeText("claimed, \(tasks)")]
      : [SafeText("not claimed: A_low below it, \(tasks)"), SafeText("not claimed, \(tasks)")]
  }

  /// What took most of 1 − A, and the key that tells the rest.
  private func lossWords(_ score: AutonomyScore) -> [SafeText] {
    guard score.value < 1, let loss = outlook.autonomyLoss else {
      return ["nothing needed a person", "no person needed"]
    }
    let key = keymap.bindings(in: .main).first { $0.action == .autonomy }?.keyNames(glyphs)
    let more = key.map { ", \($0.string) tells" } ?? ""
    return [
      SafeText("lost \(loss.words)\(more)"), SafeText("lost \(loss.words)"), SafeText(loss.words),
    ]
  }

  /// The newest runs and this one, from half to full; what is lower than half is as low as half.
  private func drawTrend(
    _ score: AutonomyScore, _ gauge: GaugeBox, _ line: Int, on frame: inout Frame
  ) {
    guard line < gauge.rows else { return }
    let values = (earlierAutonomy.trend + [score.value]).suffix(AutonomyHistory.trendRuns)
    guard values.count > 1 else {
      gauge.put("no earlier run to compare with", line, theme.dim, &frame)
      return
    }
    gauge.put("runs", line, theme.dim, &frame)
    let shown = values.suffix(gauge.barColumns)
    for (offset, value) in shown.enumerated() {
      let steps = glyphs.spark.count
      let level = min(steps - 1, max(0, Int((value - 0.5) * 2 * Double(steps))))
      frame[gauge.row + line, gauge.barColumn + offset] = Cell(
        glyphs.spark[level], style: value >= autonomyTarget ? theme.gauge : theme.warning)
    }
    let least = AutonomyScore.hundredths(shown.min() ?? 0)
    let most = AutonomyScore.hundredths(shown.max() ?? 0)
    gauge.put(
      SafeText("\(least) to \(most)"), line, theme.text, &frame,
      rightOf: gauge.barColumn - gauge.column + shown.count)
  }
}
