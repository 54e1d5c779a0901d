import Canvas
import Model

extension DashboardState {
  /// What a key asks of the run; nil if it asks nothing.
  ///
  /// The screen changes only when the fact comes back. What cannot be undone and is about marked tasks
  /// is asked about first, once.
  mutating func ask(_ action: Action) -> [Effect]? {
    switch action {
    case .togglePause: [.send(isTargetPaused ? .resume(targets) : .pause(targets))]
    case .toggleHold: [.send(run.isHeld ? .continue : .hold)]
    case .toggleFreeze: [.send(isFrozen ? .thawAll : .freezeAll)]
    case .step: step()
    case .stepWave: [.send(.stepWave)]
    case .continue: [.send(.continue)]
    case .stop: stop()
    case .pickSignal: open(.signals(SignalsPopup(tasks: activeTargets)))
    case .retry: retry()
    case .retryDownstream: retryDownstream()
    case .skip: skip()
    case .decide: decide()
    default: nil
    }
  }

  private var activeTargets: [TaskID] { targets.filter { run[$0].isLive } }

  /// The selected task that waits for a person, else the first of all.
  private var waitingTask: TaskID? {
    if let task = selectedTask, run[task].state == .waiting { return task }
    guard run.counts[.waiting] > 0 else { return nil }
    return run.tasks.firstIndex { $0.state == .waiting }.map { TaskID($0) }
  }

  private mutating func decide() -> [Effect] {
    guard let task = waitingTask else { return [] }
    selection = .task(task)
    return open(.decision(DecisionPopup(task: task, in: self)))
  }

  private var endedTargets: [TaskID] { targets.filter { run[$0].state.canBeRetried } }

  /// Something is paused and nothing runs.
  private var isFrozen: Bool {
    run.counts[.paused] > 0 && run.counts[.running] == 0
      && run.counts[.verifying] == 0
  }

  /// Steps each marked task that is ready; what is not ready stays where it is.
  private mutating func step() -> [Effect] {
    guard actsOnMarks else { return [.send(.step(selectedTask))] }
    let ready = targets.filter { run[$0].state == .ready }
    if ready.isEmpty { tell("none of the marked tasks is ready") }
    return ready.map { .send(.step($0)) }
  }

  private mutating func stop() -> [Effect] {
    let tasks = activeTargets
    guard actsOnMarks, tasks.count > 1 else { return [.send(.stop(tasks))] }
    return confirm(
      "Stop \(words(for: tasks))?", "Each gets TERM, a grace, then KILL.", .stop(tasks))
  }

  private mutating func retry() -> [Effect] {
    let tasks = endedTargets
    guard actsOnMarks, tasks.count > 1 else { return [.send(.retry(tasks, downstream: false))] }
    return confirm(
      "Run \(words(for: tasks)) again?", "What they wrote is replaced when they are done.",
      .retry(tasks, downstream: false))
  }

  private mutating func retryDownstream() -> [Effect] {
    let tasks = endedTargets
    let count = run.links.descendants(of: tasks).count - tasks.count
    let noun = count == 1 ? "task" : "tasks"
    return confirm(
      "Run \(words(for: tasks)) and \(count) downstream \(noun) again?",
      "What they wrote is replaced when they are done.", .retry(tasks, downstream: true))
  }

  private mutating func skip() -> [Effect] {
    let tasks = targets.filter { run[$0].state.canBeSkipped }
    let count = skippedBehind(tasks)
    let noun = count == 1 ? "task" : "tasks"
    return confirm(
      "Skip \(words(for: tasks))?",
      count == 0
        ? "No other task is skipped for it."
        : "\(count) more \(noun) cannot run without and will be skipped too.",
      .skip(tasks, asDone: false))
  }

  /// Tasks that lose a need for good, directly or not.
  private func skippedBehind(_ tasks: [TaskID]) -> Int {
    var seen = Set(tasks)
    var stack = tasks
    while let next = stack.popLast() {
      for user in run.links.dependents[next.index]
      where run.graph[user].when == .success && !run[user].state.hasEnded {
        if seen.insert(user).inserted { stack.append(user) }
      }
    }
    return seen.count - Set(tasks).count
  }

  private mutating func confirm(
    _ question: String, _ explanation: String, _ request: Request
  ) -> [Effect] {
    open(
      .confirm(
        ConfirmPopup(
          question: SafeText(question), explanation: [SafeText(explanation)],
          effects: [.send(request)])))
  }
}

extension DashboardState {
  package var canPause: Bool {
    isRunning && targets.contains { !run[$0].state.hasEnded }
  }

  package var hasActiveTarget: Bool {
    isRunning && targets.contains { run[$0].isLive }
  }

  package var canDecide: Bool { isRunning && run.counts[.waiting] > 0 }

  package var canRetry: Bool {
    isRunning && targets.contains { run[$0].state.canBeRetried }
  }

  package var canSkip: Bool {
    isRunning && targets.contains { run[$0].state.canBeSkipped }
  }

  /// Every target that could go on is paused or held: the next press resumes.
  package var isTargetPaused: Bool {
    let open = targets.filter { !run[$0].state.hasEnded }
    return !open.isEmpty && open.allSatisfy { run[$0].state == .paused || run[$0].state == .held }
  }
}

extension TaskState {
  /// A person's word brings it on, be it that it has ended or that it waits for one.
  fileprivate var canBeRetried: Bool { hasEnded || self == .waiting }

  /// What runs has to be stopped first, and what is done stands.
  fileprivate var canBeSkipped: Bool { !isActive && self != .done && self != .skipped }
}
