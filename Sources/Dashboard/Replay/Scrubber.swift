import Canvas
import Model
import Planning

extension DashboardState {
  /// Draws where the replay stands, as in ` ▸ REPLAY ×10   1:23 ━━━━●──✗── 4:30  14:20:11  81/242`.
  func drawScrubber(in rect: Rect, on frame: inout Frame) {
    guard let pace = replay?.pace else { return }
    let sign = pace.isAtEnd ? glyphs.done : pace.isPlaying ? glyphs.folded : glyphs.paused
    let times = glyphs.isASCII ? "x" : "\(glyphs.times)"
    let speed = pace.speed.factor == nil ? "max" : times + pace.speed.name
    let word = "\(String(sign)) \(replayWord)"
    var at = frame.put(
      "\(word) \(speed)", row: rect.row, column: rect.column + 1, style: theme.warning)
    frame.button(.character(" "), row: rect.row, column: rect.column + 1, columns: word.count)
    let start = rect.column + word.count + 2
    frame.button(.character(">"), row: rect.row, column: start, columns: at - start)
    at = max(at + 1, start + 4)
    let elapsed = SafeText(Figures.duration(pace.seconds)).padded(to: 7)
    at = frame.put(elapsed, row: rect.row, column: at, style: theme.strong) + 1
    var end = rect.endColumn - 1
    for word in scrubberFacts(pace) where end - word.columns - at > 24 {
      frame.put(word, row: rect.row, endingAt: end, style: theme.dim)
      end -= word.columns + 2
    }
    let total = SafeText(Figures.duration(pace.totalSeconds))
    guard end - total.columns - at > 4 else { return }
    frame.put(total, row: rect.row, endingAt: end, style: theme.text)
    drawTrack(
      pace, row: rect.row, column: at, columns: end - total.columns - 1 - at, on: &frame)
  }

  /// The least important first goes first: facts, then the clock of the day.
  private func scrubberFacts(_ pace: ReplayPace) -> [SafeText] {
    let total = String(pace.index.count)
    let facts = SafeText("\(String(pace.shown))/\(total)").padded(to: 2 * total.count + 1)
    return [SafeText(Figures.clock(run.wallTime, offsetSeconds: utcOffsetSeconds)), facts]
  }

  private func drawTrack(
    _ pace: ReplayPace, row: Int, column: Int, columns: Int, on frame: inout Frame
  ) {
    guard columns > 0 else { return }
    frame.button(.scrubber, Rect(row: row, column: column, rows: 1, columns: columns))
    let total = max(pace.totalSeconds, 1e-9)
    let place = { (seconds: Double) in
      min(columns - 1, max(0, Int(seconds / total * Double(columns))))
    }
    frame.line(
      row: row, column: column, columns: columns, share: pace.seconds / total, glyphs: glyphs,
      style: theme.gauge, emptyStyle: theme.border, empty: glyphs.border.horizontal)
    for failure in pace.index.failures {
      frame[row, column + place(pace.index.seconds(of: failure))] = Cell(
        glyphs.failed, style: theme.failed)
    }
    frame[row, column + place(pace.seconds)] = Cell(glyphs.running, style: theme.focus)
  }
}
