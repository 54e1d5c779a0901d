package import Canvas

/// Every key, from the keymap: first those of where one is, then (on Tab) all; `/` searches all.
package struct HelpPopup: PopupContent {
  /// Characters that can be typed.
  private static let maximumLength = 80

  private var showsAll = false
  private var top = 0
  /// Words that a line has to hold; nil unless a search was begun.
  private var search: String?
  private var isTyping = false

  package init() {}

  package var keyContext: KeyContext { .help }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let state = context.state
    let inside = Self.inside(state.size)
    let page = max(1, inside.rows - 1)
    if isTyping {
      type(key)
    } else if action == .close {
      // The first Escape ends the search, the second closes.
      guard search != nil, key == .escape else { return .close() }
      (search, top) = (nil, 0)
    } else {
      move(action, page: page, count: rows(state, columns: inside.columns).count)
    }
    top = max(0, min(top, rows(state, columns: inside.columns).count - page))
    return .stay()
  }

  private mutating func move(_ action: Action?, page: Int, count: Int) {
    switch action {
    case .search: (search, isTyping, top) = ("", true, 0)
    case .nextTab: (showsAll, search, top) = (!showsAll, nil, 0)
    case .up: top -= 1
    case .down: top += 1
    case .pageUp, .halfPageUp: top -= page
    case .pageDown, .halfPageDown: top += page
    case .top: top = 0
    case .bottom: top = count
    default: break
    }
  }

  private mutating func type(_ key: Key) {
    let text = search ?? ""
    switch key {
    case .enter: isTyping = false
    case .escape: (search, isTyping) = (nil, false)
    case .backspace where text.isEmpty: (search, isTyping) = (nil, false)
    case .backspace: search = String(text.dropLast())
    case .character(let character):
      search = String((text + String(character)).prefix(Self.maximumLength))
    case .paste(let pasted):
      search = String((text + pasted.filter { !$0.isNewline }).prefix(Self.maximumLength))
    case .up: top -= 1
    case .down: top += 1
    default: break
    }
  }

  private static let columns = 76

  private static func inside(_ size: Size) -> Size {
    Size(columns: max(0, min(columns, size.columns) - 2), rows: max(1, size.rows - 4))
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let rows = rows(state, columns: Self.inside(frame.size).columns)
    // While somebody searches the window must not jump.
    let height = search == nil ? min(rows.count + 3, frame.size.rows - 2) : frame.size.rows - 2
    let page = max(1, height - 3)
    let top = max(0, min(self.top, rows.count - page))
    let shown =
      rows.isEmpty
      ? "nothing fits" : "\(top + 1)-\(min(rows.count, top + page)) of \(rows.count)"
    let title: SafeText = search != nil || showsAll ? "All keys" : "Keys here"
    let inside = frame.window(
      columns: Self.columns, rows: height, title: title, facts: [SafeText(shown)], state: state)
    for (offset, row) in rows.dropFirst(top).prefix(max(0, inside.rows - 1)).enumerated() {
      row.draw(
        row: inside.row + offset, column: inside.column + 1, columns: inside.columns - 2,
        on: &frame, state: state)
    }
    drawLastRow(in: inside, on: &frame, state: state)
  }

  private func drawLastRow(in inside: Rect, on frame: inout Frame, state: DashboardState) {
    let row = inside.endRow - 1
    var at = inside.column + 1
    if let search {
      at = frame.put(
        SafeText("/\(search)"), row: row, column: at, style: state.theme.focus,
        columns: max(0, inside.columns - 4))
      if isTyping { frame.put(" ", row: row, column: at, style: Style(attributes: .reverse)) }
      at += 2
    }
    guard !isTyping else { return }
    state.drawKeys(.help, row: row, column: at, end: inside.endColumn, on: &frame)
  }

  private func rows(_ state: DashboardState, columns: Int) -> [StyledRow] {
    var contexts = state.contextsBelowPopup
    if showsAll || search != nil {
      contexts += KeyContext.allCases.filter { !contexts.contains($0) }
    }
    let words = (search ?? "").lowercased().split(separator: " ")
    var rows: [StyledRow] = []
    for context in contexts {
      let bindings = state.keymap.bindings(in: context)
        .filter { $0.holds(words) && !$0.keys.isEmpty }
      guard !bindings.isEmpty else { continue }
      if !rows.isEmpty { rows.append(StyledRow()) }
      rows.append(StyledRow(.text(context.title, state.theme.strong)))
      for binding in bindings { rows += Self.rows(binding, columns: columns, state) }
    }
    return rows
  }

  private static let keyColumns = 18

  private static func rows(_ binding: Binding, columns: Int, _ state: DashboardState)
    -> [StyledRow]
  {
    let keys = binding.keyNames(state.glyphs, all: true).clipped(to: keyColumns - 2)
    let gap = String(repeating: " ", count: keyColumns - keys.columns)
    let help = SafeText(binding.help).wrapped(columns: max(2, columns - keyColumns - 2))
    return help.enumerated().map { position, line in
      let blank = SafeText(String(repeating: " ", count: keyColumns))
      return StyledRow(
        position == 0 ? .text(keys, state.theme.focus) : .text(blank, Style()),
        .text(position == 0 ? SafeText(gap) + line : line, Style()))
    }
  }
}

extension Binding {
  /// Whether each word stands in the sentence, the name of the action or the names of its keys.
  fileprivate func holds(_ words: [Substring]) -> Bool {
    guard !words.isEmpty else { return true }
    let keys = keys.map { $0.name(.ascii) }.joined(separator: " ")
    let text = "\(help) \(action.name) \(keys)".lowercased()
    return words.allSatisfy { text.contains($0) }
  }
}

extension DashboardState {
  /// Where keys went before the help or the palette was opened, nearest first.
  var contextsBelowPopup: [KeyContext] {
    let below = popups.last { popup in
      switch popup {
      case .help, .palette: false
      default: true
      }
    }
    guard let context = below?.content.keyContext else {
      return (mainContext == .main ? [] : [mainContext]) + mainContexts + [.anywhere]
    }
    return context == .details ? [context, .main, .anywhere] : [context, .anywhere]
  }
}

extension KeyContext {
  fileprivate var title: SafeText {
    switch self {
    case .anywhere: "Everywhere"
    case .main: "Dashboard"
    case .timeline: "Timeline"
    case .replay: "Replay"
    case .seek: "Go to a time"
    case .filter: "Filter line"
    case .details: "Details"
    case .output: "Output"
    case .outputPane: "Output pane"
    case .help: "Help"
    case .signals: "Signals"
    case .workspace: "Workspace"
    case .decision: "Decision"
    case .answer: "Answer"
    case .autonomy: "Autonomy"
    case .quit: "Quit"
    case .confirm: "Question"
    case .themes: "Themes"
    case .palette: "Palette"
    }
  }
}
