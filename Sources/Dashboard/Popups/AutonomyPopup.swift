package import Canvas
import Model

/// What needed a person: the score, what it was lost to, who carried the tasks out, what runs teach.
package struct AutonomyPopup: PopupContent {
  private var top = 0
  private var report: AutonomyReport
  private var sheet: AutonomySheet
  /// What it was made of.
  private var sequence: Int
  private var earlier: Int
  private var madeAt: Double

  package init(in state: DashboardState) {
    report = AutonomyReport(state.run)
    sheet = AutonomySheet(report, history: state.earlierAutonomy)
    sequence = state.run.sequence
    earlier = state.earlierAutonomy.records.count
    madeAt = state.now
  }

  package var keyContext: KeyContext { .autonomy }

  /// Makes it anew where something is new, for a large graph once a second at most.
  package mutating func receive(_ message: Message, in context: DashboardContext) -> PopupResult {
    let state = context.state
    let isNew =
      state.run.sequence != sequence || state.earlierAutonomy.records.count != earlier
    let isDue =
      state.run.tasks.count < Outlook.smallGraph
      || abs(state.now - madeAt) >= Outlook.refreshSeconds || state.run.closed != nil
    guard isNew, isDue else { return .stay() }
    let top = top
    self = AutonomyPopup(in: state)
    self.top = top
    return .stay()
  }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let place = place(in: context.state.size, context.state)
    switch action {
    case .close: return .close()
    case .up: top -= 1
    case .down: top += 1
    case .pageUp, .halfPageUp: top -= place.page
    case .pageDown, .halfPageDown: top += place.page
    case .top: top = 0
    case .bottom: top = place.rows.count
    default: break
    }
    top = max(0, min(top, place.rows.count - place.page))
    return .stay()
  }
}

// MARK: Drawing

extension AutonomyPopup {
  private static let widest = 92
  /// A number and the blanks around it.
  private static let figureColumns = 8

  package func draw(on frame: inout Frame, state: DashboardState) {
    let (rows, page) = place(in: frame.size, state)
    let top = max(0, min(self.top, rows.count - page))
    let inside = frame.window(
      columns: Self.widest, rows: page + 3, title: "Autonomy", facts: facts(rows, top, page),
      state: state)
    for (offset, row) in rows.dropFirst(top).prefix(max(0, inside.rows - 1)).enumerated() {
      row.draw(
        row: inside.row + offset, column: inside.column + 1, columns: max(0, inside.columns - 2),
        on: &frame, state: state)
    }
    state.drawKeys(
      .autonomy, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn,
      on: &frame)
  }

  private func facts(_ rows: [StyledRow], _ top: Int, _ page: Int) -> [SafeText] {
    let words = SafeText(report.words)
    guard rows.count > page else { return [words] }
    return [words, SafeText("\(top + 1)-\(min(rows.count, top + page)) of \(rows.count)")]
  }

  /// All lines as wide as they may be there, and how many show at once.
  private func place(in size: Size, _ state: DashboardState) -> (rows: [StyledRow], page: Int) {
    let rows = rows(columns: min(Self.widest, size.columns) - 4, state)
    return (rows, max(1, min(rows.count, size.rows - 5)))
  }

  private func rows(columns: Int, _ state: DashboardState) -> [StyledRow] {
    var rows: [StyledRow] = []
    for section in sheet.sections {
      if !rows.isEmpty { rows.append(StyledRow()) }
      rows.append(StyledRow(.text(SafeText(section.title), state.theme.strong)))
      for row in section.rows { rows += lines(row, columns: columns, state) }
    }
    return rows
  }

  /// A number in front of what it is of; what is too long goes on in the next line.
  private func lines(_ row: AutonomySheet.Row, columns: Int, _ state: DashboardState)
    -> [StyledRow]
  {
    let style = row.isWarning ? state.theme.warning : state.theme.text
    let text = SafeText(row.text).wrapped(columns: max(2, columns - Self.figureColumns))
    return text.enumerated().map { position, line in
      let figure = position == 0 ? row.figure : ""
      let blanks = String(repeating: " ", count: max(0, Self.figureColumns - 2 - figure.count))
      return StyledRow(
        .text(SafeText("\(blanks)\(figure)  "), row.isWarning ? style : state.theme.strong),
        .text(line, style))
    }
  }
}
