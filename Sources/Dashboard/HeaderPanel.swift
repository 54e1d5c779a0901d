import Canvas
import Model
import Planning

extension DashboardState {
  /// Draws the first line: what runs, how far it is, how long it has taken and will take.
  func drawHeader(in rect: Rect, on frame: inout Frame) {
    let row = rect.row
    var end = rect.endColumn - 1
    if rect.columns >= 96 { end = right(clockWords, row, end, theme.text, &frame) - 2 }
    if rect.columns >= 60 {
      let words = etaWords(isWide: rect.columns >= 140)
      let columns = max(18, words.columns)
      frame.put(words, row: row, column: end - columns, style: theme.text)
      end -= columns + 2
    }
    end = right(SafeText(Figures.duration(now)).padded(to: 6), row, end, theme.strong, &frame) - 2
    end = drawProgress(row: row, endingAt: end, columns: rect.columns, on: &frame) - 2
    var at =
      frame.put(
        isSimulated ? " SIMULATION" : " cairn", row: row, column: rect.column,
        style: isSimulated ? theme.warning : theme.strong) + 2
    frame.button(.character(":"), row: row, column: rect.column, columns: at - 2 - rect.column)
    let state =
      rect.columns >= 96 || !isPlainlyRunning
      ? runWords : runWords.clipped(to: 1, mark: glyphs.running)
    let name = SafeText(run.graph.name).clipped(
      to: max(0, end - at - state.columns - max(6, attentionWords.columns + 2)),
      mark: glyphs.cut)
    at = frame.put(name, row: row, column: at, style: theme.title) + (name.isEmpty ? 0 : 1)
    if run.run > 0, !isSimulated, end - at > state.columns + 6 + attentionWords.columns {
      at = frame.put("#\(String(run.run)) ", row: row, column: at, style: theme.dim)
    }
    at = frame.put(state, row: row, column: at, style: runStyle, columns: max(0, end - at))
    at = drawAttention(row: row, column: at, end: end, on: &frame)
    drawShelf(row: row, column: at, end: end, on: &frame)
  }

  /// How many tasks failed or wait for a person, as in `1✗ 2◆`; nothing while none does.
  private var attention: [(text: SafeText, style: Style)] {
    [TaskState.failed, .waiting].filter { run.counts[$0] > 0 }.map { state in
      let text: SafeText = " \(String(run.counts[state]))\(String(glyphs.sign(of: state)))"
      return (text, theme.style(of: state))
    }
  }

  private var attentionWords: SafeText { attention.reduce(SafeText()) { $0 + $1.text } }

  private func drawAttention(row: Int, column: Int, end: Int, on frame: inout Frame) -> Int {
    var at = column
    for part in attention where at + part.text.columns <= end {
      at = frame.put(part.text, row: row, column: at, style: part.style)
    }
    return at
  }

  private func right(
    _ text: SafeText, _ row: Int, _ end: Int, _ style: Style, _ frame: inout Frame
  ) -> Int {
    frame.put(text, row: row, endingAt: end, style: style)
    return end - text.columns
  }

  /// Share of the expected work where it is known, else of the tasks: the same before the first is
  /// done, and never two numbers at once.
  var progressShare: Double? { outlook.progress ?? run.doneShare }

  private func drawProgress(row: Int, endingAt end: Int, columns: Int, on frame: inout Frame) -> Int
  {
    let percent = SafeText(Figures.percent(progressShare)).padded(to: 4)
    var at = end - percent.columns
    frame.put(percent, row: row, column: at, style: theme.text)
    let bar = columns >= 140 ? 30 : columns >= 110 ? 20 : columns >= 76 ? 12 : 0
    if bar > 0 {
      at -= bar + 1
      frame.line(
        row: row, column: at, columns: bar, share: progressShare, glyphs: glyphs,
        style: run.counts[.failed] > 0 ? theme.failed : theme.gauge,
        empty: glyphs.border.horizontal)
    }
    let total = String(run.taskCount)
    let count = SafeText("\(run.counts[.done])/\(total)").padded(
      to: 2 * total.count + 1)
    at -= count.columns + 1
    frame.put(count, row: row, column: at, style: theme.strong)
    return at
  }

  private func etaWords(isWide: Bool) -> SafeText {
    guard isRunning else { return "" }
    switch outlook.forecast {
    case .unknown(let reason): return SafeText("eta n/a: \(isWide ? reason.words : reason.word)")
    case .known(let seconds, let spread):
      let late = max(0, seconds - max(0, now - outlook.refreshedAt))
      let tail = spread.map { " \(glyphs.plusMinus)\(Figures.duration($0))" } ?? ""
      return SafeText("eta ~\(Figures.duration(late))\(tail)")
    }
  }

  private var clockWords: SafeText {
    let clock = Figures.clock(wallTime, offsetSeconds: utcOffsetSeconds)
    return SafeText(String(clock.prefix(5)))
  }

  /// Nothing but the sign need be said where room is scarce.
  private var isPlainlyRunning: Bool {
    isRunning && !run.isHeld && !isLeaving && signals.problem == nil
  }

  private var runWords: SafeText {
    if let closed = run.closed {
      let sign = closed.ending == .done ? glyphs.done : glyphs.failed
      return "\(String(closed.ending == .stopped ? glyphs.paused : sign)) \(closed.ending.rawValue)"
    }
    guard run.opened != nil else { return "\(String(glyphs.blocked)) not open" }
    if isLeaving { return "\(String(glyphs.paused)) stopping" }
    if let problem = signals.problem { return SafeText("\(String(glyphs.failed)) \(problem)") }
    if run.isHeld { return "\(String(glyphs.paused)) held" }
    return "\(String(glyphs.running)) running"
  }

  private var runStyle: Style {
    if run.closed == nil, signals.problem != nil { return theme.failed }
    guard let closed = run.closed else { return run.isHeld ? theme.paused : theme.running }
    return closed.ending == .done ? theme.done : theme.failed
  }

  /// All that fits on a screen too small for panels, as in `cairn 22/35 63% 1✗ eta 2m`.
  func drawStatusLine(on frame: inout Frame) {
    var words = [replay == nil ? "cairn" : replayWord, "\(run.counts[.done])/\(run.taskCount)"]
    words.append(Figures.percent(progressShare))
    let failed = run.counts[.failed]
    if failed > 0 { words.append("\(failed)\(glyphs.failed)") }
    if isRunning, case .known(let seconds, _) = outlook.forecast {
      words.append("eta \(Figures.shortDuration(seconds))")
    }
    if let closed = run.closed { words.append(closed.ending.rawValue) }
    let text = SafeText(words.joined(separator: " "))
    let isTight = text.columns > frame.size.columns
    let shown = isTight && replay == nil ? SafeText(words.dropFirst().joined(separator: " ")) : text
    frame.put(shown, row: 0, column: 0, style: failed > 0 ? theme.failed : theme.text)
  }
}

extension SafeText {
  /// Blanks in front, so that numbers end in the same column.
  func padded(to width: Int) -> SafeText {
    SafeText(String(repeating: " ", count: max(0, width - columns))) + self
  }
}
