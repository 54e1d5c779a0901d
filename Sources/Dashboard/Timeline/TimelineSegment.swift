import Canvas
import Model
import Planning

/// A stretch of the run's clock in one row of the timeline.
struct TimelineSegment: Equatable {
  enum Kind: Equatable {
    case succeeded, failed, running, paused, backoff
    /// From the first start to the last end of a folded group.
    case group(TaskState)
    case predicted(isCritical: Bool)
  }

  var startSeconds: Double
  var endSeconds: Double
  var kind: Kind
  /// Written into the bar where it fits.
  var label: SafeText = ""
}

extension DashboardState {
  /// Where bars that have not ended end: now while the run goes on, else its last fact.
  var timelineEnd: Double { isRunning ? now : run.elapsedSeconds }

  func segments(of item: Item) -> [TimelineSegment] {
    switch item {
    case .task(let task): segments(of: task)
    case .group(let group): segments(ofGroup: group)
    case .cluster: []
    }
  }

  private func segments(of task: TaskID) -> [TimelineSegment] {
    let status = run[task]
    var all: [TimelineSegment] = []
    for attempt in status.attempts {
      let label: SafeText = status.attempts.count > 1 ? "\(String(attempt.number))" : ""
      all += segments(of: attempt, task, label: label)
    }
    if status.state == .backoff {
      all.append(
        TimelineSegment(
          startSeconds: status.sinceSeconds, endSeconds: status.untilSeconds ?? timelineEnd,
          kind: .backoff))
    }
    if let predicted = predictedSegment(of: task) { all.append(predicted) }
    return all
  }

  /// The attempt and, on top of it, the times in which it was frozen.
  private func segments(
    of attempt: AttemptRecord, _ task: TaskID, label: SafeText
  ) -> [TimelineSegment] {
    let start = attempt.startSeconds
    let end = max(start, attempt.endSeconds ?? timelineEnd)
    let kind: TimelineSegment.Kind =
      switch attempt.outcome?.isSuccess {
      case true?: .succeeded
      case false?: .failed
      case nil: run[task].isLive ? .running : .failed
      }
    let pauses = (timeline.pauses[task] ?? []).filter {
      $0.startSeconds >= start && $0.startSeconds < end
    }
    return [TimelineSegment(startSeconds: start, endSeconds: end, kind: kind, label: label)]
      + pauses.map {
        TimelineSegment(
          startSeconds: $0.startSeconds, endSeconds: min(end, $0.endSeconds ?? timelineEnd),
          kind: .paused)
      }
  }

  private func predictedSegment(of task: TaskID) -> TimelineSegment? {
    guard let span = predictedSpan(of: task), span.endSeconds > max(span.startSeconds, now) else {
      return nil
    }
    return TimelineSegment(
      startSeconds: max(now, span.startSeconds), endSeconds: span.endSeconds,
      kind: .predicted(isCritical: isOnCriticalPath(task)))
  }

  private func predictedSpan(of task: TaskID) -> Prediction.Span? {
    guard let spans = timeline.prediction?.spans, spans.indices.contains(task.index),
      !run[task].state.hasEnded
    else { return nil }
    return spans[task.index]
  }

  func isOnCriticalPath(_ task: TaskID) -> Bool {
    outlook.isOnPath.indices.contains(task.index) && outlook.isOnPath[task.index]
  }

  /// - Complexity: O(members); groups whose rows do not show are not asked.
  private func segments(ofGroup group: Int) -> [TimelineSegment] {
    var (start, end) = (Double.infinity, -Double.infinity)
    var (predictedStart, predictedEnd) = (Double.infinity, -Double.infinity)
    var isCritical = false
    for task in listing.members(of: group) {
      if let first = run.tasks[task.index].attempts.first,
        let last = run.tasks[task.index].lastAttempt
      {
        start = min(start, first.startSeconds)
        end = max(end, last.endSeconds ?? timelineEnd)
      }
      guard let span = predictedSpan(of: task) else { continue }
      predictedStart = min(predictedStart, span.startSeconds)
      predictedEnd = max(predictedEnd, span.endSeconds)
      isCritical = isCritical || isOnCriticalPath(task)
    }
    var all: [TimelineSegment] = []
    if start <= end {
      let state = listing.tallies[group].state
      all.append(TimelineSegment(startSeconds: start, endSeconds: end, kind: .group(state)))
    }
    let from = max(predictedStart, end)
    if predictedEnd > from {
      all.append(
        TimelineSegment(
          startSeconds: from, endSeconds: predictedEnd, kind: .predicted(isCritical: isCritical)))
    }
    return all
  }
}

extension DashboardState {
  /// The attempts of a worker slot within the axis, and what is expected to come to it.
  ///
  /// - Complexity: O(attempts that show + log attempts + what is expected).
  func segments(ofSlot slot: Int, _ axis: TimeAxis) -> [TimelineSegment] {
    let uses = timeline.slots.indices.contains(slot) ? timeline.slots[slot][...] : []
    let first = max(0, Self.firstUse(behind: axis.startSeconds, in: uses) - 1)
    var all: [TimelineSegment] = []
    for use in uses.dropFirst(first).prefix(while: { $0.startSeconds <= axis.endSeconds }) {
      guard run.tasks.indices.contains(use.task.index),
        run[use.task].attempts.indices.contains(use.attempt)
      else { continue }
      let attempt = run[use.task].attempts[use.attempt]
      all += segments(of: attempt, use.task, label: name(of: use.task))
    }
    return all + predictedSegments(ofSlot: slot)
  }

  private static func firstUse(
    behind seconds: Double, in uses: ArraySlice<Timeline.SlotUse>
  ) -> Int {
    var (low, high) = (0, uses.count)
    while low < high {
      let middle = (low + high) / 2
      if uses[middle].startSeconds <= seconds { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func predictedSegments(ofSlot slot: Int) -> [TimelineSegment] {
    guard timeline.predictedSlots.indices.contains(slot) else { return [] }
    return timeline.predictedSlots[slot].compactMap { task in
      guard var segment = predictedSegment(of: task) else { return nil }
      segment.label = name(of: task)
      return segment
    }
  }

  /// Rows of the slot view: those that were used and those that could be.
  var slotCount: Int {
    guard run.opened != nil else { return 0 }
    let jobs = isRunning ? run.opened?.config.jobs ?? 0 : 0
    return min(Timeline.slotLimit, max(timeline.slots.count, min(jobs, max(1, run.tasks.count))))
  }
}
