/// Elapsed seconds of the run laid out over the columns of a pane.
struct TimeAxis: Equatable {
  /// Round steps between ticks, in seconds; beyond the last they double.
  private static let steps: [Double] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600,
    7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  ]
  /// Columns from one tick to the next, at least: a label and a blank.
  private static let tickColumns = 10.0

  /// Of the left edge.
  let startSeconds: Double
  /// From edge to edge; more than 0.
  let spanSeconds: Double
  let columns: Int
  /// Round times that are far enough apart for their labels.
  private(set) var ticks: [Tick] = []

  var endSeconds: Double { startSeconds + spanSeconds }
  private var secondsPerColumn: Double { spanSeconds / Double(max(1, columns)) }

  /// Where a time lies, in parts of a column from the left edge, clamped to just outside the edges.
  func position(of seconds: Double, parts: Int) -> Int {
    let at = (seconds - startSeconds) / secondsPerColumn * Double(parts)
    guard at.isFinite else { return 0 }
    return Int(min(Double((columns + 1) * parts), max(Double(-parts), at)).rounded())
  }

  /// The column that holds a time; nil outside the edges.
  func column(of seconds: Double) -> Int? {
    let at = ((seconds - startSeconds) / secondsPerColumn).rounded(.down)
    return at >= 0 && at < Double(columns) ? Int(at) : nil
  }

  func seconds(ofColumn column: Int) -> Double { startSeconds + Double(column) * secondsPerColumn }

  struct Tick: Equatable {
    var column: Int
    var label: String
  }

  init(startSeconds: Double, spanSeconds: Double, columns: Int) {
    self.startSeconds = startSeconds
    self.spanSeconds = spanSeconds
    self.columns = columns
    ticks = findTicks()
  }

  private func findTicks() -> [Tick] {
    guard columns > 0, secondsPerColumn > 0, secondsPerColumn.isFinite else { return [] }
    let step = Self.roundStep(atLeast: secondsPerColumn * Self.tickColumns)
    let first = (startSeconds / step).rounded(.up)
    return (0...columns).compactMap { index in
      let seconds = (first + Double(index)) * step
      return column(of: seconds).map { Tick(column: $0, label: Self.label(seconds, step: step)) }
    }
  }

  /// The smallest round number of seconds that is not smaller.
  static func roundStep(atLeast seconds: Double) -> Double {
    if let step = steps.first(where: { $0 >= seconds }) { return step }
    var step = steps[steps.count - 1]
    while step < seconds, step.isFinite { step *= 2 }
    return step
  }

  /// As in `0s`, `1.25s`, `1m30s`, `2h`, `3d6h15m`: the units that the step needs, at most three of them.
  ///
  /// The larger ones are left out where the step is much smaller: neighbours on the axis say them.
  static func label(_ seconds: Double, step: Double = 1) -> String {
    guard seconds.isFinite else { return "-" }
    let hundredths = Int((min(1e12, max(0, seconds)) * 100).rounded())
    let whole = hundredths / 100
    let values = [whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60]
    let isFraction = step < 1
    let last = step < 60 ? 3 : step < 3_600 ? 2 : step < 86_400 ? 1 : 0
    let first = values.firstIndex { $0 > 0 } ?? last
    let start = min(last, max(first, last - (isFraction ? 1 : 2)))
    var text = ""
    for unit in start...last where values[unit] > 0 || (unit == last && isFraction) {
      let part = unit == 3 && isFraction ? fraction(hundredths % 6_000, step) : "\(values[unit])"
      text += part + unitNames[unit]
    }
    guard text.isEmpty else { return text }
    return first < start ? "\(values[first])\(unitNames[first])" : "0s"
  }

  private static let unitNames = ["d", "h", "m", "s"]

  /// Seconds with as many digits as the step needs.
  private static func fraction(_ hundredths: Int, _ step: Double) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    if step >= 0.1 { return "\(whole).\(rest / 10)" }
    return "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
