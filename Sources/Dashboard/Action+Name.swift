import Planning

extension Action {
  /// What key files and the palette call the action; never changed once it was in a release.
  package var name: String {
    switch self {
    case .up: "up"
    case .down: "down"
    case .left: "left"
    case .right: "right"
    case .top: "top"
    case .bottom: "bottom"
    case .pageUp: "page-up"
    case .pageDown: "page-down"
    case .halfPageUp: "half-page-up"
    case .halfPageDown: "half-page-down"
    case .nextPane: "next-pane"
    case .previousPane: "previous-pane"
    case .pane(.tasks): "pane-tasks"
    case .pane(.chart): "pane-chart"
    case .pane(.gauges): "pane-gauges"
    case .pane(.events): "pane-events"
    case .pane(.output): "pane-output"
    case .zoom: "zoom"
    case .nextFailed: "next-failed"
    case .previousFailed: "previous-failed"
    case .nextAttention: "next-attention"
    case .nextMatch: "next-match"
    case .previousMatch: "previous-match"
    case .details: "details"
    case .output: "output"
    case .help: "help"
    case .palette: "palette"
    case .toggleView: "toggle-view"
    case .hideFinished: "hide-finished"
    case .fold: "fold"
    case .unfold: "unfold"
    case .fit: "fit"
    case .focusGraph: "focus-graph"
    case .leaveGraphFocus: "leave-graph-focus"
    case .follow: "follow"
    case .startFilter: "filter"
    case .clear: "clear"
    case .complete: "complete"
    case .toggleGlyphs: "toggle-glyphs"
    case .cycleMouse: "cycle-mouse"
    case .pickTheme: "pick-theme"
    case .workspace: "workspace"
    case .copy: "copy"
    case .nextOrder: "next-order"
    case .previousOrder: "previous-order"
    case .invertOrder: "invert-order"
    case .mark: "mark"
    case .markShown: "mark-shown"
    case .clearMarks: "clear-marks"
    case .timeline(let move): move.name
    case .replay(let move): move.name
    case .seek: "replay-seek"
    case .olderRun: "older-run"
    case .newerRun: "newer-run"
    case .homeRun: "home-run"
    case .togglePause: "toggle-pause"
    case .toggleHold: "toggle-hold"
    case .toggleFreeze: "toggle-freeze"
    case .step: "step"
    case .stepWave: "step-wave"
    case .continue: "continue"
    case .stop: "stop"
    case .pickSignal: "pick-signal"
    case .retry: "retry"
    case .retryDownstream: "retry-downstream"
    case .skip: "skip"
    case .close: "close"
    case .accept: "accept"
    case .leave(.leave): "leave"
    case .leave(.stop): "leave-stopping"
    case .leave(.kill): "leave-killing"
    case .leave(.goOn): "leave-running"
    case .choose: "choose"
    case .search: "search"
    case .toggleWrap: "toggle-wrap"
    case .toggleColors: "toggle-colors"
    case .nextStream: "next-stream"
    case .nextTimes: "next-times"
    case .nextLevel: "next-level"
    case .openLog(.pager): "open-pager"
    case .openLog(.editor): "open-editor"
    case .openLog(.clipboard): "copy-log-path"
    case .tab(let index): "tab-\(index + 1)"
    case .nextTab: "next-tab"
    case .previousTab: "previous-tab"
    case .nextSibling: "next-sibling"
    case .previousSibling: "previous-sibling"
    case .quit: "quit"
    case .interrupt: "interrupt"
    case .repaint: "repaint"
    case .suspend: "suspend"
    }
  }
}

extension TimelineMove {
  fileprivate var name: String {
    switch self {
    case .zoomIn: "timeline-zoom-in"
    case .zoomOut: "timeline-zoom-out"
    case .whole: "timeline-whole"
    case .earlier: "timeline-earlier"
    case .later: "timeline-later"
    case .followNow: "timeline-now"
    case .toggleRows: "timeline-rows"
    }
  }
}

extension ReplayMove {
  fileprivate var name: String {
    switch self {
    case .togglePlay: "replay-play"
    case .faster: "replay-faster"
    case .slower: "replay-slower"
    case .step(let facts): facts < 0 ? "replay-step-back" : "replay-step"
    case .nextFailure: "replay-next-failure"
    case .previousFailure: "replay-previous-failure"
    case .seek: "replay-seek"
    case .slide(let share): share < 0 ? "replay-slide-back" : "replay-slide"
    }
  }
}
