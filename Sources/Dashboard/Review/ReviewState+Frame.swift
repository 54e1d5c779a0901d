package import Canvas

extension ReviewState {
  /// Narrower and lower than this there is no table.
  private static let smallest = Size(columns: 40, rows: 6)
  private static let needColumns = 14
  private static let lineColumns = 6
  private static let priorityColumns = 8

  /// Draws the whole screen; pure, and safe for any size.
  package func frame(size: Size) -> Frame {
    var frame = Frame(size: size)
    guard size.rows > 0, size.columns > 0 else { return frame }
    if size.rows < Self.smallest.rows || size.columns < Self.smallest.columns {
      let words: SafeText = "review: \(String(items.count)) items; make the window larger"
      frame.put(words, row: 0, column: 0, columns: size.columns)
    } else {
      drawHeader(on: &frame)
      let rect = Rect(row: 1, column: 0, rows: size.rows - 2, columns: size.columns)
      if case .text(let top) = mode {
        drawText(top, in: rect, &frame)
      } else {
        drawList(rect, &frame)
      }
      drawFooter(on: &frame)
    }
    if glyphs.isASCII { frame.restrictToASCII() }
    frame.paint(theme)
    return frame
  }

  private func drawHeader(on frame: inout Frame) {
    let end = frame.put(" cairn", row: 0, column: 0, style: theme.strong)
    let facts: SafeText = "\(String(items.count)) items, \(String(accepted(items))) accepted "
    frame.put(facts, row: 0, endingAt: frame.size.columns, style: theme.dim)
    frame.put(
      SafeText("  review of what goes into \(target)"), row: 0, column: end, style: theme.text,
      columns: frame.size.columns - end - facts.columns - 1)
  }

  private func accepted(_ items: [ReviewItem]) -> Int { items.count { accepted.contains($0.id) } }
}

// The list.
extension ReviewState {
  private func drawList(_ rect: Rect, _ frame: inout Frame) {
    frame.border(
      rect, title: "Tasks", facts: [SafeText("\(selection + 1) of \(items.count)")],
      glyphs: glyphs, style: theme.focus, titleStyle: theme.title)
    let inside = rect.inside
    drawHeads(inside, &frame)
    let rows = inside.rows - 1
    let top = max(0, min(selection - rows / 2, items.count - rows))
    let (levels, paths) = (levels, paths)
    for index in items.indices.dropFirst(top).prefix(rows) {
      let row = inside.row + 1 + index - top
      let line = Rect(row: row, column: inside.column, rows: 1, columns: inside.columns)
      frame.button(.item(index), line)
      draw(items[index], index == selection, levels[index], paths, line, &frame)
    }
    if items.isEmpty {
      frame.put("nothing is left; u undoes", row: inside.row + 1, column: inside.column + 2)
    }
  }

  /// Columns where priority, needs and line begin.
  private func columns(_ rect: Rect) -> (priority: Int, needs: Int, line: Int) {
    let line = rect.endColumn - Self.lineColumns - 1
    let needs = line - Self.needColumns - 1
    return (needs - Self.priorityColumns - 1, needs, line)
  }

  private func drawHeads(_ rect: Rect, _ frame: inout Frame) {
    let at = columns(rect)
    for (words, column) in [
      ("title", rect.column + 4), ("priority", at.priority), ("after", at.needs),
      ("  line", at.line),
    ] {
      frame.put(SafeText(words), row: rect.row, column: column, style: theme.dim)
    }
  }

  private func draw(
    _ item: ReviewItem, _ isSelected: Bool, _ level: Int, _ paths: [Int: String], _ rect: Rect,
    _ frame: inout Frame
  ) {
    let at = columns(rect)
    let titleStyle = isSelected ? theme.strong : theme.text
    if isSelected {
      frame.put(
        SafeText(String(glyphs.selection)), row: rect.row, column: rect.column, style: theme.focus)
    }
    if accepted.contains(item.id) {
      frame.put(
        SafeText(String(glyphs.done)), row: rect.row, column: rect.column + 2, style: theme.done)
    }
    let start = rect.column + 4 + min(level * 2, max(0, at.priority - rect.column - 20))
    let title = SafeText("\(paths[item.id] ?? "") \(item.title)")
    frame.put(
      title.clipped(to: at.priority - start - 1, mark: glyphs.cut), row: rect.row, column: start,
      style: titleStyle)
    let priority = SafeText(item.priority.rawValue)
    frame.put(priority, row: rect.row, column: at.priority, style: style(of: item.priority))
    let needs = SafeText(item.needs.compactMap { paths[$0] }.joined(separator: " "))
    frame.put(
      needs.clipped(to: Self.needColumns, mark: glyphs.cut), row: rect.row, column: at.needs,
      style: theme.dim)
    if let line = item.line {
      frame.put(
        SafeText(String(line)), row: rect.row, endingAt: rect.endColumn - 1, style: theme.dim)
    }
  }

  private func style(of priority: ReviewItem.Priority) -> Style {
    switch priority {
    case .critical: theme.failed
    case .high: theme.warning
    case .medium: theme.text
    case .low: theme.dim
    }
  }
}

// One item's text.
extension ReviewState {
  private func drawText(_ top: Int, in rect: Rect, _ frame: inout Frame) {
    guard let item = selected else { return }
    frame.border(
      rect, title: SafeText(item.title), glyphs: glyphs, style: theme.focus, titleStyle: theme.title
    )
    let inside = rect.inside
    for (offset, line) in textLines(columns: inside.columns - 2).dropFirst(top).prefix(inside.rows)
      .enumerated()
    { frame.put(line, row: inside.row + offset, column: inside.column + 1) }
  }

  func textLines(columns: Int) -> [SafeText] {
    let text = selected?.text ?? ""
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { SafeText($0).wrapped(columns: max(2, columns)) }
  }
}

// The last line.
extension ReviewState {
  private func drawFooter(on frame: inout Frame) {
    let row = frame.size.rows - 1
    switch mode {
    case .title(let text, let cursor): drawEditor(text, cursor, row, &frame)
    case .askQuit:
      frame.put(
        " Leave without writing? y leaves, w writes, any other key stays", row: row, column: 0,
        style: theme.warning, columns: frame.size.columns)
    case .list, .text:
      if let notice {
        let words = SafeText(notice).clipped(to: frame.size.columns - 2, mark: glyphs.cut)
        frame.put(words, row: row, column: 1, style: theme.warning)
      } else {
        drawKeys(row, &frame)
      }
    }
  }

  /// The most needed stand first; those that do not fit are left out, but for the last two.
  private func drawKeys(_ row: Int, _ frame: inout Frame) {
    var keys: [(Key, String)] =
      mode == .list
      ? [
        (.character("a"), "accept"), (.character("d"), "drop"), (.character("e"), "edit"),
        (.character("p"), "priority"), (.enter, "read"), (.character("u"), "undo"),
        (.character("E"), "editor"), (.character("w"), "write"), (.character("q"), "quit"),
      ] : [(.down, "scroll"), (.escape, "back")]
    func columns() -> Int {
      keys.reduce(0) { $0 + SafeText($1.0.name(glyphs)).columns + $1.1.count + 3 }
    }
    while columns() > frame.size.columns, keys.count > 2 { keys.remove(at: keys.count - 3) }
    var at = 1
    for (key, label) in keys {
      let start = at
      at = frame.put(SafeText(key.name(glyphs)), row: row, column: at, style: theme.focus)
      at = frame.put(SafeText(" \(label)"), row: row, column: at, style: theme.dim)
      frame.button(key, row: row, column: start, columns: at - start)
      at += 2
    }
  }

  private func drawEditor(_ text: String, _ cursor: Int, _ row: Int, _ frame: inout Frame) {
    let lead = frame.put(" title: ", row: row, column: 0, style: theme.focus)
    let before = SafeText(String(text.prefix(cursor)))
    let room = frame.size.columns - lead - 1
    let skipped = max(0, before.columns - room + 1)
    let shown = SafeText(before.string.drop(columns: skipped))
    let at = frame.put(shown, row: row, column: lead)
    let rest = SafeText(String(text.dropFirst(cursor)))
    frame.put(rest, row: row, column: at, columns: room - shown.columns)
    frame.restyle(Rect(row: row, column: at, rows: 1, columns: 1)) {
      $0.attributes.insert(.reverse)
    }
  }
}

extension String {
  /// Without so many columns, or one more, at the beginning.
  fileprivate func drop(columns: Int) -> Substring {
    var rest = self[...]
    var gone = 0
    while gone < columns, let first = rest.first {
      gone += SafeText(String(first)).columns
      rest = rest.dropFirst()
    }
    return rest
  }
}
