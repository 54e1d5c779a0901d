import Canvas
package import Model

extension Keymap {
  /// Bindings of the main screen; the order is the order of the footer and of the help.
  static let main: [Binding] = asking + looking + moving + history

  private static let asking: [Binding] = [
    Binding(
      .main, [.character(" "), .character("p")], .togglePause, "pause",
      "Pause or resume the task, the members of the group, or what is marked", when: \.canPause),
    Binding(
      .main, [.character("s")], .step, "step",
      "Hold the run and start one task: the selected one if ready, else the next",
      when: \.isRunning),
    Binding(
      .main, [.character("S")], .stepWave, "", "Hold the run and start all that is ready now",
      when: \.isRunning),
    Binding(
      .main, [.character("c")], .continue, "continue", "Continue a held run",
      when: \.isRunning),
    Binding(
      .main, [.character("P")], .toggleHold, "",
      "Hold the run (start nothing more), or continue it",
      when: \.isRunning),
    Binding(
      .main, [.character("Z")], .toggleFreeze, "", "Freeze all that runs, or thaw it",
      when: \.isRunning),
    Binding(
      .main, [.character("x")], .stop, "stop", "Stop the task: TERM, a grace, then KILL",
      when: \.hasActiveTarget),
    Binding(
      .main, [.character("X")], .pickSignal, "", "Pick a signal for the task",
      when: \.hasActiveTarget),
    Binding(
      .main, [.character("r")], .retry, "retry", "Run the task again", when: \.canRetry),
    Binding(
      .main, [.character("R")], .retryDownstream, "downstream",
      "Run the task again and everything downstream (asks first)", when: \.canRetry),
    Binding(
      .main, [.character("D")], .decide, "decide",
      "Answer a task that waits for you: the selected one, else the first", when: \.canDecide),
    Binding(
      .main, [.character("K")], .skip, "",
      "Skip the task: it and what needs it do not run (asks first)",
      when: \.canSkip),
  ]

  private static let looking: [Binding] = [
    Binding(
      .main, [.enter, .character("d")], .details, "details", "All about the task or the group",
      when: { $0.selection != nil }),
    Binding(
      .main, [.character("o")], .output, "output", "The output, full screen",
      when: { $0.selectedLog != nil }),
    Binding(
      .main, [.character("t")], .toggleView, "view", "Next view: list, lanes, graph, timeline"),
    Binding(
      .main, [.character("/")], .startFilter, "filter",
      "Filter: word !not ~fuzzy state:failed mem>64M needs:name"),
    Binding(
      .main, [.character("n")], .nextMatch, "", "Next task that the filter lets through",
      when: { !$0.filter.isEmpty }),
    Binding(
      .main, [.character("N")], .previousMatch, "", "Previous task that the filter lets through",
      when: { !$0.filter.isEmpty }),
    Binding(.main, [.escape], .clear, "", "Clear the filter, end the zoom"),
    Binding(
      .main, [.character(":")], .palette, "", "Find anything that can be done, and do it"),
    Binding(.main, [.character("?")], .help, "help", "All keys"),
    Binding(.main, [.character("q")], .quit, "quit", "Leave; asks while tasks run"),
    Binding(
      .main, [.character(">")], .nextOrder, "",
      "Sort by the next column: graph, state, time, memory, name, slack"),
    Binding(.main, [.character("<")], .previousOrder, "", "Sort by the previous column"),
    Binding(
      .main, [.character("I")], .invertOrder, "", "Turn the order round",
      when: { $0.order.column != .graph }),
    Binding(
      .main, [.character("v")], .mark, "",
      "Mark the task or the group, or unmark it; actions are then about all that is marked",
      when: { $0.selection != nil }),
    Binding(.main, [.character("*")], .markShown, "", "Mark all that the list shows"),
    Binding(
      .main, [.character("V")], .clearMarks, "", "Unmark all", when: { !$0.marks.isEmpty }),
    Binding(.main, [.character(".")], .hideFinished, "", "Hide or show what is done"),
    Binding(
      .main, [.character("f")], .follow, "", "Follow: select whatever starts", when: \.isRunning),
    Binding(
      .main, [.character("!")], .toggleGlyphs, "", "Switch between Unicode and ASCII signs"),
    Binding(.main, [.character("T")], .pickTheme, "", "Pick a theme; the screen shows it at once"),
    Binding(
      .main, [.character("w")], .workspace, "",
      "The workspace: where its bytes are, who holds them and why"),
    Binding(
      .main, [.character("A")], .autonomy, "",
      "Autonomy: what needed a person, by task, agent and run"),
    Binding(
      .main, [.character("y")], .copy, "", "Copy the task's name and command",
      when: { $0.selection != nil }),
    Binding(
      .main, [.character("Y")], .openLog(.clipboard), "", "Copy the path of the task's log file",
      when: { $0.selectedLog != nil }),
    Binding(
      .main, [.character("m")], .cycleMouse, "",
      "Mouse: off, wheel only, full; with Shift the terminal selects"),
  ]

  private static let moving: [Binding] = [
    Binding(.main, [.up, .character("k")], .up, "", "Up"),
    Binding(.main, [.down, .character("j")], .down, "", "Down"),
    Binding(
      .main, [.left, .character("h")], .left, "",
      "Fold the group; in the graph, go to what it needs"),
    Binding(
      .main, [.right, .character("l")], .right, "",
      "Unfold the group; in the graph, go to what needs it"),
    Binding(
      .main, [.character("-")], .fold, "", "Fold the group one step; in the graph, zoom out"),
    Binding(
      .main, [.character("+")], .unfold, "",
      "Unfold one step: what is active, then all; in the graph, zoom in"),
    Binding(
      .main, [.character("=")], .fit, "", "Unfold one step; in the graph, the zoom that fits"),
    Binding(
      .main, [.character("F")], .focusGraph, "", "Only what is near the selection in the graph",
      when: { $0.chart == .graph && $0.selection != nil }),
    Binding(
      .main, [.backspace], .leaveGraphFocus, "", "Back to what the graph showed before",
      when: { !$0.graph.focuses.isEmpty }),
    Binding(.main, [.character("g"), .home], .top, "", "First row"),
    Binding(.main, [.character("G"), .end], .bottom, "", "Last row"),
    Binding(.main, [.control("u")], .halfPageUp, "", "Half a page up"),
    Binding(.main, [.control("d")], .halfPageDown, "", "Half a page down"),
    Binding(.main, [.control("b"), .pageUp], .pageUp, "", "A page up"),
    Binding(.main, [.control("f"), .pageDown], .pageDown, "", "A page down"),
    Binding(.main, [.character("e")], .nextFailed, "", "Next failed task"),
    Binding(.main, [.character("E")], .previousFailed, "", "Previous failed task"),
    Binding(
      .main, [.character("a")], .nextAttention, "",
      "Next task that waits for you, then that failed, then that is paused"),
    Binding(.main, [.tab], .nextPane, "", "Next pane"),
    Binding(.main, [.backTab], .previousPane, "", "Previous pane"),
    Binding(.main, [.character("1")], .pane(.tasks), "", "Tasks"),
    Binding(.main, [.character("2")], .pane(.chart), "", "The chart: lanes, graph or timeline"),
    Binding(.main, [.character("3")], .pane(.gauges), "", "Gauges"),
    Binding(.main, [.character("4")], .pane(.events), "", "Events"),
    Binding(
      .main, [.character("5")], .pane(.output), "", "Output of the selected task (wide screens)",
      when: { $0.layout($0.size).output != nil }),
    Binding(.main, [.character("z")], .zoom, "", "Zoom the pane, or back"),
  ]

  static let filter: [Binding] = [
    Binding(.filter, [.enter], .accept, "keep", "Keep the filter and go on"),
    Binding(.filter, [.escape], .clear, "clear", "Clear the filter"),
    Binding(.filter, [.tab], .complete, "", "End the word as far as it is clear"),
    Binding(.filter, [.up], .up, "", "Up"),
    Binding(.filter, [.down], .down, "", "Down"),
  ]

  static let anywhere: [Binding] = [
    Binding(
      .anywhere, [.control("c")], .interrupt, "",
      "Quit; twice within two seconds stops the run, a third time kills it"),
    Binding(.anywhere, [.control("l")], .repaint, "", "Draw the screen anew"),
    Binding(.anywhere, [.control("z")], .suspend, "", "Suspend; tasks go on"),
  ]
}

extension DashboardState {
  /// The newest attempt's log of the selection: of a group, that of the newest started member.
  package var selectedLog: LogReference? {
    // Fields are looked at where they lie: a group may have thousands of members, on every frame.
    let tasks = run.tasks
    var newest: (task: TaskID, seconds: Double)?
    for task in selectedTasks {
      let attempts = tasks[task.index].attempts
      guard let last = attempts.indices.last, attempts[last].log != nil else { continue }
      let seconds = attempts[last].startSeconds
      if newest.map({ $0.seconds <= seconds }) ?? true { newest = (task, seconds) }
    }
    guard let newest = newest?.task, let attempt = run[newest].lastAttempt else { return nil }
    return LogReference(task: newest, attempt: attempt.number)
  }
}
