import Canvas
import Model

extension LogView {
  func draw(in rect: Rect, on frame: inout Frame, state: DashboardState) {
    guard rect.rows > 0, rect.columns > 0 else { return }
    if let word = emptyWord {
      frame.put(
        word.clipped(to: rect.columns, mark: state.glyphs.cut), row: rect.row, column: rect.column,
        style: piece.problem == nil ? state.theme.dim : state.theme.warning)
      return
    }
    let area = Size(columns: rect.columns, rows: rect.rows)
    var at = place(area)
    var row = rect.row
    while row < rect.endRow, at.line < piece.lineStarts.count {
      let line = line(at.line)
      for part in parts(of: line.text, rect.columns).dropFirst(at.row) where row < rect.endRow {
        let place = Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)
        draw(part, of: line, in: place, on: &frame, state: state)
        row += 1
      }
      at = Place(line: at.line + 1, row: 0)
    }
  }

  private var emptyWord: SafeText? {
    if let problem = piece.problem { return problem }
    if !hasRead { return "reading" }
    if piece.bytes.isEmpty { return "no output" }
    guard piece.lineStarts.isEmpty, let least = look.least else { return nil }
    return "no \(least.name) here; L shows the other lines, j and k look further"
  }

  /// What shows of a line in one row, and how many columns of the line lie in front of it.
  private struct Part {
    var text: SafeText
    var skipped: Int
  }

  private func parts(of text: SafeText, _ columns: Int) -> [Part] {
    guard look.wraps else {
      let rest = text.dropping(columns: column)
      return [Part(text: rest, skipped: max(column, text.columns - rest.columns))]
    }
    var skipped = 0
    return text.broken(columns: columns).map { text in
      defer { skipped += text.columns }
      return Part(text: text, skipped: skipped)
    }
  }

  private func draw(
    _ part: Part, of line: StyledText, in rect: Rect, on frame: inout Frame, state: DashboardState
  ) {
    let shown = part.text.clipped(to: rect.columns, mark: state.glyphs.cut)
    frame.put(shown, row: rect.row, column: rect.column, columns: rect.columns)
    // The sign for what is cut off is ours.
    let room = part.text.columns > rect.columns ? rect.columns - 1 : rect.columns
    let lay = {
      (frame: inout Frame, runs: [StyledText.Run], change: (inout Style, Style) -> Void) in
      frame.lay(
        runs, skipped: part.skipped, row: rect.row, column: rect.column, columns: room, change)
    }
    let withColors = look.showsColors && state.theme.hasColors
    let ground = state.theme.background
    lay(&frame, line.runs) { $0 = $1.legible(withColors: withColors, on: ground) }
    // What the task has styled itself stays so.
    lay(&frame, headRuns(of: line.text, state.theme)) { if $0 == Style() { $0 = $1 } }
    let hits = line.text.ranges(of: search.needle).map { StyledText.Run($0, Style()) }
    lay(&frame, hits) { style, _ in style.attributes.formSymmetricDifference(.reverse) }
  }

  /// The styles of the time and of the level.
  private func headRuns(of text: SafeText, _ theme: Theme) -> [StyledText.Run] {
    let bytes = text.prefix(bytes: LogLineHead.limit)
    let head = LogLineHead(shown: bytes)
    var runs: [StyledText.Run] = []
    if look.times == .dimmed, let time = head.time {
      runs.append(StyledText.Run(bytes.columns(time), theme.dim))
    }
    if let word = head.word, let level = head.level {
      runs.append(StyledText.Run(bytes.columns(word), level.style(theme)))
    }
    return runs
  }

  /// A line as it shows: without its time where that is hidden.
  func line(_ index: Int) -> StyledText {
    let line = piece.text(ofLine: index)
    guard look.times == .hidden else { return line }
    let bytes = line.text.prefix(bytes: LogLineHead.limit)
    guard let time = LogLineHead(shown: bytes).time else { return line }
    return line.dropping(columns: bytes.columns(0..<time.upperBound).upperBound)
  }
}

extension [UInt8] {
  /// The columns of these bytes, which hold whole scalars of safe text.
  fileprivate func columns(_ range: Range<Int>) -> Range<Int> {
    let start = SafeText(String(decoding: self[..<range.lowerBound], as: UTF8.self)).columns
    let count = SafeText(String(decoding: self[range], as: UTF8.self)).columns
    return start..<(start + count)
  }
}

extension StyledText {
  /// Returns the text without its first columns.
  fileprivate func dropping(columns count: Int) -> StyledText {
    let rest = text.dropping(columns: count)
    let dropped = text.columns - rest.columns
    let runs = runs.compactMap { run -> Run? in
      let start = max(run.columns.lowerBound, dropped) - dropped
      let end = run.columns.upperBound - dropped
      return start < end ? Run(start..<end, run.style) : nil
    }
    return StyledText(rest, runs: runs)
  }
}

extension SafeText {
  /// Returns the first bytes, whole glyphs only.
  fileprivate func prefix(bytes limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for glyph in glyphs {
      guard bytes.count + glyph.character.utf8.count <= limit else { break }
      bytes.append(contentsOf: glyph.character.utf8)
    }
    return bytes
  }

  /// Returns the text in pieces of at most so many columns; a wide glyph is never cut.
  func broken(columns limit: Int) -> [SafeText] {
    guard columns > limit, limit >= 2 else { return [self] }
    var parts: [String] = []
    var part = ""
    var width = 0
    for glyph in glyphs {
      if width + glyph.columns > limit {
        parts.append(part)
        (part, width) = ("", 0)
      }
      part.append(glyph.character)
      width += glyph.columns
    }
    return (parts + [part]).map { SafeText($0) }
  }

  /// Returns the text without its first columns.
  func dropping(columns count: Int) -> SafeText {
    guard count > 0 else { return self }
    var left = count
    let rest = glyphs.drop { glyph in
      defer { left -= glyph.columns }
      return left > 0
    }
    return SafeText(String(rest.map(\.character)))
  }

  /// Returns the lines of a text broken between words where that is possible.
  func wrapped(columns limit: Int) -> [SafeText] {
    guard columns > limit, limit >= 2 else { return [self] }
    var lines: [String] = []
    var line = SafeText()
    for word in string.split(separator: " ", omittingEmptySubsequences: false) {
      let word = SafeText(word)
      if line.isEmpty {
        line = word
      } else if line.columns + 1 + word.columns <= limit {
        line += " " + word
      } else {
        lines.append(line.string)
        line = word
      }
    }
    return (lines + [line.string]).flatMap { SafeText($0).broken(columns: limit) }
  }

  /// Returns the columns that hold this text, as `LogPattern` reads it.
  func ranges(of needle: String) -> [Range<Int>] {
    let isExact = LogPattern(needle).isExact
    let wanted = SafeText(needle).glyphs.map { Self.folded($0.character, isExact) }
    guard !wanted.isEmpty, wanted.count <= glyphs.count else { return [] }
    let own = glyphs.map { Self.folded($0.character, isExact) }
    var starts = [0]
    for glyph in glyphs { starts.append((starts.last ?? 0) + glyph.columns) }
    var found: [Range<Int>] = []
    var at = 0
    while at + wanted.count <= own.count {
      if own[at..<(at + wanted.count)].elementsEqual(wanted) {
        found.append(starts[at]..<starts[at + wanted.count])
        at += wanted.count
      } else {
        at += 1
      }
    }
    return found
  }

  private static func folded(_ character: Character, _ isExact: Bool) -> Character {
    guard !isExact, let value = character.asciiValue, (65...90).contains(value) else {
      return character
    }
    return Character(Unicode.Scalar(value + 32))
  }
}

extension Theme {
  /// False where nothing but attributes may say anything.
  var hasColors: Bool {
    [text, running, done, failed, focus].contains {
      $0.foreground != .standard || $0.background != .standard
    }
  }
}
