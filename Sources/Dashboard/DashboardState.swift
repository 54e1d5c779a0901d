package import Canvas
package import Model

/// All that the dashboard knows: the folded run and what the person looking at it has chosen.
///
/// `update` changes it, `frame` draws it; neither knows a clock, a terminal or a file.
package struct DashboardState: Sendable {
  /// Event lines that are kept for scrolling back.
  package static let eventLimit = 1_000
  /// Windows of logs that are kept.
  package static let logLimit = 8
  /// Seconds in which a second `^c` counts as one.
  package static let interruptSeconds = 2.0
  static let noticeNanoseconds: Int64 = 4_000_000_000
  static let popupLimit = 8
  /// A sorted list changes its order at most this often by itself.
  static let sortNanoseconds: Int64 = 1_000_000_000

  package internal(set) var run = RunState()
  package internal(set) var signals = Signals()
  /// What follows from the run and is too dear to find for each frame.
  package internal(set) var outlook = Outlook()
  /// The run's clock as of the last tick, in elapsed seconds.
  package internal(set) var now = 0.0
  /// Nanoseconds since 1970 as of the last tick or fact.
  package internal(set) var wallTime: Int64 = 0
  package internal(set) var hasEnded = false

  package internal(set) var size = Size(columns: 80, rows: 24)
  package internal(set) var view = MainView.list
  package internal(set) var focus = Pane.tasks
  package internal(set) var isZoomed = false
  package internal(set) var selection: Item?
  /// Whether the selection moves to what runs.
  package internal(set) var follows = false
  package internal(set) var folds: [Int: Fold] = [:]
  package internal(set) var hidesFinished = false
  package internal(set) var filter = Filter()
  package internal(set) var isFiltering = false
  /// What the filter lets through; nil without one.
  package internal(set) var matches: FilterMatches?
  package internal(set) var mouse: MouseMode
  /// What a person who looks elsewhere is told.
  var alerts: Alerts
  var lastClick: Click?
  /// Lines of the newest popup's text that are to be copied.
  var lineSelection: LineSelection?
  /// Where the button was pressed on that text, while it is held.
  var pressedRow: Int?
  /// What a drag moves.
  var handle: Handle?
  /// First visible row of the list, of the lanes; events are counted from the newest.
  package internal(set) var listTop = 0
  package internal(set) var laneTop = 0
  package internal(set) var eventTop = 0
  package internal(set) var popups: [Popup] = []

  package internal(set) var marks = Marks()
  package internal(set) var order = ListOrder()
  /// What the list is sorted by now, and since when (wall time, number of the newest fact).
  var sortedOrder: ListOrder?
  var sortedAt: Int64 = 0
  var sortedSequence = 0
  /// Wall time of the last key.
  var movedAt: Int64 = 0

  package internal(set) var listing = Listing()
  var lanes = Lanes()
  var lanesAreOld = false
  var loads = Loads()
  package internal(set) var graph = GraphView()
  /// nil while the run is a live one.
  package internal(set) var replay: Replay?
  /// nil while nothing is known of the project's other runs.
  package internal(set) var shelf: RunShelf?
  /// The run that a person turned to; nil before they have.
  var askedRun: Int?
  package internal(set) var timeline = Timeline()
  var footprints = History()
  var reuse = History()
  /// Oldest first.
  package internal(set) var events: [EventLine] = []
  /// A passing word for the footer, until `noticeEnd` (wall time).
  package internal(set) var notice: SafeText?
  package internal(set) var noticeEnd: Int64 = 0
  /// Newest last.
  package internal(set) var logs: [LogReference: LogWindow] = [:]
  var logOrder: [LogReference] = []
  /// The output pane of a wide screen.
  var outputPane: LogView?

  package let keymap: Keymap
  package internal(set) var glyphs: Glyphs
  package internal(set) var theme: Theme
  /// What can be picked instead.
  package let themes: [ThemeChoice]
  /// Seconds east of UTC for wall clock times.
  package let utcOffsetSeconds: Int
  /// Another process carries the run out: leaving the screen leaves the run alone.
  package let isAttached: Bool
  var interrupts: [Int64] = []
  var isLeaving = false

  package init(
    glyphs: Glyphs = .unicode, theme: Theme = .okabeIto,
    themes: [ThemeChoice] = ThemeChoice.builtIn, keymap: Keymap = .standard,
    utcOffsetSeconds: Int = 0, isAttached: Bool = false, mouse: MouseMode = .full,
    alerts: Bool = false
  ) {
    self.keymap = keymap
    self.glyphs = glyphs
    self.theme = theme
    self.themes = themes
    self.utcOffsetSeconds = utcOffsetSeconds
    self.isAttached = isAttached
    self.mouse = mouse
    self.alerts = Alerts(isOn: alerts)
  }
}

extension DashboardState {
  /// The tasks that the selection stands for: one, or the members of a group.
  package var selectedTasks: [TaskID] { selection.map(tasks(of:)) ?? [] }

  package var selectedTask: TaskID? {
    if case .task(let task) = selection { task } else { nil }
  }

  package func tasks(of item: Item) -> [TaskID] {
    switch item {
    case .task(let task): run.tasks.indices.contains(task.index) ? [task] : []
    case .group(let group): listing.members(of: group)
    case .cluster(let cluster): cluster.tasks.filter { run.tasks.indices.contains($0.index) }
    }
  }

  package func name(of task: TaskID) -> SafeText {
    run.graph.tasks.indices.contains(task.index) ? SafeText(run.graph[task].name) : "?"
  }

  /// The name and, for tasks that have one, the title: `5.2` alone tells a person little.
  package func titledName(of task: TaskID) -> SafeText {
    guard run.graph.tasks.indices.contains(task.index), let title = run.graph[task].title else {
      return name(of: task)
    }
    return name(of: task) + " " + SafeText(title)
  }

  func titledName(ofGroup group: Int) -> SafeText {
    let name = name(of: .group(group))
    guard run.graph.groups.indices.contains(group), let title = run.graph.groups[group].title else {
      return name
    }
    return name + " " + SafeText(title)
  }

  package func name(of item: Item) -> SafeText {
    switch item {
    case .task(let task): name(of: task)
    case .group(let group):
      run.graph.groups.indices.contains(group) ? SafeText(run.graph.groups[group].name) : "?"
    case .cluster(let cluster):
      SafeText(cluster.name(cluster.tasks.map { run.graph[$0].name }, cut: glyphs.cut))
    }
  }

  /// What a person asks for can be done; a replay only looks like a run.
  package var isLive: Bool { isRunning && replay == nil }

  /// Whether a process of the run may live: a session is open.
  package var isRunning: Bool { run.opened != nil && run.closed == nil && !hasEnded }
}
