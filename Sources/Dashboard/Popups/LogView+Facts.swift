import Canvas
import Model

extension LogView {
  /// What a border says of the log, the most important last.
  func facts(_ state: DashboardState) -> [SafeText] {
    guard hasRead, piece.problem == nil else { return [] }
    return [
      size, look.wraps ? "wrap" : "", column > 0 ? "from column \(String(column + 1))" : "",
      look.times == .hidden ? "no times" : "", sieveWord(state), matchWord, percentWord,
      badge(state),
    ].filter { !$0.isEmpty }
  }

  /// The facts in one line; those that do not fit are left out, the least important first.
  func factLine(_ state: DashboardState, separator: SafeText, columns: Int) -> SafeText {
    var line = SafeText()
    for fact in facts(state).reversed() {
      let longer = line.isEmpty ? fact : fact + separator + line
      guard longer.columns <= columns else { break }
      line = longer
    }
    return line
  }

  /// Lines are only counted of a log that is held whole.
  private var size: SafeText {
    let bytes = Figures.bytes(knownBytes)
    guard piece.offset == 0, isAtEnd, !piece.hasGap else { return SafeText(bytes) }
    let lines = piece.allStarts.count
    return "\(String(lines)) \(lines == 1 ? "line" : "lines") \(bytes)"
  }

  /// As in `! warnings, 212 hidden`; of the lines that are held.
  private func sieveWord(_ state: DashboardState) -> SafeText {
    guard let least = look.least else { return "" }
    let sign = String(least.sign(state.glyphs))
    return "\(sign) \(least.name) up, \(String(piece.hiddenLines)) hidden"
  }

  /// As in `3 of 17+`: so many matching lines are known, and there may be more.
  private var matchWord: SafeText {
    guard !search.needle.isEmpty, !matches.isEmpty else { return "" }
    let begins = piece.offset == 0 && !piece.hasGap
    let count = "\(matches.count)\(begins && isAtEnd ? "" : "+")"
    guard let hit = search.hit, let index = matches.firstIndex(of: hit) else {
      return SafeText("\(count) found")
    }
    return SafeText("\(index + 1)\(begins ? "" : "+") of \(count)")
  }

  /// How far down the first row lies.
  private var percentWord: SafeText {
    guard !follows, knownBytes > 0 else { return "" }
    return SafeText(Figures.percent(Double(top) / Double(knownBytes)))
  }

  /// Where one looks, in few words: `follow`, `▼ 214 new`, or what the search is about.
  func badge(_ state: DashboardState) -> SafeText {
    if case .searching = search.state { return "searching" }
    if search.state == .nothing { return "no further match" }
    if follows { return state.isWriting(log) ? "follow" : "end" }
    let arrow = state.glyphs.isASCII ? "v" : "▼"
    let new = knownBytes - leftBytes
    guard new > 0 else { return "" }
    let lines = isAtEnd ? piece.lineCount(from: leftBytes) : nil
    return "\(arrow) \(lines.map(String.init) ?? Figures.bytes(new)) new"
  }
}
