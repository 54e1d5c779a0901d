import HeapModule
package import Model

/// When each task that has not ended is expected to run, if nothing but the jobs is scarce.
///
/// List scheduling, the task with the longest remaining path first: such a schedule is at most twice as
/// long as the shortest one. Graham, "Bounds on Multiprocessing Timing Anomalies", 1969. Memory and
/// cores are not looked at, so a run that is short of them is predicted too early.
package struct Prediction: Sendable, Equatable {
  package struct Span: Sendable, Equatable {
    /// Elapsed seconds of the run; of a task that runs, the moment of the prediction.
    package var startSeconds: Double
    package var endSeconds: Double
    /// Worker slot that will be free for it.
    package var slot: Int
  }

  /// One row a task; nil for what has ended, and for what waits for a person with all behind it.
  package private(set) var spans: [Span?]
  /// Elapsed seconds at which the last of them ends; the moment of the prediction if there is none.
  package private(set) var endSeconds: Double

  /// Plays the rest of the run from `now`.
  ///
  /// `remaining` is the work left in seconds and `secondsAhead` the longest path from each task, one row
  /// a task both (`Estimate.remaining`, `CriticalPath`).
  ///
  /// - Complexity: O((tasks + edges) · log tasks).
  package init(_ run: RunState, remaining: [Double], secondsAhead: [Double], now: Double) {
    var play = Play(run, remaining: remaining, secondsAhead: secondsAhead, now: now)
    play.run()
    spans = play.spans
    endSeconds = play.spans.reduce(now) { max($0, $1?.endSeconds ?? now) }
  }
}

/// The rest of a run on a clock that jumps from end to end.
private struct Play {
  private struct Turn: Comparable {
    var seconds: Double
    var task: TaskID
    /// nil for the end of a back-off, which frees no slot.
    var slot: Int?

    static func < (a: Turn, b: Turn) -> Bool {
      a.seconds != b.seconds ? a.seconds < b.seconds : a.task < b.task
    }
  }

  private struct Candidate: Comparable {
    var secondsAhead: Double
    var task: TaskID

    static func < (a: Candidate, b: Candidate) -> Bool {
      a.secondsAhead != b.secondsAhead ? a.secondsAhead < b.secondsAhead : a.task > b.task
    }
  }

  var spans: [Prediction.Span?]
  private let links: TaskGraph.Links
  private let remaining: [Double]
  private let secondsAhead: [Double]
  private var openNeeds: [Int]
  private var turns = Heap<Turn>()
  private var ready = Heap<Candidate>()
  private var freeSlots = Heap<Int>()
  private var now: Double

  init(_ run: RunState, remaining: [Double], secondsAhead: [Double], now: Double) {
    self.remaining = remaining
    self.secondsAhead = secondsAhead
    self.now = now
    links = run.links
    spans = Array(repeating: nil, count: run.tasks.count)
    openNeeds = run.tasks.indices.map { index in
      run.links.predecessors[index].count { !run[$0].state.hasEnded }
    }
    var taken = Set<Int>()
    for (index, status) in run.tasks.enumerated() where !run.graph.tasks[index].isRemoved {
      place(TaskID(index), status, &taken)
    }
    let jobs = max(1, run.opened?.config.jobs ?? 1)
    for slot in 0..<jobs where !taken.contains(slot) { freeSlots.insert(slot) }
  }

  private mutating func place(_ task: TaskID, _ status: TaskStatus, _ taken: inout Set<Int>) {
    if status.state.isActive {
      let slot = status.lastAttempt?.slot ?? taken.count
      taken.insert(slot)
      start(task, in: slot)
    } else if status.state == .backoff {
      turns.insert(Turn(seconds: max(now, status.untilSeconds ?? now), task: task, slot: nil))
    } else if !status.state.hasEnded, status.state != .waiting, openNeeds[task.index] == 0 {
      queue(task)
    }
  }

  private mutating func queue(_ task: TaskID) {
    ready.insert(Candidate(secondsAhead: secondsAhead[task.index], task: task))
  }

  private mutating func start(_ task: TaskID, in slot: Int) {
    let end = now + remaining[task.index]
    spans[task.index] = Prediction.Span(startSeconds: now, endSeconds: end, slot: slot)
    turns.insert(Turn(seconds: end, task: task, slot: slot))
  }

  mutating func run() {
    while true {
      while let slot = freeSlots.min, let next = ready.popMax() {
        freeSlots.removeMin()
        start(next.task, in: slot)
      }
      guard let turn = turns.popMin() else { return }
      now = turn.seconds
      take(turn)
      while turns.min?.seconds == now, let next = turns.popMin() { take(next) }
    }
  }

  private mutating func take(_ turn: Turn) {
    guard let slot = turn.slot else { return queue(turn.task) }
    freeSlots.insert(slot)
    for next in links.dependents[turn.task.index] where openNeeds[next.index] > 0 {
      openNeeds[next.index] -= 1
      if openNeeds[next.index] == 0 { queue(next) }
    }
  }
}
