import Canvas
import Model

/// Where the columns of a row lie, from the width alone: nothing jumps when numbers change.
struct RowColumns {
  /// In front of the name: selection, sign, mark; the lanes' own drawing comes before.
  static let lead = 3
  static let percentColumns = 4
  static let timeColumns = 7
  static let memoryColumns = 6

  var name: Int
  var percent: Int
  var bar: Int
  var time: Int
  var memory: Int
  /// The state as a word, where there is room for it.
  var word: Int
  var note: Int

  /// Room goes to the name first, then the numbers, the bar and the note.
  init(columns: Int) {
    var rest = columns - Self.lead
    func take(_ wanted: Int, leaving least: Int) -> Int {
      guard rest - wanted >= least else { return 0 }
      rest -= wanted
      return wanted
    }
    percent = take(Self.percentColumns, leaving: 8)
    time = take(Self.timeColumns, leaving: 8)
    memory = take(Self.memoryColumns, leaving: 10)
    bar = 0
    for wanted in [13, 11, 9, 7] where bar == 0 { bar = take(wanted, leaving: wanted + 3) }
    note = rest >= 26 ? rest - min(30, max(14, rest * 2 / 5)) : 0
    rest -= note
    word = note >= 24 ? 11 : 0
    note -= word
    name = rest
  }
}

extension DashboardState {
  /// Draws what is right of the sign: name, numbers, bar, note or a group's histogram.
  func drawRow(
    _ figures: RowFigures, row: Int, column: Int, columns: RowColumns, indent: Int, style: Style,
    isSelected: Bool, on frame: inout Frame
  ) {
    let name = figures.name.clipped(to: columns.name - indent - 1, mark: glyphs.cut)
    let nameStyle = isSelected ? theme.selected : figures.count != nil ? theme.strong : style
    var at = frame.put(name, row: row, column: column + indent, style: nameStyle)
    let end = column + columns.name
    if let count = figures.count, end - at > 4 {
      frame.put(
        " \(String(glyphs.times))\(String(count))", row: row, column: at, style: theme.dim,
        columns: end - at - 1)
    }
    at = end + columns.percent
    frame.put(figures.percent, row: row, endingAt: at, style: style)
    drawBar(figures, row: row, column: at, columns: columns.bar, style: style, on: &frame)
    at += columns.bar
    let tail = columns.time + columns.memory
    if figures.count != nil {
      drawHistogram(figures.histogram, row: row, endingAt: at + tail, columns: tail, on: &frame)
    }
    if columns.time > 0 {
      frame.put(figures.time, row: row, endingAt: at + columns.time, style: style)
    }
    if columns.memory > 0 {
      frame.put(figures.memory, row: row, endingAt: at + tail, style: style)
    }
    drawNote(figures, row: row, column: at + tail, columns: columns, style: style, on: &frame)
  }

  private func drawBar(
    _ figures: RowFigures, row: Int, column: Int, columns: Int, style: Style, on frame: inout Frame
  ) {
    guard columns > 0 else { return }
    frame.line(
      row: row, column: column + 1, columns: columns - 1, share: figures.share, glyphs: glyphs,
      style: style, emptyStyle: theme.dim)
  }

  private func drawNote(
    _ figures: RowFigures, row: Int, column: Int, columns: RowColumns, style: Style,
    on frame: inout Frame
  ) {
    var at = column + 2
    if columns.word > 0 {
      frame.put(SafeText(figures.state.rawValue), row: row, column: at, style: style)
      at += columns.word
    }
    guard columns.note > 2 else { return }
    frame.put(
      figures.note.clipped(to: columns.note - 2, mark: glyphs.cut), row: row, column: at,
      style: figures.note == "crit" ? theme.strong : style)
  }

  private func drawHistogram(
    _ parts: [(text: SafeText, state: TaskState)], row: Int, endingAt end: Int, columns: Int,
    on frame: inout Frame
  ) {
    // The least important parts stand last and go first.
    var shown = parts[...]
    while shown.reduce(0, { $0 + $1.text.columns }) >= columns, !shown.isEmpty {
      shown.removeLast()
    }
    var at = end - shown.reduce(0) { $0 + $1.text.columns }
    for part in shown {
      at = frame.put(part.text, row: row, column: at, style: theme.style(of: part.state))
    }
  }

  /// Draws the titles above the columns; the one that the rows are sorted by has a sign and stands out.
  func drawColumnTitles(
    row: Int, column: Int, columns: RowColumns, order: ListOrder? = nil, on frame: inout Frame
  ) {
    let title = { (word: SafeText, sorts: [ListOrder.Column]) -> (SafeText, Style) in
      guard let order, sorts.contains(order.column) else { return (word, theme.dim) }
      return (word + SafeText(String(glyphs.sign(of: order))), theme.strong)
    }
    let (task, taskStyle) = title("task", [.name])
    frame.put(task, row: row, column: column, style: taskStyle)
    var at = column + columns.name + columns.percent
    if columns.percent > 0 { frame.put("%", row: row, endingAt: at, style: theme.dim) }
    at += columns.bar + columns.time
    let (time, timeStyle) = title("time", [.time])
    if columns.time > 0 { frame.put(time, row: row, endingAt: at, style: timeStyle) }
    at += columns.memory
    let (memory, memoryStyle) = title("mem", [.memory])
    if columns.memory > 0 { frame.put(memory, row: row, endingAt: at, style: memoryStyle) }
    at += 2
    if columns.word > 0 {
      let (word, style) = title("state", [.state])
      frame.put(word, row: row, column: at, style: style)
      at += columns.word
    }
    let (note, noteStyle) = title("note", [.slack])
    if columns.note > 4 { frame.put(note, row: row, column: at, style: noteStyle) }
  }
}
