import Canvas
import Model
import Planning

/// What a row of the list or of the lanes says of its item; made only for rows that show.
struct RowFigures {
  var name: SafeText
  var state: TaskState
  /// Members, for a group.
  var count: Int?
  /// As in `100`, `~62` or `-`.
  var percent: SafeText
  var share: Double?
  var time: SafeText
  var memory: SafeText
  var note: SafeText
  var histogram: [(text: SafeText, state: TaskState)]
}

extension DashboardState {
  func figures(of item: Item) -> RowFigures {
    switch item {
    case .task(let task): figures(of: task)
    case .group(let group): figures(ofGroup: group)
    case .cluster(let cluster): figures(of: cluster)
    }
  }

  private func figures(of task: TaskID) -> RowFigures {
    let status = run[task]
    let (share, percent) = progress(of: task)
    return RowFigures(
      name: titledName(of: task), state: status.state, count: nil, percent: percent, share: share,
      time: SafeText(time(of: task)), memory: SafeText(memory(of: task)), note: note(on: task),
      histogram: [])
  }

  /// A task that takes this many times what its kind takes is called late.
  private static let lateShare = 1.25

  /// How far a task is, as far as can be told: what its output says, else, marked `~`, its time
  /// against that of its kind.
  private func progress(of task: TaskID) -> (Double?, SafeText) {
    let status = run[task]
    if status.state == .done { return (1, "100") }
    if let told = toldProgress(of: task) {
      return (told.share, SafeText(String(Int((told.share * 100).rounded(.down)))))
    }
    guard status.state.isActive, let expected = outlook.estimate?.expectation(of: task),
      expected.basis != .run, expected.seconds > 0
    else { return (nil, "-") }
    let share = status.runningSeconds(at: now) / expected.seconds
    if share > Self.lateShare { return (1, "late") }
    return (min(0.99, share), "~\(String(Int(min(0.99, share) * 100)))")
  }

  /// What the output of a running attempt says; nil if it says nothing.
  func toldProgress(of task: TaskID) -> OutputProgress? {
    let state = run.tasks[task.index].state
    return state == .running || state == .paused ? signals.tasks[task]?.progress : nil
  }

  func progressShare(of task: TaskID) -> Double? { progress(of: task).0 }

  /// Seconds of the attempt that runs or ran last.
  func seconds(of task: TaskID) -> Double? {
    let status = run[task]
    guard let attempt = status.lastAttempt else { return nil }
    return attempt.seconds ?? (status.isRunning ? status.runningSeconds(at: now) : nil)
  }

  private func time(of task: TaskID) -> String {
    seconds(of: task).map(Figures.duration) ?? "-"
  }

  /// Resident bytes now; else the peak of what ran, or, marked `~`, what is set aside.
  private func memory(of task: TaskID) -> String {
    let status = run[task]
    if status.isRunning, let sample = signals.tasks[task] {
      return Figures.shortBytes(sample.residentBytes)
    }
    if let peak = status.lastAttempt?.usage.flatMap({ Figures.peak($0, Figures.shortBytes) }) {
      return peak
    }
    return run.graph[task].memoryBytes.map { "~" + Figures.shortBytes($0) } ?? "-"
  }

  /// The one thing worth saying beside the sign.
  func note(on task: TaskID) -> SafeText {
    let status = run[task]
    switch status.state {
    case .backoff:
      let left = status.untilSeconds.map { " in \(Figures.shortDuration($0 - now))" } ?? ""
      return SafeText("\(status.lastAttempt?.outcome?.words ?? "failed"), retry\(left)")
    case .failed: return SafeText(status.lastAttempt?.outcome?.words ?? status.reason ?? "failed")
    case .waiting, .held, .paused, .skipped, .cancelled:
      return SafeText(status.state.rawValue.with(status.reason))
    case .blocked: return needsNote(task)
    case .verifying: return "verifying"
    case .done: return ""
    case .running, .ready: return pathNote(task)
    }
  }

  private func needsNote(_ task: TaskID) -> SafeText {
    let open = run.links.predecessors[task.index].filter { run[$0].state != .done }
    guard let first = open.first else { return pathNote(task) }
    let isCritical = outlook.isOnPath.indices.contains(task.index) && outlook.isOnPath[task.index]
    let words =
      open.count == 1 ? "needs \(name(of: first).string)" : "needs \(String(open.count)) tasks"
    return SafeText(isCritical ? "crit, \(words)" : words)
  }

  private func pathNote(_ task: TaskID) -> SafeText {
    guard outlook.critical != nil, outlook.isOnPath.indices.contains(task.index) else { return "" }
    if outlook.isOnPath[task.index] { return "crit" }
    guard let slack = outlook.critical?.slackSeconds(of: task) else { return "" }
    return "slack \(Figures.duration(slack))"
  }
}

extension DashboardState {
  private func figures(ofGroup group: Int) -> RowFigures {
    figures(
      of: listing.members(of: group), listing.tallies[group], name: titledName(ofGroup: group))
  }

  private func figures(of cluster: Cluster) -> RowFigures {
    let members = tasks(of: .cluster(cluster))
    var tally = Tally()
    for task in members { tally.count(run[task].state) }
    return figures(of: members, tally, name: name(of: .cluster(cluster)))
  }

  private func figures(of members: [TaskID], _ tally: Tally, name: SafeText) -> RowFigures {
    let share = tally.total == 0 ? nil : Double(tally.done) / Double(tally.total)
    let isCritical = members.contains {
      outlook.isOnPath.indices.contains($0.index) && outlook.isOnPath[$0.index]
    }
    return RowFigures(
      name: name, state: tally.state, count: members.count,
      percent: SafeText(share.map { String(Int($0 * 100)) } ?? "-"), share: share,
      time: "", memory: "",
      note: isCritical && tally.done < tally.total ? "crit" : "", histogram: histogram(of: tally))
  }

  /// As in `18✓4●1‖1✗`: how many members stand where.
  func histogram(of tally: Tally) -> [(text: SafeText, state: TaskState)] {
    let parts: [(Int, TaskState)] = [
      (tally.done, .done), (tally.running, .running), (tally.paused, .paused),
      (tally.failed, .failed), (tally.waiting, .waiting), (tally.backoff, .backoff),
      (tally.skipped, .skipped),
      (tally.ready, .ready), (tally.blocked, .blocked),
    ]
    return parts.filter { $0.0 > 0 }.map { count, state in
      ("\(String(count))\(String(glyphs.sign(of: state)))", state)
    }
  }
}

extension Estimate {
  /// nil for a task that came later than the estimate.
  func expectation(of task: TaskID) -> Expectation? {
    expectations.indices.contains(task.index) ? expectations[task.index] : nil
  }
}
