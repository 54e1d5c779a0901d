import Model

/// Watches a story's facts and says which rule they break.
///
/// Folds the facts in its own way, from what the rules say and not from what the engine does: it uses
/// neither `RunState` nor `Schedule`. It looks after every append, so a rule cannot be broken and mended
/// unseen in between.
///
/// Of the rules that may not break, those which concern a run by itself are looked after here:
/// - Rule 1, done is done, and nothing else is shown as done: "I1", "I5" and "the folds agree".
/// - Rule 3, limits hold and a run ends or waits for a person: "I7", "I2", "rule 3 no deadlock", "a run
///   ends", "nothing is admitted without room", "what is ready and fits starts".
/// - Rule 4, what is kept is there: "rule 4 what is kept stays", "rule 4 results are there".
/// - Rule 9, everything has a limit: "retries are limited", "a back-off is limited", "slots are few",
///   "notices are few", "I13 a stop is bounded".
/// - Rule 10, the same story tells the same facts: each story of `sameSeedSameFacts` is played twice.
struct Referee {
  let story: Story
  let graph: TaskGraph
  var world: World
  /// What each task waits for, needs and `after` together.
  let before: [[TaskID]]
  /// Who takes artifacts of each task.
  let readers: [[TaskID]]
  let isSelected: [Bool]
  private let whistle = Whistle()

  var rows: [Row]
  var sequence = 0
  var session = 0
  var elapsed = 0.0
  var isHeld = false
  /// Admissions that steps have let through the hold.
  var permits = 0
  var isDrained = false
  /// The disk has been full, and the reserve is not back.
  var isTight = false
  var closed: Fact.RunClosed?
  /// In front of the first admission of a session.
  var isOpening = false
  /// States when the session opened.
  var statesBefore: [TaskState] = []
  /// Version of each task's definition.
  var versions: [Int]
  var artifacts: [RunState.ArtifactKey: Artifact] = [:]
  /// Digest of each artifact when it was sealed last.
  var digests: [RunState.ArtifactKey: String] = [:]
  var spilled: [RunState.ArtifactKey: Artifact] = [:]
  /// Compressed in the workspace, with the bytes of that.
  var packed: [RunState.ArtifactKey: (whole: Artifact, bytes: Int64)] = [:]
  /// Whose pages are a borrower's now.
  var lent: RunState.ArtifactKey?
  var footprintBytes: Int64 = 0
  /// Limit of the workspace in this session.
  var budgetBytes: Int64?
  var slots: [Int: TaskID] = [:]
  /// The last accepted request of this batch.
  var request: Request?

  /// What the referee asks about what the facts do not say.
  struct World {
    var end: (SimulatedProcesses.Stage) -> SimulatedProcesses.End?
    var holds: (RunState.ArtifactKey) -> Bool
    /// Lies on the spill file system or compressed, and not as a whole.
    var isAway: (RunState.ArtifactKey) -> Bool
  }

  struct Violation: Equatable {
    var rule: String
    var text: String
    var sequence: Int
  }

  struct Artifact {
    var attempt: Int
    var bytes: Int64
  }

  struct Row {
    var state = TaskState.blocked
    var reason: String?
    var untilSeconds: Double?
    var lastAttempt = 0
    var live: Live?
    /// How the last attempt ended, until a state says what follows from it.
    var ended: Outcome?
    /// Attempts that went wrong since the task was last begun again, if that may have been.
    var failures: [Outcome.Class] = []
    /// Those since the session opened or the task was done.
    var allFailures: [Outcome.Class] = []
    var interruptions = 0
    /// Starts in a row for which there was no room.
    var exhaustions = 0
    /// The task became done by an attempt, which saw these inputs and this version.
    var proof: Proof?
    var seen: Proof?
    var isDoneByPerson = false
  }

  struct Proof {
    var version: Int
    var inputs: [RunState.ArtifactKey: String]
  }

  struct Live {
    var number: Int
    var cpus: Int
    var memoryBytes: Int64
    var resources: Resources
    var isStarted = false
    var hasSlot = false
    /// Notices that it has to wait for room to start.
    var postponements = 0
  }

  init(_ story: Story, world: World) {
    self.story = story
    graph = story.graph
    self.world = world
    before = graph.tasks.map { task in Array(Set(task.needs.map(\.task) + task.after)) }
    var readers = graph.tasks.map { _ in [TaskID]() }
    for task in graph.tasks { for need in task.needs { readers[need.task.index].append(task.id) } }
    self.readers = readers
    isSelected = Self.selected(story, before)
    rows = graph.tasks.map { _ in Row() }
    versions = graph.tasks.map { _ in 0 }
  }

  private static func selected(_ story: Story, _ before: [[TaskID]]) -> [Bool] {
    guard case .targets(let names) = story.config.selection else {
      return before.map { _ in true }
    }
    var isSelected = story.graph.tasks.map { names.contains($0.name) }
    for index in isSelected.indices.reversed() where isSelected[index] {
      for need in before[index] { isSelected[need.index] = true }
    }
    return isSelected
  }

  /// Holds what was found, so that a look at the rows changes nothing in them.
  private final class Whistle {
    var violations: [Violation] = []
  }

  var violations: [Violation] { whistle.violations }

  func expect(_ isTrue: Bool, _ rule: String, _ text: @autoclosure () -> String) {
    guard !isTrue else { return }
    whistle.violations.append(Violation(rule: rule, text: text(), sequence: sequence))
  }
}

extension Referee {
  mutating func watch(_ batch: [Fact]) {
    request = nil
    for fact in batch {
      count(fact)
      watch(fact.kind)
      if !isOpening { expectRoom() }
    }
    if isOpening { endOpening() }
    for index in rows.indices where rows[index].ended != nil {
      expect(false, "I16 an end has a state", "t\(index) ended and has no new state")
    }
  }

  private mutating func count(_ fact: Fact) {
    let (last, time) = (sequence, elapsed)
    expect(fact.sequence == last + 1, "dense sequences", "\(fact.sequence) after \(last)")
    expect(fact.elapsedSeconds >= time, "time goes on", "\(fact.elapsedSeconds) < \(time)")
    expect(closed == nil || fact.kind.name == "run.opened", "a closed run is closed", "")
    sequence = fact.sequence
    elapsed = fact.elapsedSeconds
  }

  private mutating func watch(_ kind: Fact.Kind) {
    expectLoanKept(kind)
    switch kind {
    case .runOpened(let opened): open(opened)
    case .taskAdmitted(let admitted): admit(admitted)
    case .attemptStarted(let started): start(started)
    case .verifyEnded(let verified): verify(verified)
    case .attemptEnded(let ended): end(ended)
    case .taskState(let change): enter(change)
    case .artifactSealed(let sealed): seal(sealed)
    case .artifactDropped(let gone): drop(gone)
    case .artifactLost(let gone): lose(gone)
    case .artifactSpilled(let gone): spill(gone)
    case .artifactRestored(let back): restore(back)
    case .artifactCompressed(let fact): compress(fact)
    case .artifactExpanded(let back): expand(back)
    case .artifactLent(let loan): lend(loan)
    case .artifactReturned(let back): takeBack(back)
    case .slotLeased(let slot): lease(slot)
    case .slotReleased(let slot): release(slot)
    case .requestMade(let made): accept(made.request)
    case .notice(let notice): note(notice)
    case .runHeld: isHeld = true
    case .runContinued:
      isHeld = false
      permits = 0
    case .runClosed(let closing): close(closing)
    default: break
    }
  }

  private mutating func open(_ opened: Fact.RunOpened) {
    session += 1
    let number = session
    expect(opened.isResumed == (number > 1), "sessions", "isResumed in session \(number)")
    closed = nil
    isHeld = opened.config.startsHeld
    budgetBytes = opened.config.workspace?.bytes
    permits = 0
    isDrained = false
    isTight = false
    isOpening = true
    statesBefore = rows.map(\.state)
    slots = [:]
    for index in rows.indices {
      rows[index].begin()
      rows[index].allFailures = []
      rows[index].exhaustions = 0
    }
  }

  private mutating func note(_ notice: Fact.Notice) {
    if notice.code == "start.postponed", let task = notice.task {
      rows[task.index].live?.postponements += 1
      let count = rows[task.index].live?.postponements ?? 0
      expect(count <= 1, "notices are few", "\(count) of \(task)")
    }
    if notice.code == "journal.full" { isTight = true }
    if notice.code == "journal.room" {
      expect(isTight, "room comes back where it was missing", notice.text)
      isTight = false
    }
  }

  private mutating func accept(_ request: Request) {
    self.request = request
    switch request {
    case .step: permits += 1
    case .stepWave: permits += rows.count { $0.state == .ready }
    case .cancelRun, .killRun: isDrained = true
    default: break
    }
  }

  private mutating func close(_ closing: Fact.RunClosed) {
    if isOpening { endOpening() }
    closed = closing
    let selected = rows.indices.filter { isSelected[$0] }
    expect(rows.allSatisfy { $0.live == nil }, "an end leaves nothing running", "")
    expect(lent == nil, "an end leaves nothing lent", "\(closing)")
    let open = selected.filter { !rows[$0].state.hasEnded }
    switch closing.ending {
    case .done:
      let isDone = selected.allSatisfy { rows[$0].state == .done || rows[$0].state == .skipped }
      expect(isDone, "I2 a run that is done", "\(closing)")
      expectResults()
    case .failed:
      expect(selected.contains { rows[$0].state == .failed }, "I2 a run that failed", "\(closing)")
      // Tasks that the file or a limit sets aside wait beside the failure.
      expect(
        story.config.failFast || open.allSatisfy { waitsAside($0) }, "I2 a run that failed",
        "t\(open) have not ended")
    case .stopped:
      expect(
        isDrained || selected.contains { rows[$0].state == .cancelled }, "I2 a stopped run",
        "\(closing)")
    case .stalled:
      expect(!open.isEmpty && !closing.reason.isEmpty, "I2 a stalled run", "\(closing)")
    }
    if closing.ending == .stalled, closing.reason.contains("workspace") {
      expect(
        budgetBytes != nil && !story.isCalm, "rule 3 a budget that was planned is enough",
        "\(closing)")
      return
    }
    if closing.ending != .stopped, !story.config.failFast {
      expect(open.allSatisfy { waitsAside($0) }, "I2 tasks that could go on", "t\(open)")
    }
  }

  /// Nothing but a person who releases a task that was set aside brings it on.
  func waitsAside(_ index: Int) -> Bool {
    switch rows[index].state {
    case .held: !(rows[index].reason?.hasPrefix("held by") ?? false)
    case .blocked:
      before[index].contains {
        let need = $0.index
        return waitsAside(need) || graph.tasks[need].standing == .deferred
          || graph.tasks[need].standing == .cancelled
      }
    default: false
    }
  }
}

extension Referee.Row {
  /// A person begins the task again, with all its retries.
  mutating func begin() {
    failures = []
    interruptions = 0
  }
}
