package import Canvas
package import Model

/// What a task waits for a person for, and the answer.
///
/// An agent's work is shown by what it changed, a command by its text, a question by the end of what the
/// task's terminal shows. Answers are requests; the popup closes when the task does not wait any more.
package struct DecisionPopup: PopupContent {
  static let maximumText = 2_000

  let task: TaskID
  /// nil before the task has any log.
  private var view: LogView?
  /// An agent's work is decided about, not a question or a command.
  private let showsLeave: Bool
  /// What is being typed; nil while nothing is.
  private var typed: Typed?

  struct Typed: Sendable, Equatable {
    /// A line for the terminal, else words for the agent.
    var isAnswer: Bool
    var text = ""
  }

  package init(task: TaskID, in state: DashboardState) {
    self.task = task
    let status = state.run[task]
    showsLeave = state.asksLeave(task)
    view = status.lastAttempt.map { attempt in
      let stream: LogReference.Stream = state.asksLeave(task) ? .changes : .output
      return LogView(log: LogReference(task: task, attempt: attempt.number, stream: stream))
    }
  }

  package var keyContext: KeyContext { typed == nil ? .decision : .answer }

  package func opening(in context: DashboardContext) -> [Effect] {
    view.map { [.readLog($0.log, $0.log.stream == .changes ? .offset(0) : .end)] } ?? []
  }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    if typed != nil { return type(key, action) }
    let state = context.state
    switch action {
    case .close: return .close()
    case .accept where state.asks(task): typed = Typed(isAnswer: true)
    case .tell where state.canBeTold(task): typed = Typed(isAnswer: false)
    case .approve where !state.asks(task): return .close([.send(.approve([task]))])
    case .reject where !state.asks(task): return .close([.send(.reject([task], words: nil))])
    case .nextStream: return showNext(in: context)
    case let action?:
      return .stay(view?.move(action, area: Self.area(state.size)) ?? [])
    case nil: break
    }
    return .stay()
  }

  /// A key is text while something is typed, whatever it means elsewhere.
  private mutating func type(_ key: Key, _ action: Action?) -> PopupResult {
    guard var typed else { return .stay() }
    switch (action, key) {
    case (.close, _):
      self.typed = nil
      return .stay()
    case (.accept, _): return send(typed)
    case (_, .character(let character)): typed.text.append(character)
    case (_, .paste(let text)): typed.text += text.filter { !$0.isNewline }
    case (_, .backspace): typed.text = String(typed.text.dropLast())
    default: break
    }
    typed.text = String(typed.text.prefix(Self.maximumText))
    self.typed = typed
    return .stay()
  }

  private mutating func send(_ typed: Typed) -> PopupResult {
    if typed.isAnswer {
      self.typed = nil
      return .stay([.send(.answer(task, text: typed.text))])
    }
    guard typed.text.contains(where: { !$0.isWhitespace }) else { return .stay() }
    return .close([.send(.reject([task], words: typed.text))])
  }

  private mutating func showNext(in context: DashboardContext) -> PopupResult {
    guard let log = view?.log, let next = context.state.nextStream(of: log) else { return .stay() }
    view = LogView(log: next)
    return .stay(opening(in: context))
  }

  package mutating func receive(_ message: Message, in context: DashboardContext) -> PopupResult {
    let state = context.state
    guard state.run[task].state == .waiting else { return .close() }
    if state.asksLeave(task) != showsLeave {
      self = DecisionPopup(task: task, in: state)
      return .stay(opening(in: context))
    }
    let isActive = view.map { context.state.isWriting($0.log) } ?? false
    return .stay(
      view?.receive(message, isActive: isActive, area: Self.area(context.state.size)) ?? [])
  }
}

// What is drawn.
extension DecisionPopup {
  private static let columns = 110
  private static let rows = 34
  /// In front of the log: what is asked, what would run, and an empty row.
  private static let headRows = 3

  private static func window(_ size: Size) -> Rect {
    size.window(
      columns: min(columns, max(1, size.columns - 2)), rows: min(rows, max(1, size.rows - 2))
    ).inside
  }

  static func area(_ size: Size) -> Size {
    let inside = window(size)
    return Size(columns: max(1, inside.columns - 2), rows: max(1, inside.rows - headRows - 2))
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let size = state.size
    let inside = frame.window(
      columns: min(Self.columns, max(1, size.columns - 2)),
      rows: min(Self.rows, max(1, size.rows - 2)),
      title: "\(state.name(of: task)) waits for you", facts: facts(state), state: state)
    let lines = head(state)
    for (offset, line) in lines.prefix(min(Self.headRows - 1, inside.rows)).enumerated() {
      frame.put(
        line.text.clipped(to: max(0, inside.columns - 2), mark: state.glyphs.cut),
        row: inside.row + offset, column: inside.column + 1, style: line.style)
    }
    let (_, below) = inside.split(top: min(inside.rows, Self.headRows))
    let (middle, foot) = below.split(top: max(0, below.rows - 2))
    let log = Rect(
      row: middle.row, column: middle.column + 1, rows: middle.rows, columns: middle.columns - 2)
    if let view, log.rows > 0, log.columns > 0 { view.draw(in: log, on: &frame, state: state) }
    drawFoot(foot, on: &frame, state)
  }

  private func facts(_ state: DashboardState) -> [SafeText] {
    guard let log = view?.log else { return [] }
    let stream = log.stream == .changes ? "what it changed" : log.stream.rawValue
    return ["attempt \(String(log.attempt))", SafeText(stream)]
  }

  private func head(_ state: DashboardState) -> [(text: SafeText, style: Style)] {
    let definition = state.run.graph[task]
    let (label, words) = definition.action.words
    let first = words.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return [
      (SafeText(state.run[task].reason ?? "waits"), state.theme.style(of: .waiting)),
      (SafeText("\(label)  \(definition.title ?? first)"), state.theme.dim),
    ]
  }

  private func drawFoot(_ foot: Rect, on frame: inout Frame, _ state: DashboardState) {
    guard foot.rows > 0 else { return }
    let row = foot.endRow - 1
    guard let typed else {
      state.drawKeys(
        .decision, row: row, column: foot.column + 1, end: foot.endColumn, on: &frame)
      return
    }
    let label = typed.isAnswer ? "answer: " : "tell it: "
    var at = frame.put(
      SafeText(label), row: row, column: foot.column + 1, style: state.theme.strong)
    // Of a long line its end shows, where the cursor is.
    let room = max(0, foot.endColumn - at - 2)
    let text = SafeText(typed.text)
    at = frame.put(
      text.dropping(columns: max(0, text.columns - room)), row: row, column: at, columns: room)
    if at < foot.endColumn { frame[row, at] = Cell(" ", style: Style(attributes: .reverse)) }
  }
}

extension DashboardState {
  /// The task that is decided about now.
  private var decidedTask: TaskID? {
    guard case .decision(let popup) = popups.last else { return nil }
    return popup.task
  }

  var mayApprove: Bool { decidedTask.map { !asks($0) } ?? false }
  var mayAnswer: Bool { decidedTask.map { asks($0) } ?? false }
  var mayTell: Bool { decidedTask.map { canBeTold($0) } ?? false }

  /// Whether the task waits for an answer on its terminal.
  func asks(_ task: TaskID) -> Bool { run[task].isAsking }

  /// Whether the work of the task's attempt waits for leave.
  func asksLeave(_ task: TaskID) -> Bool {
    run[task].state == .waiting && run[task].isLive && !run[task].isAsking
  }

  func canBeTold(_ task: TaskID) -> Bool { run.graph[task].isPrompt && !asks(task) }
}
