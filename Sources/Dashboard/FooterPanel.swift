import Canvas
import Model

extension DashboardState {
  /// Draws the last line: the filter while it is typed, a passing word, or the keys valid now.
  func drawFooter(in rect: Rect, on frame: inout Frame) {
    if isFiltering { return drawFilter(in: rect, on: &frame) }
    if let notice {
      frame.put(
        notice.clipped(to: rect.columns - 2, mark: glyphs.cut), row: rect.row,
        column: rect.column + 1, style: theme.warning)
      return
    }
    let context = popups.last?.content.keyContext ?? mainContext
    var start = rect.column + 1
    if context == .main, !marks.isEmpty {
      let words: SafeText = "\(String(glyphs.mark)) \(String(marks.count)) marked"
      start = frame.put(words, row: rect.row, column: start, style: theme.strong) + 2
    }
    let end = rect.endColumn - 1
    let bindings = footerBindings(context, columns: end - start)
    // What a task's state brings and takes moves nothing of what is always there.
    let fixed = bindings.filter(\.action.isAlwaysOffered)
    let passing = bindings.filter { !$0.action.isAlwaysOffered }
    draw(passing, row: rect.row, column: start, end: end, on: &frame)
    let width = columns(of: fixed) - Self.keyGap
    draw(fixed, row: rect.row, column: end - width, end: end, on: &frame)
  }

  /// At most ten keys; the last of the keymap (help, quit) stay longest.
  func drawKeys(
    _ context: KeyContext, row: Int, column: Int, end: Int, on frame: inout Frame
  ) {
    draw(
      footerBindings(context, columns: end - column), row: row, column: column, end: end,
      on: &frame)
  }

  private static let keyGap = 2

  private func columns(of bindings: [Binding]) -> Int {
    bindings.reduce(0) {
      $0 + $1.keyNames(glyphs).columns + 1 + SafeText($1.label(in: self)).columns + Self.keyGap
    }
  }

  private func draw(
    _ bindings: [Binding], row: Int, column: Int, end: Int, on frame: inout Frame
  ) {
    var at = column
    for binding in bindings {
      let start = at
      at = frame.put(binding.keyNames(glyphs), row: row, column: at, style: theme.focus)
      at = frame.put(
        " \(binding.label(in: self))  ", row: row, column: at, style: theme.dim, columns: end - at)
      if let key = binding.keys.first {
        frame.button(key, row: row, column: start, columns: at - start - 2)
      }
    }
  }

  /// What fits: keys that can best be spared go first, then those of the middle.
  func footerBindings(_ context: KeyContext, columns: Int) -> [Binding] {
    var bindings = keymap.footer(of: self, in: context)
    // What the pane does not answer works as elsewhere on the main screen.
    if context == .outputPane { bindings += keymap.footer(of: self, in: .main).filter(isFree) }
    while bindings.count > 10 || self.columns(of: bindings) > columns + Self.keyGap,
      bindings.count > 1
    {
      let spare = bindings.lastIndex { $0.action.canBeSpared }
      bindings.remove(at: spare ?? max(0, bindings.count - 3))
    }
    return bindings
  }

  private func isFree(_ binding: Binding) -> Bool {
    binding.keys.first.map { keymap.binding(of: $0, in: .outputPane) == nil } ?? false
  }

  private func drawFilter(in rect: Rect, on frame: inout Frame) {
    var at = frame.put(" /", row: rect.row, column: rect.column, style: theme.focus)
    at = frame.put(SafeText(filter.text), row: rect.row, column: at)
    frame.put(" ", row: rect.row, column: at, style: Style(attributes: .reverse))
    let end = drawFilterCount(row: rect.row, from: at + 2, end: rect.endColumn - 1, on: &frame)
    drawFilterHint(row: rect.row, column: at + 2, end: end - 2, on: &frame)
  }

  /// How many tasks are let through and, with room, what ends the typing; returns where it begins.
  private func drawFilterCount(row: Int, from start: Int, end: Int, on frame: inout Frame) -> Int {
    let count = SafeText("\(String(matches?.count ?? run.taskCount)) of \(String(run.taskCount))")
    let keys = keymap.footer(of: self, in: .filter).map {
      "  \($0.keyNames(glyphs).string) \($0.label)"
    }
    let whole = count + SafeText(keys.joined())
    let room = end - start
    let shown = whole.columns + min(filterWords.columns, room / 2) + 2 <= room ? whole : count
    guard shown.columns <= room else { return end }
    frame.put(shown, row: row, endingAt: end, style: theme.dim)
    return end - shown.columns
  }

  private func drawFilterHint(row: Int, column: Int, end: Int, on frame: inout Frame) {
    guard end - column > 3 else { return }
    var style = theme.dim
    if case .problem = filterHint { style = theme.warning }
    frame.put(
      filterWords.clipped(to: end - column, mark: glyphs.cut), row: row, column: column,
      style: style)
  }

  /// A problem first: what lets everything through looks as if it did nothing.
  var filterHint: FilterHint {
    let completions = filter.completions(in: run.graph)
    if !completions.isEmpty { return .completions(completions) }
    if let problem = filter.problem ?? matches?.problem { return .problem(problem) }
    return .grammar
  }

  private var filterWords: SafeText {
    switch filterHint {
    case .grammar: SafeText(FilterHint.grammarWords)
    case .completions(let words):
      SafeText("\(Key.tab.name(glyphs)) \(words.joined(separator: " "))")
    case .problem(let words): SafeText("! \(words)")
    }
  }
}
