import Model

/// A start for which the system had no room.
struct PostponedStart: Sendable {
  enum Step: Sendable {
    case command(EnginePreparation)
    case verification
  }

  /// The first pause; each further one is twice as long.
  static let firstPause = 0.05
  static let longestPause = 2.0
  /// Some two minutes; then the attempt ends as one that found the system exhausted.
  static let maximumTries = 60

  var step: Step
  /// In elapsed seconds.
  var atSeconds: Double
}

// A start for which the system has no room now is tried again: it is no fault of the task's, and uses
// up no retry.
extension Engine {
  /// Returns false if the problem is one that waiting does not mend.
  func postpone(
    _ task: TaskID, _ step: PostponedStart.Step, after problem: SpawnProblem
  ) -> Bool {
    guard problem.isPassing, var attempt = attempts[task],
      attempt.starts < PostponedStart.maximumTries
    else { return false }
    // One notice a shortage: a hundred tasks may meet the same, and each asks again and again.
    if attempt.starts == 0, !attempts.values.contains(where: { $0.postponed != nil }) {
      record(
        .notice(
          Fact.Notice(
            code: "start.postponed",
            text: "\(problem.description); started when there is room", task: task)))
    }
    let pause = PostponedStart.firstPause * Double(1 << min(attempt.starts, 10))
    attempt.starts += 1
    attempt.deadlineSeconds = nil
    attempt.postponed = PostponedStart(
      step: step, atSeconds: now + min(pause, PostponedStart.longestPause))
    attempts[task] = attempt
    return true
  }

  /// Lets the first that waits try again, now that an attempt has left room.
  func hurryPostponed() {
    let waiting = attempts.filter { $0.value.postponed != nil }.keys.min()
    if let waiting { attempts[waiting]?.postponed?.atSeconds = now }
  }

  /// Starts again what has waited long enough, or was ended meanwhile.
  func startPostponed() {
    let due = attempts.filter { _, attempt in
      attempt.postponed.map { $0.atSeconds <= now || attempt.fate != nil } ?? false
    }
    for (task, attempt) in due.sorted(by: { $0.key < $1.key }) {
      attempts[task]?.postponed = nil
      switch (attempt.fate, attempt.postponed?.step) {
      case (let fate?, _): conclude(task, fate)
      case (nil, .command(let preparation)?): start(task, preparation)
      case (nil, .verification?): succeed(task)
      case (nil, nil): break
      }
    }
  }
}

/// Waits where the system has no room for another open file; for threads that may stand still.
enum Patience {
  static let tries = 200
  static let pauseMicroseconds: UInt32 = 20_000

  static func carryOut<Value>(
    _ body: () throws(WorkspaceProblem) -> Value
  ) throws(WorkspaceProblem) -> Value {
    for _ in 1..<tries {
      do throws(WorkspaceProblem) { return try body() } catch {
        guard error.isPassing else { throw error }
        pause(microseconds: pauseMicroseconds)
      }
    }
    return try body()
  }
}

extension EngineContext.Limits {
  /// Descriptors that a job on the disk may need at a time, a few of them a level of a tree.
  private static let filesPerLane = 16

  /// What fits into this process's limits.
  package static var fitting: EngineContext.Limits {
    var limits = EngineContext.Limits()
    limits.lanes = max(1, min(limits.lanes, Launcher.openFiles() / filesPerLane))
    return limits
  }
}
