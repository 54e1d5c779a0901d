package import Canvas
import Model

/// The workspace as a strip of blocks, by chain and state, and what lies in it, the largest first.
package struct WorkspacePopup: PopupContent {
  private var cursor = 0
  /// Of the graph that it was opened on; a chain is what is drawn side by side.
  private let chains: [Int]

  package init(in state: DashboardState) { chains = state.run.graph.chains() }

  package var keyContext: KeyContext { .workspace }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let last = max(0, context.state.run.ledger.blocks.count - 1)
    switch action {
    case .close: return .close()
    case .up: cursor = max(0, min(cursor, last) - 1)
    case .down: cursor = min(last, cursor + 1)
    case .top: cursor = 0
    case .bottom: cursor = last
    default: break
    }
    return .stay()
  }

  package mutating func choose(_ number: Int, in context: DashboardContext) -> PopupResult {
    cursor = number
    return .stay()
  }

  /// Each owner's bytes in one state, the largest first.
  private func rows(_ ledger: StoreLedger) -> [StoreLedger.Block] {
    ledger.blocks.sorted {
      ($1.bytes, $0.key.task, $0.key.name) < ($0.bytes, $1.key.task, $1.key.name)
    }
  }

  /// In the order of the strip: chain by chain, and in each by state.
  private func ordered(_ blocks: [StoreLedger.Block]) -> [StoreLedger.Block] {
    let states = StoreLedger.State.allCases
    func place(_ block: StoreLedger.Block) -> (Int, Int, TaskID) {
      let index = block.key.task.index
      return (
        chains.indices.contains(index) ? chains[index] : 0, states.firstIndex(of: block.state) ?? 0,
        block.key.task
      )
    }
    return blocks.filter(\.state.isInside).sorted { place($0) < place($1) }
  }
}

// MARK: Drawing

extension WorkspacePopup {
  private static let stripRows = 3
  private static let widest = 100

  package func draw(on frame: inout Frame, state: DashboardState) {
    let ledger = state.run.ledger
    let rows = rows(ledger)
    let inside = frame.window(
      columns: Self.widest, rows: min(frame.size.rows, Self.stripRows + rows.count + 9),
      title: "Workspace", facts: [SafeText(Self.sum(ledger))], state: state)
    let chosen = rows.isEmpty ? nil : rows[min(cursor, rows.count - 1)]
    let strip = Rect(
      row: inside.row, column: inside.column + 1, rows: min(Self.stripRows, inside.rows),
      columns: max(1, inside.columns - 2))
    drawStrip(ledger, chosen, in: strip, on: &frame, state: state)
    var row = strip.endRow
    for forms in lines(ledger, state) where row < inside.endRow - 1 {
      let line = forms.first { $0.columns <= strip.columns } ?? forms[forms.count - 1]
      frame.put(
        line.clipped(to: strip.columns, mark: state.glyphs.cut), row: row, column: strip.column)
      row += 1
    }
    let table = Rect(
      row: row + 1, column: inside.column, rows: max(0, inside.endRow - 2 - row),
      columns: inside.columns)
    drawTable(rows, in: table, on: &frame, state: state)
    state.drawKeys(
      .workspace, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn,
      on: &frame)
  }

  private static func sum(_ ledger: StoreLedger) -> String {
    let taken = Figures.bytes(ledger.takenBytes)
    guard let capacity = ledger.capacityBytes else { return "\(taken), no limit" }
    let over = ledger.overBytes > 0 ? ", \(Figures.bytes(ledger.overBytes)) over" : ""
    return "\(taken) of \(Figures.bytes(capacity))\(over)"
  }

  /// A cell is the same share of the capacity everywhere; whoever has bytes has a cell as long as
  /// there are enough, and what is chosen stands out.
  private func drawStrip(
    _ ledger: StoreLedger, _ chosen: StoreLedger.Block?, in rect: Rect, on frame: inout Frame,
    state: DashboardState
  ) {
    let count = rect.rows * rect.columns
    let scale = max(1, ledger.capacityBytes ?? ledger.takenBytes, ledger.takenBytes)
    var cells: [(StoreLedger.State, Bool)] = []
    var bytes: Int64 = 0
    for block in ordered(ledger.blocks) where block.bytes > 0 && cells.count < count {
      bytes += block.bytes
      let end = min(count, Int((Double(bytes) / Double(scale) * Double(count)).rounded()))
      let length = max(1, end - cells.count)
      cells += Array(repeating: (block.state, block == chosen), count: length)
    }
    for index in 0..<count {
      let (owner, isChosen) = index < cells.count ? cells[index] : (.free, false)
      var cell = Cell(state.glyphs.sign(of: owner), style: state.theme.style(of: owner))
      if isChosen { cell.style.attributes.formUnion(.reverse) }
      frame[rect.row + index / rect.columns, rect.column + index % rect.columns] = cell
    }
  }

  /// Each in several forms, the longest first.
  private func lines(_ ledger: StoreLedger, _ state: DashboardState) -> [[SafeText]] {
    // Only who works in worktrees has warm ones, and few compress.
    let inside = StoreLedger.State.allCases.filter {
      $0.isInside && (![.warm, .compressed].contains($0) || ledger[$0] > 0)
    }
    func sum(_ words: (StoreLedger.State) -> String) -> SafeText {
      SafeText(
        inside.map { "\(state.glyphs.sign(of: $0)) \(words($0))" }.joined(separator: "  "))
    }
    let away = (ledger[.spilled], ledger[.dropped])
    let (slots, loans) = (isolation(state), loans(state.run.loans))
    return [
      [
        sum { "\($0.rawValue) \(Figures.bytes(ledger[$0]))" },
        sum { "\($0.rawValue) \(Figures.shortBytes(ledger[$0]))" },
        sum { Figures.shortBytes(ledger[$0]) },
      ],
      [
        SafeText("elsewhere: spilled \(Figures.bytes(away.0)), dropped \(Figures.bytes(away.1))"),
        SafeText("spilled \(Figures.shortBytes(away.0)), dropped \(Figures.shortBytes(away.1))"),
      ],
      [SafeText("\(slots) · \(loans)"), SafeText(slots)],
    ]
  }

  private func loans(_ loans: LoanMeter) -> String {
    guard loans.count > 0 else { return "nothing lent yet" }
    let damaged = loans.failed > 0 ? ", damaged \(loans.failed)" : ""
    return "loans \(loans.count), \(Figures.bytes(loans.bytes)), given back exactly "
      + "\(loans.restored)\(damaged)"
  }

  private func isolation(_ state: DashboardState) -> String {
    let opened = state.run.opened
    return switch opened?.hidesSlots {
    case true?: "slots isolated"
    case false? where opened?.watchesSlots == true: "slots not isolated, but watched"
    case false?: "slots not isolated"
    case nil: "slots: isolation n/a"
    }
  }

  private static let taskColumns = 30

  private func drawTable(
    _ rows: [StoreLedger.Block], in rect: Rect, on frame: inout Frame, state: DashboardState
  ) {
    guard rect.rows > 0 else { return }
    guard !rows.isEmpty else {
      let words: SafeText = "nothing lies in it"
      frame.put(words, row: rect.row, column: rect.column + 1, style: state.theme.dim)
      return
    }
    let chosen = min(cursor, rows.count - 1)
    let top = DashboardState.top(0, showing: chosen, of: rows.count, rows: rect.rows)
    for (offset, block) in rows.dropFirst(top).prefix(rect.rows).enumerated() {
      let line = Rect(
        row: rect.row + offset, column: rect.column, rows: 1, columns: rect.columns)
      frame.button(.item(top + offset), line)
      draw(block, isChosen: top + offset == chosen, in: line, on: &frame, state: state)
    }
  }

  private func draw(
    _ block: StoreLedger.Block, isChosen: Bool, in line: Rect, on frame: inout Frame,
    state: DashboardState
  ) {
    let theme = state.theme
    let mark = isChosen ? String(state.glyphs.selection) : " "
    frame.put(SafeText(mark), row: line.row, column: line.column, style: theme.focus)
    frame.put(
      SafeText(String(state.glyphs.sign(of: block.state))), row: line.row, column: line.column + 2,
      style: theme.style(of: block.state))
    let room = max(4, min(Self.taskColumns, line.columns - 34))
    frame.put(
      SafeText(state.run.name(of: block)).clipped(
        to: room, mark: state.glyphs.cut), row: line.row, column: line.column + 4,
      style: isChosen ? theme.strong : theme.text)
    frame.put(
      SafeText(Figures.bytes(block.bytes)), row: line.row, endingAt: line.column + room + 15,
      style: theme.text)
    let at = line.column + room + 17
    frame.put(
      SafeText("\(block.state.rawValue), \(state.run.reason(for: block))").clipped(
        to: max(0, line.endColumn - at), mark: state.glyphs.cut), row: line.row, column: at,
      style: theme.dim, columns: max(0, line.endColumn - at))
  }
}

extension RunState {
  fileprivate func name(of block: StoreLedger.Block) -> String {
    if let slot = block.slot { return "worktree of slot \(slot)" }
    let name = block.key.name.isEmpty ? "slot" : block.key.name
    return "\(graph[block.key.task].name).\(name)"
  }

  /// Why bytes are where they are, in a few words.
  fileprivate func reason(for block: StoreLedger.Block) -> String {
    switch block.state {
    case .leased where block.slot != nil: return "\(graph[block.key.task].name) works in it"
    case .warm: return "kept for the next task"
    case .leased:
      let slot = self[block.key.task].lastAttempt?.slot.map { " in slot \($0)" } ?? ""
      return "being written\(slot)"
    case .lent: return "to \(lent[block.key]?.borrower ?? "somebody")"
    case .dropped: return "can be made again"
    case .free, .sealed, .dormant, .compressed, .spilled: return needs(of: block.key)
    }
  }

  /// What an artifact that lies in the workspace waits for, in a few words.
  func standing(of key: ArtifactKey) -> String {
    lent[key].map { "lent to \($0.borrower)" } ?? needs(of: key)
  }

  private func needs(of key: ArtifactKey) -> String {
    let readers = links.dependents[key.task.index].filter { graph.takes(key, by: $0) }
    guard !readers.isEmpty else { return "a product" }
    let open = readers.filter { tasks[$0.index].state != .done }
    guard let first = open.first else { return "nobody needs it any more" }
    let more = open.count > 1 ? " and \(open.count - 1) more" : ""
    let verb = open.contains { isAttempting($0) } ? "read by" : "needed by"
    let name = open.first { isAttempting($0) } ?? first
    return "\(verb) \(graph[name].name)\(more)"
  }
}

extension Glyphs {
  /// One for each state of the workspace's bytes.
  func sign(of state: StoreLedger.State) -> Character {
    switch state {
    case .free: isASCII ? "." : "·"
    case .leased: isASCII ? "%" : "▒"
    case .sealed: isASCII ? "#" : "█"
    case .dormant: isASCII ? "=" : "▓"
    case .warm: isASCII ? "~" : "▚"
    case .lent: isASCII ? "?" : "◆"
    case .compressed: isASCII ? "-" : "▬"
    case .spilled: isASCII ? ">" : "▸"
    case .dropped: isASCII ? "o" : "○"
    }
  }
}

extension Theme {
  fileprivate func style(of state: StoreLedger.State) -> Style {
    switch state {
    case .free, .dropped: dim
    case .leased: running
    case .warm: done
    case .sealed: gauge
    case .dormant, .compressed: done
    case .lent: waiting
    case .spilled: paused
    }
  }
}
