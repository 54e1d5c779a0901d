package import Canvas
import Model

/// All about one task or group, in tabs: overview, output, dependencies, environment, history.
///
/// The item is also the selection of the main screen, whose keys (pause, stop, retry …) work here too.
package struct DetailsPopup: PopupContent {
  static let tabs: [SafeText] = ["Overview", "Output", "Deps", "Env", "History"]

  package private(set) var item: Item
  private(set) var tab = Tab.overview
  /// First visible row of a tab without a cursor.
  private(set) var top = 0
  /// The chosen row of dependencies or history.
  private(set) var cursor = 0
  /// The newest attempt's output; nil before the first attempt.
  private(set) var view: LogView?
  private var look = LogLook()

  enum Tab: Int, Sendable, CaseIterable {
    case overview, output, dependencies, environment, history
  }

  package init(item: Item) { self.item = item }

  package var keyContext: KeyContext { .details }

  package func opening(in context: DashboardContext) -> [Effect] {
    context.state.newestLog(of: item).map { [.readLog($0, .end)] } ?? []
  }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    adoptLog(context.state)
    let area = Self.area(context.state.size)
    if view?.search.isTyping == true {
      guard view?.search.type(key) == true else { return .stay() }
      return .stay(view?.find(backwards: false, area: area) ?? [])
    }
    guard let action else { return pass(key, in: context) }
    if tab == .output, let effects = view?.move(action, area: area) { return .stay(effects) }
    switch action {
    case .close: return .close()
    case .accept: return accept(in: context)
    case .tab(let number): return turn(to: Tab(rawValue: number) ?? .overview)
    case .nextTab: return turn(by: 1)
    case .previousTab: return turn(by: -1)
    case .nextSibling: return show(context.state.neighbour(of: item, by: 1), in: context)
    case .previousSibling: return show(context.state.neighbour(of: item, by: -1), in: context)
    case .search: return search()
    case .copy:
      let text = context.state.copyText(of: item)
      return .stay(tab == .output ? copyLines(context.state) : [.copy(text)])
    case .openLog(let viewer): return .stay(view.map { [.openLog($0.log, with: viewer)] } ?? [])
    case .nextMatch: return .stay(view?.find(backwards: false, area: area) ?? [])
    case .previousMatch: return .stay(view?.find(backwards: true, area: area) ?? [])
    default:
      move(action, context.state)
      return .stay()
    }
  }

  package mutating func receive(_ message: Message, in context: DashboardContext) -> PopupResult {
    let state = context.state
    // The first window of a new view must not be lost: the view is made before it arrives.
    let isNew = adoptLog(state)
    let isActive = view.map { state.isWriting($0.log) } ?? false
    var isServed = false
    if case .logWindow(let log, _) = message { isServed = log == view?.log }
    var effects = isNew && !isServed ? view?.readEnd() ?? [] : []
    effects += view?.receive(message, isActive: isActive, area: Self.area(state.size)) ?? []
    return .stay(effects)
  }
}

extension DetailsPopup {
  /// Looks at the newest attempt, unless an older one's end is not being followed.
  @discardableResult
  private mutating func adoptLog(_ state: DashboardState) -> Bool {
    let newest = state.newestLog(of: item)
    if let view, view.log == newest || !view.follows && view.log.task == newest?.task {
      return false
    }
    look = view?.look ?? look
    view = newest.map { LogView(log: $0, look: look) }
    return view != nil
  }

  private mutating func turn(to tab: Tab) -> PopupResult {
    if self.tab != tab { (top, cursor) = (0, 0) }
    self.tab = tab
    return .stay()
  }

  private mutating func turn(by step: Int) -> PopupResult {
    let count = Tab.allCases.count
    return turn(to: Tab(rawValue: (tab.rawValue + step + count) % count) ?? .overview)
  }

  private mutating func search() -> PopupResult {
    guard view != nil else { return .stay() }
    view?.search.begin()
    return turn(to: .output)
  }

  /// Keys that ask something of the run, or show something else of the item, work as outside.
  private func pass(_ key: Key, in context: DashboardContext) -> PopupResult {
    let binding = context.state.keymap.binding(of: key, in: .main)
    guard let action = binding?.action, Self.passed.contains(action) else { return .stay() }
    return PopupResult(.pass, selection: item)
  }

  static let passed: [Action] = [
    .togglePause, .step, .stop, .pickSignal, .retry, .retryDownstream, .continue, .stepWave,
    .decide,
    .toggleHold, .toggleFreeze, .output, .help, .palette, .pickTheme,
  ]

  private func accept(in context: DashboardContext) -> PopupResult {
    switch tab {
    case .dependencies:
      let all = context.state.neighbours(of: item)
      guard all.indices.contains(cursor) else { return .close() }
      return jump(to: .task(all[cursor].task), in: context)
    case .history:
      let attempts = context.state.attempts(of: item)
      guard attempts.indices.contains(cursor), attempts[cursor].record.log != nil else {
        return .stay()
      }
      let log = LogReference(
        task: attempts[cursor].task, attempt: attempts[cursor].record.number)
      return PopupResult(.open(.output(OutputPopup(log: log))))
    default: return .close()
    }
  }

  private func jump(to item: Item, in context: DashboardContext) -> PopupResult {
    var next = self
    next.item = item
    next.look = view?.look ?? look
    (next.top, next.cursor, next.view) = (0, 0, nil)
    next.adoptLog(context.state)
    return PopupResult(.replace(.details(next)), selection: item)
  }

  private func show(_ other: Item?, in context: DashboardContext) -> PopupResult {
    guard let other else { return .stay() }
    return jump(to: other, in: context)
  }

  /// A press on a row puts the cursor on it, one on the row of the cursor opens it.
  package mutating func point(
    _ event: MouseEvent, in context: DashboardContext
  ) -> PopupResult {
    guard case .press(.left) = event.kind else { return turnWheel(event, in: context) }
    let state = context.state
    let body = Self.body(state.size)
    guard body.contains(row: event.row, column: event.column), cursorRow(state) != nil else {
      return .stay()
    }
    let count = rows(state, columns: body.columns).count
    let row = firstRow(of: count, body, state) + event.row - body.row
    if row == cursorRow(state) { return accept(in: context) }
    let before = cursor
    for place in 0..<count {
      cursor = place
      if cursorRow(state) == row { return .stay() }
    }
    cursor = before
    return .stay()
  }

  package func textPlace(in state: DashboardState) -> Rect? {
    tab == .output && view != nil ? Self.body(state.size) : nil
  }

  package func textLines(in state: DashboardState) -> [SafeText] {
    let body = Self.body(state.size)
    return view?.shownLines(Size(columns: body.columns, rows: body.rows), state) ?? []
  }

  package mutating func holdText(in context: DashboardContext) {
    if view?.follows == true { _ = view?.move(.follow, area: Self.area(context.state.size)) }
  }

  private mutating func move(_ action: Action, _ state: DashboardState) {
    let page = max(1, Self.area(state.size).rows - 1)
    let step: Int
    switch action {
    case .up: step = -1
    case .down: step = 1
    case .pageUp, .halfPageUp: step = -page
    case .pageDown, .halfPageDown: step = page
    case .top: step = -1_000_000
    case .bottom: step = 1_000_000
    default: return
    }
    switch tab {
    case .dependencies: cursor = clamped(cursor + step, state.neighbours(of: item).count)
    case .history: cursor = clamped(cursor + step, state.attempts(of: item).count)
    default:
      let count = rows(state, columns: Self.area(state.size).columns).count
      top = clamped(top + step, count - page)
    }
  }

  private func clamped(_ value: Int, _ count: Int) -> Int { max(0, min(value, count - 1)) }
}

extension DashboardState {
  func newestLog(of item: Item) -> LogReference? {
    let newest = tasks(of: item).filter { run[$0].lastAttempt?.log != nil }.max {
      (run[$0].lastAttempt?.startSeconds ?? 0) < (run[$1].lastAttempt?.startSeconds ?? 0)
    }
    guard let newest, let attempt = run[newest].lastAttempt else { return nil }
    return LogReference(task: newest, attempt: attempt.number)
  }

  /// What an item needs and what it feeds, in this order; of a group, what lies outside it.
  func neighbours(of item: Item) -> [(task: TaskID, isNeed: Bool)] {
    let own = tasks(of: item)
    let inside = Set(own)
    let needs = Set(own.flatMap { run.links.predecessors[$0.index] }).subtracting(inside)
    let feeds = Set(own.flatMap { run.links.dependents[$0.index] }).subtracting(inside)
    return needs.sorted().map { ($0, true) } + feeds.sorted().map { ($0, false) }
  }

  /// Newest first.
  func attempts(of item: Item) -> [(task: TaskID, record: AttemptRecord)] {
    tasks(of: item).flatMap { task in run[task].attempts.map { (task, $0) } }
      .sorted { $0.1.startSeconds > $1.1.startSeconds }
  }
}
