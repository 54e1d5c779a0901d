import Canvas
import Model

extension DashboardState {
  /// Answers a key: everywhere first, then the newest popup, the filter line, the main screen.
  mutating func press(_ key: Key) -> [Effect] {
    if case .focus(let hasFocus) = key {
      alerts.hasFocus = hasFocus
      return []
    }
    movedAt = wallTime
    if case .mouse(let event) = key { return point(event) }
    if let binding = keymap.binding(of: key, in: .anywhere) { return perform(binding.action) }
    interrupts.removeAll()
    defer { lineSelection = nil }
    if let effects = pressInPopup(key) { return effects }
    if isFiltering { return pressInFilter(key) }
    if let effects = pressInOutputPane(key) { return effects }
    let bindings = mainContexts.compactMap { keymap.binding(of: key, in: $0) }
    if let binding = bindings.first(where: { $0.isValid(self) }) { return perform(binding.action) }
    if run.closed != nil, replay == nil, bindings.contains(where: \.action.asksTheRun) {
      tell("the run is over; \"cairn resume\" goes on with it")
    }
    return []
  }

  /// Where a key of the main screen is looked up, in this order.
  package var mainContexts: [KeyContext] {
    (replay == nil ? [] : [.replay]) + (movesInTimeline ? [.timeline] : []) + [.main]
  }

  mutating func perform(_ action: Action) -> [Effect] {
    if let effects = ask(action) { return effects }
    switch action {
    case .interrupt: return interrupt()
    case .quit: return askToQuit()
    case .repaint: return [.repaint]
    case .suspend: return [.suspend]
    case .cycleMouse: return cycleMouse()
    case .copy: return copySelection()
    case .openLog(let viewer): return selectedLog.map { [.openLog($0, with: viewer)] } ?? []
    case .details: return selection.map { open(.details(DetailsPopup(item: $0))) } ?? []
    case .output: return selectedLog.map { open(.output(OutputPopup(log: $0))) } ?? []
    case .replay(let command): return [.replay(command)]
    case .olderRun: return show(run: olderRun)
    case .newerRun: return show(run: newerRun)
    case .homeRun: return show(run: shelf?.home)
    case .seek: return open(.seek(SeekPopup()))
    case .help: return open(.help(HelpPopup()))
    case .palette: return open(.palette(PalettePopup()))
    case .pickTheme: return open(.themes(ThemePopup(in: self)))
    case .workspace: return open(.workspace(WorkspacePopup(in: self)))
    case .autonomy: return open(.autonomy(AutonomyPopup(in: self)))
    default:
      look(action)
      return []
    }
  }

  private mutating func look(_ action: Action) {
    switch action {
    case .toggleView: showNextView()
    case .hideFinished: hidesFinished.toggle()
    case .follow: follows.toggle()
    case .toggleGlyphs: glyphs = glyphs.isASCII ? .unicode : .ascii
    case .startFilter: isFiltering = true
    case .nextOrder: order = order.moved(by: 1)
    case .previousOrder: order = order.moved(by: -1)
    case .invertOrder: order.isInverse.toggle()
    case .mark: toggleMark()
    case .markShown: markShown()
    case .clearMarks: marks.clear()
    case .clear: clear()
    case .zoom: isZoomed.toggle()
    case .pane(let pane): focus(on: pane)
    case .nextPane: cyclePane(1)
    case .previousPane: cyclePane(-1)
    case .fold: if movesInGraph { zoomGraph(by: -1) } else { changeFold(-1) }
    case .unfold: if movesInGraph { zoomGraph(by: 1) } else { changeFold(1) }
    case .fit: if movesInGraph { graph.zoom = nil } else { changeFold(1) }
    case .left where !movesInGraph: changeFold(-1)
    case .right where !movesInGraph: changeFold(1)
    case .focusGraph: toggleGraphFocus()
    case .leaveGraphFocus: leaveGraphFocus()
    case .timeline(let step): moveTimeline(step)
    case .up, .down, .top, .bottom, .pageUp, .pageDown, .halfPageUp, .halfPageDown:
      // No row changes by that, and a held key repeats fast.
      move(action)
      return keepSelectionInView()
    default: move(action)
    }
    refresh()
    keepSelectionInView()
  }

  private mutating func clear() {
    if isZoomed {
      isZoomed = false
    } else if !filter.isEmpty {
      filter = Filter()
    } else {
      graph.focuses.removeAll()
    }
  }
}

extension DashboardState {
  private mutating func pressInFilter(_ key: Key) -> [Effect] {
    switch (keymap.binding(of: key, in: .filter)?.action, key) {
    case (.accept, _): keepFilter()
    case (.clear, _):
      isFiltering = false
      filter = Filter()
    case (.complete, _): filter = filter.completed(in: run.graph)
    case (let action?, _): look(action)
    case (nil, .character(let character)): filter = Filter(filter.text + String(character))
    case (nil, .paste(let text)): filter = Filter(filter.text + text.filter { !$0.isNewline })
    case (nil, .backspace): filter = Filter(String(filter.text.dropLast()))
    default: break
    }
    refresh()
    keepSelectionInView()
    return []
  }

  /// A word that is not understood lets everything through: who goes on with it has to know.
  private mutating func keepFilter() {
    isFiltering = false
    if case .problem(let words) = filterHint { tell("left out: \(SafeText(words).string)") }
    selectMatch()
  }

  /// Who has looked for something goes on with what was found, not with a task that is out of sight.
  private mutating func selectMatch() {
    let items = listing.items
    guard !filter.isEmpty, selection.map({ items.contains($0) }) != true else { return }
    let task = items.first { if case .task = $0 { true } else { false } }
    if let first = task ?? items.first { selection = first }
  }

  private func askToQuitPopup() -> Popup { .quit(QuitPopup()) }

  private mutating func askToQuit() -> [Effect] {
    if isAway { return show(run: shelf?.home) }
    return isLive ? open(askToQuitPopup()) : [.quit(.leave)]
  }

  /// First asks, then (within two seconds) stops the run, then kills it; a run of another process
  /// goes on.
  private mutating func interrupt() -> [Effect] {
    guard isLive else { return askToQuit() }
    if isLeaving { return [.send(.killRun)] }
    let limit = wallTime - Int64(Self.interruptSeconds * 1e9)
    interrupts.removeAll { $0 < limit }
    interrupts.append(wallTime)
    if interrupts.count == 1 {
      if case .quit = popups.last { return [] }
      return open(askToQuitPopup())
    }
    if isAttached { return [.quit(.goOn)] }
    isLeaving = true
    popups.removeAll()
    return [.send(.cancelRun)]
  }
}
