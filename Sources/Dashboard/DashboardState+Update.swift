import Canvas
import Model

extension DashboardState {
  /// Takes in what happened and returns what is to be done, in order.
  package mutating func update(_ message: Message) -> [Effect] {
    let effects = react(to: message)
    if lanesAreOld { layLanes() }
    return effects
  }

  private mutating func react(to message: Message) -> [Effect] {
    switch message {
    case .key(let key):
      let effects = press(key)
      bringOutOfCluster()
      return effects + outputEffects(message) + graphEffects()
    case .facts(let facts): take(facts)
    case .signals(let newest): take(newest)
    case .earlier(let runs):
      outlook.take(runs)
      refresh()
    case .autonomy(let history): outlook.pastAutonomy = history
    case .tick(let wallTime, let elapsedSeconds): tick(wallTime, elapsedSeconds)
    case .resized(let size):
      self.size = size
      lineSelection = nil
      keepSelectionInView()
    case .logWindow(let log, let window): keep(window, of: log)
    case .found: break
    case .answer(_, let answer): take(answer)
    case .graphLaid(let picture): take(picture)
    case .told(let words): tell(SafeText(words))
    case .replay(let pace): return take(pace) + tellPopups(message)
    case .shelf(let shelf): self.shelf = shelf
    case .turned(let run, let pace): turn(to: run, pace)
    case .ended: hasEnded = true
    }
    return tellPopups(message) + outputEffects(message) + graphEffects() + alertEffects()
      + leaveIfDone()
  }

  private mutating func take(_ facts: [Fact]) {
    var isNewGraph = false
    for fact in facts where fact.sequence > run.sequence {
      run.apply(fact)
      if fact.kind.bringsGraph { isNewGraph = true }
      if let line = EventLine(fact, in: run, utcOffsetSeconds: utcOffsetSeconds) {
        events.append(line)
      }
      follow(fact)
      // What is replayed is news to nobody.
      if replay == nil { alerts.take(fact) }
      timeline.record(fact, in: run)
      footprints.record(Double(run.footprintBytes), at: fact.elapsedSeconds)
      reuse.record(run.reuse.factor ?? 0, at: fact.elapsedSeconds)
    }
    // Cut in large steps: removing from the front moves the whole rest.
    if events.count > 2 * Self.eventLimit { events.removeFirst(events.count - Self.eventLimit) }
    now = max(now, run.elapsedSeconds)
    wallTime = max(wallTime, run.wallTime)
    if isNewGraph { adoptGraph() }
    refresh()
    if isNewGraph { layLanes() }
    keepSelectionInView()
    keepCheckpoint()
  }

  private mutating func follow(_ fact: Fact) {
    guard follows, case .attemptStarted(let started) = fact.kind else { return }
    selection = .task(started.task)
  }

  private mutating func take(_ newest: Signals) {
    loads.take(newest, after: signals)
    signals = newest
    if let elapsed = newest.elapsedSeconds { now = max(now, elapsed) }
    if filter.isLive || order.column != .graph || !toldSeconds.isEmpty {
      refresh()
      keepSelectionInView()
    }
  }

  private mutating func tick(_ wallTime: Int64, _ elapsedSeconds: Double?) {
    self.wallTime = wallTime
    if let elapsedSeconds { now = max(now, elapsedSeconds) }
    if notice != nil, wallTime >= noticeEnd { notice = nil }
  }

  private mutating func take(_ answer: Answer) {
    guard case .refused(let reason) = answer else { return }
    tell("refused: \(SafeText(reason).string)")
  }

  /// Shows a passing word in the footer.
  mutating func tell(_ text: SafeText) {
    notice = text
    noticeEnd = wallTime + Self.noticeNanoseconds
  }

  private mutating func keep(_ window: LogWindow, of log: LogReference) {
    logOrder.removeAll { $0 == log }
    logOrder.append(log)
    logs[log] = window
    while logOrder.count > Self.logLimit { logs[logOrder.removeFirst()] = nil }
  }

  /// After `^c ^c` there is nothing to stay for once the run has closed.
  private func leaveIfDone() -> [Effect] {
    isLeaving && !isRunning ? [.quit(.leave)] : []
  }
}

extension DashboardState {
  /// Brings the rows in line with the run and with what the person chose.
  mutating func refresh() {
    if outlook.refresh(run, now: now, told: toldSeconds) { layLanes() }
    matches = filter.isEmpty ? nil : FilterMatches(filter, in: filterSubject)
    sortIfDue()
    let line = position(in: listing.items).map { $0 - listTop }
    listing.refresh(
      Listing.Choice(run: run, folds: folds, matches: matches, hidesFinished: hidesFinished))
    if chart == .timeline { timeline.predict(run, outlook) }
    if selection == nil { selection = listing.rows.first?.item }
    if order.column != .graph { keepSelection(onLine: line) }
  }

  /// Moves the window with the selected row when rows change their order above it.
  private mutating func keepSelection(onLine line: Int?) {
    guard let line, let at = position(in: listing.items) else { return }
    listTop = max(0, at - line)
  }

  func fold(of group: Int) -> Fold { folds[group] ?? listing.defaultFold(of: group) }

  /// The lanes change with the graph, the folds and the critical path, never with a state.
  ///
  /// Where a drawing of the graph is shown instead they wait until somebody looks at them.
  mutating func layLanes() {
    lanesAreOld = chart != .list && chart != .lanes && graph.picture != nil
    guard !lanesAreOld else { return }
    let fold = { group in self.fold(of: group) }
    lanes = Lanes(run, tree: listing.tree, fold: fold, path: outlook.path)
  }

  mutating func adoptGraph() {
    listing.adopt(run.graph)
    graph.revision += 1
    outlook.adopt(run)
    if let item = selection, tasks(of: item).isEmpty { selection = nil }
    marks.removeAll { $0.index >= run.tasks.count || run.graph[$0].isRemoved }
  }
}

extension DashboardState {
  private mutating func tellPopups(_ message: Message) -> [Effect] {
    var effects: [Effect] = []
    for position in popups.indices.reversed() where popups.indices.contains(position) {
      var popup = popups[position]
      let result = popup.content.receive(message, in: DashboardContext(self))
      popups[position] = popup
      effects += settle(result, at: position)
    }
    return effects
  }

  /// Hands a key to the newest popup; nil lets the main screen answer it.
  mutating func pressInPopup(_ key: Key) -> [Effect]? {
    guard let popup = popups.last else { return nil }
    let binding = keymap.binding(of: key, in: popup.content.keyContext)
    return answer(key, binding.flatMap { $0.isValid(self) ? $0.action : nil })
  }

  /// Hands an action to the newest popup; one that was chosen by its name has no key.
  private mutating func answer(_ key: Key?, _ action: Action?) -> [Effect]? {
    guard let position = popups.indices.last else { return nil }
    var popup = popups[position]
    let result = popup.content.update(key ?? .focus(true), action, in: DashboardContext(self))
    popups[position] = popup
    if result.next == .pass {
      if let item = result.selection { selection = item }
      return result.effects.isEmpty ? nil : result.effects
    }
    return settle(result, at: position)
  }

  mutating func settle(_ result: PopupResult, at position: Int) -> [Effect] {
    if let item = result.selection { selection = item }
    var effects = result.effects
    switch result.next {
    case .stay, .pass: break
    case .close: popups.remove(at: position)
    case .closeAll: popups.removeAll()
    case .open(let popup): effects += open(popup)
    case .replace(let popup):
      popups[position] = popup
      effects += popup.opening(in: DashboardContext(self))
    }
    if let change = result.change { effects += make(change) }
    return effects
  }

  private mutating func make(_ change: PopupResult.Change) -> [Effect] {
    switch change {
    case .theme(let theme): self.theme = theme
    case .filter(let text): filter = Filter(text)
    case .select(let item):
      selection = item
      follows = false
    case .perform(let action, let context):
      let isMain = context == .main || context == .anywhere
      return isMain ? perform(action) : answer(nil, action) ?? []
    }
    refresh()
    keepSelectionInView()
    return []
  }

  mutating func open(_ popup: Popup) -> [Effect] {
    guard popups.count < Self.popupLimit else { return [] }
    popups.append(popup)
    return popup.opening(in: DashboardContext(self))
  }
}

extension Fact.Kind {
  fileprivate var bringsGraph: Bool {
    switch self {
    case .graphDefined, .graphChanged: true
    default: false
    }
  }
}
