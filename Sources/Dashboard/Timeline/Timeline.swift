import Model
import Planning

/// What a key does to the timeline.
package enum TimelineMove: Sendable, Hashable {
  case zoomIn, zoomOut, whole, earlier, later, followNow, toggleRows
}

/// Which part of the run's clock the timeline shows, and what it remembers of the facts for that.
package struct Timeline: Sendable {
  package enum Rows: String, Sendable { case tasks, slots }

  /// Slots beyond are not drawn.
  static let slotLimit = 4_096
  /// The finest zoom, in seconds from edge to edge.
  static let smallestSpan = 0.5

  package private(set) var rows = Rows.tasks
  /// From edge to edge; nil shows the whole run and what is predicted.
  package private(set) var spanSeconds: Double?
  /// Of the left edge; nil keeps the present in view.
  package private(set) var startSeconds: Double?
  /// First visible row.
  var top = 0

  /// The attempts of each worker slot, by their start: those of one slot never overlap.
  private(set) var slots: [[SlotUse]] = []
  /// Times in which a task was frozen, by their start; the last may not have ended.
  private(set) var pauses: [TaskID: [Pause]] = [:]
  private(set) var footprint = FootprintCurve()
  private(set) var prediction: Prediction?
  /// What is expected to run in each worker slot, by its start.
  private(set) var predictedSlots: [[TaskID]] = []
  private var predictedAt: Double?

  struct SlotUse: Sendable, Equatable {
    var task: TaskID
    /// Index into the task's attempts.
    var attempt: Int
    var startSeconds: Double
  }

  struct Pause: Sendable, Equatable {
    var startSeconds: Double
    var endSeconds: Double?
  }
}

extension Timeline {
  /// Remembers what the fold forgets; called behind it.
  mutating func record(_ fact: Fact, in run: RunState) {
    footprint.record(run.footprintBytes, at: fact.elapsedSeconds)
    switch fact.kind {
    case .attemptStarted(let started): use(started, fact.elapsedSeconds, run)
    case .taskState(let change): note(change, fact.elapsedSeconds)
    case .graphDefined: (slots, pauses) = ([], [:])
    default: break
    }
  }

  /// Remembers what an earlier one did; what shows of the clock stays.
  mutating func recall(_ earlier: Timeline) {
    (slots, pauses, footprint) = (earlier.slots, earlier.pauses, earlier.footprint)
    (prediction, predictedSlots, predictedAt) = (nil, [], nil)
  }

  private mutating func use(_ started: Fact.AttemptStarted, _ seconds: Double, _ run: RunState) {
    guard 0..<Self.slotLimit ~= started.slot, run.tasks.indices.contains(started.task.index),
      let attempt = run[started.task].attempts.indices.last
    else { return }
    while slots.count <= started.slot { slots.append([]) }
    slots[started.slot].append(
      SlotUse(task: started.task, attempt: attempt, startSeconds: seconds))
  }

  private mutating func note(_ change: Fact.TaskStateChanged, _ seconds: Double) {
    if let last = pauses[change.task]?.indices.last, pauses[change.task]?[last].endSeconds == nil {
      if change.state != .paused { pauses[change.task]?[last].endSeconds = seconds }
    } else if change.state == .paused {
      pauses[change.task, default: []].append(Pause(startSeconds: seconds))
    }
  }

  /// Predicts anew where the outlook is newer; says nothing while the outlook would be a guess.
  ///
  /// - Complexity: O((tasks + edges) · log tasks), as often as the outlook is refreshed.
  mutating func predict(_ run: RunState, _ outlook: Outlook) {
    guard predictedAt != outlook.refreshedAt else { return }
    predictedAt = outlook.refreshedAt
    (prediction, predictedSlots) = (nil, [])
    guard case .known = outlook.forecast, run.closed == nil, let critical = outlook.critical,
      let remaining = outlook.estimate?.remaining(run, now: outlook.refreshedAt),
      remaining.count == run.tasks.count, critical.secondsAhead.count == remaining.count
    else { return }
    let prediction = Prediction(
      run, remaining: remaining, secondsAhead: critical.secondsAhead, now: outlook.refreshedAt)
    self.prediction = prediction
    for (index, span) in prediction.spans.enumerated() {
      guard let span, 0..<Self.slotLimit ~= span.slot else { continue }
      while predictedSlots.count <= span.slot { predictedSlots.append([]) }
      predictedSlots[span.slot].append(TaskID(index))
    }
    let start = { (task: TaskID) in prediction.spans[task.index]?.startSeconds ?? 0 }
    for slot in predictedSlots.indices { predictedSlots[slot].sort { start($0) < start($1) } }
  }
}

extension Timeline {
  /// The whole run: from its start to its end or what is expected to be its end, rounded up, so that
  /// the picture does not shift with every second.
  private func wholeSpan(_ now: Double) -> Double {
    let end = max(now, prediction?.endSeconds ?? 0, 1)
    let step = TimeAxis.roundStep(atLeast: end / 20)
    return (end / step).rounded(.up) * step
  }

  func axis(columns: Int, now: Double, isRunning: Bool) -> TimeAxis {
    let whole = wholeSpan(now)
    guard let span = spanSeconds else {
      return TimeAxis(startSeconds: 0, spanSeconds: whole, columns: columns)
    }
    let latest = isRunning ? now - span * 0.75 : now - span
    return TimeAxis(
      startSeconds: max(0, startSeconds ?? latest), spanSeconds: span, columns: columns)
  }

  /// Zooms around `anchor` (elapsed seconds), or around the middle of what shows.
  mutating func move(_ move: TimelineMove, now: Double, isRunning: Bool, anchor: Double?) {
    let axis = axis(columns: 100, now: now, isRunning: isRunning)
    switch move {
    case .zoomIn: zoom(to: axis.spanSeconds / 2, axis, anchor, keepsNow: isRunning)
    case .zoomOut where axis.spanSeconds * 2 >= wholeSpan(now): showWhole()
    case .zoomOut: zoom(to: axis.spanSeconds * 2, axis, anchor, keepsNow: isRunning)
    case .whole: showWhole()
    case .followNow: startSeconds = nil
    case .earlier: slide(by: -axis.spanSeconds / 4, axis, now)
    case .later: slide(by: axis.spanSeconds / 4, axis, now)
    case .toggleRows: (rows, top) = (rows == .tasks ? .slots : .tasks, 0)
    }
  }

  private mutating func showWhole() { (spanSeconds, startSeconds) = (nil, nil) }

  private mutating func zoom(
    to wanted: Double, _ axis: TimeAxis, _ anchor: Double?, keepsNow: Bool
  ) {
    let span = max(Self.smallestSpan, wanted)
    let isFollowing = keepsNow && startSeconds == nil
    spanSeconds = span
    guard !isFollowing else { return }
    let middle = anchor.flatMap { (axis.startSeconds...axis.endSeconds).contains($0) ? $0 : nil }
    startSeconds = max(0, (middle ?? axis.startSeconds + axis.spanSeconds / 2) - span / 2)
  }

  private mutating func slide(by seconds: Double, _ axis: TimeAxis, _ now: Double) {
    guard spanSeconds != nil else { return }
    let last = max(0, wholeSpan(now) - axis.spanSeconds / 4)
    startSeconds = min(last, max(0, axis.startSeconds + seconds))
  }
}

/// The footprint over the whole run, as steps.
struct FootprintCurve: Sendable, Equatable {
  /// Steps that are kept; beyond, two neighbours become one, and the larger stands.
  static let limit = 16_384

  private struct Step: Sendable, Equatable {
    var seconds: Double
    var bytes: Int64
  }

  private var steps: [Step] = []

  /// The run's clock never goes back.
  mutating func record(_ bytes: Int64, at seconds: Double) {
    guard steps.last?.bytes != bytes else { return }
    steps.append(Step(seconds: max(seconds, steps.last?.seconds ?? 0), bytes: bytes))
    if steps.count > Self.limit { thin() }
  }

  /// The newest step stays as it is: it says what lies there now.
  private mutating func thin() {
    let newest = steps.removeLast()
    steps = stride(from: 0, to: steps.count, by: 2).map { index in
      let next = index + 1 < steps.count ? steps[index + 1].bytes : 0
      return Step(seconds: steps[index].seconds, bytes: max(steps[index].bytes, next))
    }
    steps.append(newest)
  }

  /// The largest footprint of each column's share of time; nil behind `end` and in front of the first.
  func maxima(_ axis: TimeAxis, until end: Double) -> [Int64?] {
    var next = firstStep(behind: axis.startSeconds)
    var current = next > 0 ? steps[next - 1].bytes : nil
    return (0..<max(0, axis.columns)).map { column in
      guard axis.seconds(ofColumn: column) <= end else { return nil }
      var largest = current
      while next < steps.count, steps[next].seconds < axis.seconds(ofColumn: column + 1) {
        current = steps[next].bytes
        largest = max(largest ?? 0, steps[next].bytes)
        next += 1
      }
      return largest
    }
  }

  private func firstStep(behind seconds: Double) -> Int {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle].seconds <= seconds { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
