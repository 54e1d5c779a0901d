package import Canvas
package import Model
import Planning

/// The output of an attempt, full screen and without borders, so that a terminal can copy it cleanly.
package struct OutputPopup: PopupContent {
  private var view: LogView

  package init(log: LogReference) { view = LogView(log: log) }

  package var log: LogReference { view.log }
  package var keyContext: KeyContext { .output }

  package func opening(in context: DashboardContext) -> [Effect] { [.readLog(log, .end)] }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let area = Self.area(context.state.size)
    if let effects = view.answer(key, action, area: area) { return .stay(effects) }
    switch action {
    case .close: return .close()
    case .nextStream: return show(context.state.nextStream(of: log), in: context)
    case .nextSibling: return show(context.state.neighbour(of: log, by: 1), in: context)
    case .previousSibling: return show(context.state.neighbour(of: log, by: -1), in: context)
    case .help: return PopupResult(.open(.help(HelpPopup())))
    case .copy: return .stay(copyLines(context.state))
    default: break
    }
    return .stay()
  }

  private mutating func show(_ other: LogReference?, in context: DashboardContext) -> PopupResult {
    guard let other, other != log else { return .stay() }
    view = LogView(log: other, look: view.look)
    return PopupResult(.stay, opening(in: context), selection: .task(other.task))
  }

  package mutating func receive(_ message: Message, in context: DashboardContext) -> PopupResult {
    .stay(
      view.receive(
        message, isActive: context.state.isWriting(log), area: Self.area(context.state.size)))
  }

  /// All rows but the last.
  private static func area(_ size: Size) -> Size {
    Size(columns: size.columns, rows: max(1, size.rows - 1))
  }

  package func textPlace(in state: DashboardState) -> Rect? {
    let area = Self.area(state.size)
    return Rect(row: 0, column: 0, rows: area.rows, columns: area.columns)
  }

  package func textLines(in state: DashboardState) -> [SafeText] {
    view.shownLines(Self.area(state.size), state)
  }

  package mutating func holdText(in context: DashboardContext) {
    if view.follows { _ = view.move(.follow, area: Self.area(context.state.size)) }
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    frame.fill(frame.bounds)
    let (lines, status) = frame.bounds.split(top: max(1, frame.size.rows - 1))
    view.draw(in: lines, on: &frame, state: state)
    guard status.rows > 0 else { return }
    var at = 0
    if state.isSimulated {
      at = frame.put(" SIMULATION", row: status.row, column: 0, style: state.theme.warning) + 1
    }
    if let typed = view.search.typed {
      let end = frame.put(SafeText("/\(typed)"), row: status.row, column: at)
      frame.put(" ", row: status.row, column: end, style: Style(attributes: .reverse))
      return
    }
    if let notice = state.notice {
      let shown = notice.clipped(to: max(0, status.columns - at - 2), mark: state.glyphs.cut)
      frame.put(shown, row: status.row, column: at + 1, style: state.theme.warning)
      return
    }
    at = frame.put(
      " \(state.title(of: log))", row: status.row, column: at, style: state.theme.strong)
    let facts = view.factLine(state, separator: "  ", columns: status.columns - at - 3)
    at = frame.put("  \(facts.string)  ", row: status.row, column: at, style: state.theme.dim)
    state.drawKeys(.output, row: status.row, column: at, end: status.columns - 1, on: &frame)
  }
}

extension DashboardState {
  /// Whether the log may still grow.
  func isWriting(_ log: LogReference) -> Bool {
    guard run.tasks.indices.contains(log.task.index) else { return false }
    let status = run[log.task]
    return status.isRunning && status.lastAttempt?.number == log.attempt
  }

  /// As in `core, attempt 2, verification`.
  func title(of log: LogReference) -> String {
    let stream =
      switch log.stream {
      case .output: ""
      case .verify: ", verification"
      case .prompt: ", prompt"
      case .changes: ", changes"
      }
    return "\(name(of: log.task).string), attempt \(log.attempt)\(stream)"
  }

  /// The next log of the attempt that there is: output, verification, prompt.
  func nextStream(of log: LogReference) -> LogReference? {
    guard run.tasks.indices.contains(log.task.index) else { return nil }
    let task = run.graph[log.task]
    var streams: [LogReference.Stream] = [.output]
    if task.verify != nil { streams.append(.verify) }
    if task.isPrompt { streams.append(.prompt) }
    if task.awaitsLeave { streams.append(.changes) }
    let at = streams.firstIndex(of: log.stream) ?? 0
    return LogReference(
      task: log.task, attempt: log.attempt, stream: streams[(at + 1) % streams.count])
  }

  /// The newest log of the nearest task in the list, in this direction, that has one.
  func neighbour(of log: LogReference, by step: Int) -> LogReference? {
    var item: Item = .task(log.task)
    while let next = neighbour(of: item, by: step) {
      item = next
      guard case .task(let task) = next, let attempt = run[task].lastAttempt, attempt.log != nil
      else { continue }
      return LogReference(task: task, attempt: attempt.number)
    }
    return nil
  }

  /// The row of the list above or below an item; nil at its ends.
  func neighbour(of item: Item, by step: Int) -> Item? {
    let rows = listing.items
    guard let at = rows.firstIndex(of: item) ?? position(in: rows) else { return nil }
    return rows.indices.contains(at + step) ? rows[at + step] : nil
  }
}
