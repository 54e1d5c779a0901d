package import Canvas

extension DashboardState {
  private static let nothing = Cell("\u{0}")

  mutating func pointInPopup(_ event: MouseEvent) -> [Effect] {
    if case .drag = event.kind {
      _ = selectLines(event)
      return []
    }
    guard case .press(.left) = event.kind else {
      if case .release = event.kind { pressedRow = nil } else { lineSelection = nil }
      return settlePopup(event)
    }
    let click = Click(row: event.row, column: event.column, wallTime: wallTime)
    if let lastClick, lastClick.hasOpened, lastClick.isDoubled(by: click) { return [] }
    guard let popup = popups.last else { return [] }
    // Where a popup lies is what it draws.
    var sheet = Frame(size: size, filledWith: Self.nothing)
    popup.content.draw(on: &sheet, state: self)
    if let button = sheet.button(row: event.row, column: event.column) {
      return answerInPopup(button)
    }
    let extent = sheet.extent(besides: Self.nothing)
    let isInside = extent?.contains(row: event.row, column: event.column) ?? false
    guard isInside else { return press(footerKey(at: event) ?? .escape) }
    return selectLines(event) ? [] : settlePopup(event)
  }

  private mutating func answerInPopup(_ button: Button) -> [Effect] {
    switch button.meaning {
    case .key(let key): press(key)
    case .item(let number): settlePopup { $0.choose(number, in: $1) }
    }
  }

  /// The last line tells of the keys of the newest popup.
  private func footerKey(at event: MouseEvent) -> Key? {
    guard let footer = layout(size).footer, footer.contains(row: event.row, column: event.column),
      case .key(let key) = frame(size: size).button(row: event.row, column: event.column)?.meaning
    else { return nil }
    return key
  }

  private mutating func settlePopup(_ event: MouseEvent) -> [Effect] {
    settlePopup { $0.point(event, in: $1) }
  }

  private mutating func settlePopup(
    _ answer: (inout any PopupContent, DashboardContext) -> PopupResult
  ) -> [Effect] {
    guard let position = popups.indices.last else { return [] }
    var popup = popups[position]
    let result = answer(&popup.content, DashboardContext(self))
    popups[position] = popup
    return settle(result, at: position)
  }
}

extension PopupContent {
  /// The wheel works as if the cursor keys were pressed; everything else is for the popup to answer.
  package mutating func point(
    _ event: MouseEvent, in context: DashboardContext
  ) -> PopupResult {
    turnWheel(event, in: context)
  }

  package mutating func choose(_ number: Int, in context: DashboardContext) -> PopupResult {
    .stay()
  }

  mutating func turnWheel(_ event: MouseEvent, in context: DashboardContext) -> PopupResult {
    let (key, action): (Key, Action)
    switch event.kind {
    case .wheelUp: (key, action) = (.up, .up)
    case .wheelDown: (key, action) = (.down, .down)
    default: return .stay()
    }
    var effects: [Effect] = []
    for _ in 0..<DashboardState.wheelRows {
      let result = update(key, action, in: context)
      guard result.next == .stay else { return result }
      effects += result.effects
    }
    return .stay(effects)
  }
}
