package import Planning

/// What a key means.
///
/// The keymap is the only place that says which key.
package enum Action: Sendable, Hashable {
  // Moving, in panes and popups alike.
  case up, down, left, right, top, bottom
  case pageUp, pageDown, halfPageUp, halfPageDown
  case nextPane, previousPane, pane(Pane), zoom
  case nextFailed, previousFailed, nextAttention
  case nextMatch, previousMatch
  // Looking.
  case details, output, help, palette, toggleView, hideFinished, fold, unfold, fit, follow
  case focusGraph, leaveGraphFocus
  case nextOrder, previousOrder, invertOrder, mark, markShown, clearMarks
  case startFilter, clear, complete, toggleGlyphs, cycleMouse, pickTheme, workspace, autonomy
  case copy
  case timeline(TimelineMove)
  case replay(ReplayMove), seek
  case olderRun, newerRun, homeRun
  // Asking something of the run.
  case togglePause, toggleHold, toggleFreeze, step, stepWave, `continue`
  case stop, pickSignal, retry, retryDownstream, skip
  case decide, approve, reject, tell
  // Popups.
  case close, accept, leave(QuitChoice), choose, search, toggleWrap, toggleColors, nextTimes,
    nextLevel, nextStream
  case openLog(LogViewer)
  case tab(Int), nextTab, previousTab, nextSibling, previousSibling
  // The program.
  case quit, interrupt, repaint, suspend
}

/// Where a key is read; each context has bindings of its own.
///
/// Key files call the contexts by these names.
package enum KeyContext: String, Sendable, Hashable, CaseIterable {
  /// Everywhere, before any other context.
  case anywhere
  case main, filter
  /// The timeline has the focus; what it does not bind, `main` answers.
  case timeline
  /// The run is replayed; what it does not bind, the others answer.
  case replay, seek
  case details, output, help, signals, quit, confirm, themes, palette, workspace, autonomy
  case decision
  /// Words for a task are being typed.
  case answer
  case outputPane = "output-pane"
}
