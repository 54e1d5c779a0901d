import Model
import Planning

// The numbers behind the columns of a row, for whoever compares or sorts them.

extension DashboardState {
  var filterSubject: FilterSubject {
    FilterSubject(
      run: run, names: listing.names, tree: listing.tree, figure: { figure($0, of: $1) })
  }

  /// nil where the column shows none.
  func figure(_ figure: Filter.Figure, of task: TaskID) -> Double? {
    switch figure {
    case .memory: memoryBytes(of: task).map { Double($0) }
    case .cpu: load(of: task)
    case .time: seconds(of: task)
    case .attempt: run.tasks[task.index].lastAttempt.map { Double($0.number) }
    case .slack: slackSeconds(of: task)
    case .progress: progressShare(of: task)
    }
  }

  /// Resident bytes now; else the peak of what ran, or what is set aside.
  func memoryBytes(of task: TaskID) -> Int64? {
    if run.tasks[task.index].isRunning, let sample = signals.tasks[task] {
      return sample.residentBytes
    }
    if let usage = run.tasks[task.index].lastAttempt?.usage {
      if let peak = usage.memoryPeakBytes { return peak }
      if usage.peakResidentBytes > 0 { return usage.peakResidentBytes }
    }
    return run.graph.tasks[task.index].memoryBytes
  }

  /// Cores in use now; of an attempt that has ended, on average.
  func load(of task: TaskID) -> Double? {
    if run.tasks[task.index].state.isActive { return loads[task] }
    guard let attempt = run.tasks[task.index].lastAttempt, let usage = attempt.usage,
      let seconds = attempt.phases?.run, seconds > 0
    else { return nil }
    return (usage.userSeconds + usage.systemSeconds) / seconds
  }

  /// Seconds that running tasks have left by what their output says.
  var toldSeconds: [TaskID: Double] {
    var seconds: [TaskID: Double] = [:]
    for task in signals.tasks.keys where run.tasks.indices.contains(task.index) {
      guard let told = toldProgress(of: task) else { continue }
      seconds[task] = told.secondsLeft(after: run.tasks[task.index].runningSeconds(at: now))
    }
    return seconds
  }

  /// How late an unfinished task may get.
  func slackSeconds(of task: TaskID) -> Double? {
    guard !run.tasks[task.index].state.hasEnded, let critical = outlook.critical,
      critical.secondsAhead.indices.contains(task.index)
    else { return nil }
    return critical.slackSeconds(of: task)
  }
}
