import Model

/// How many cores tasks use: the rise of their processor time between the two newest samples.
struct Loads: Sendable {
  private var cores: [TaskID: Double] = [:]

  subscript(task: TaskID) -> Double? { cores[task] }

  /// Samples that are not apart in time keep what was known.
  mutating func take(_ newest: Signals, after older: Signals) {
    guard let now = newest.elapsedSeconds, let then = older.elapsedSeconds, now > then else {
      cores = cores.filter { newest.tasks[$0.key] != nil }
      return
    }
    var cores: [TaskID: Double] = [:]
    for (task, sample) in newest.tasks {
      // The first sample of an attempt tells nothing of a rate.
      guard let before = older.tasks[task], sample.cpuSeconds >= before.cpuSeconds else { continue }
      cores[task] = (sample.cpuSeconds - before.cpuSeconds) / (now - then)
    }
    self.cores = cores
  }
}
