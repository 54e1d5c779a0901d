/// What the autonomy score needs of a run as a whole.
///
/// Its holds, the time in which it waited for people, acts on all of it, and what went wrong outside of
/// attempts; folded with the facts.
package struct AutonomyMeter: Sendable, Equatable, Codable {
  /// Acts on the run that are kept.
  ///
  /// Each ends a session. Beyond, the newest takes the last place.
  package static let maximumActs = 256
  /// Holds that are kept; the time of further ones counts as any other.
  package static let maximumHolds = 4_096

  /// Time in which a task had all but an act of a person; holds of the run are outside.
  ///
  /// The run's clock, not a sum over tasks: two tasks that wait at the same time cost it once.
  package private(set) var blockedSeconds = 0.0
  /// Deliberate holds of the run, oldest first; they neither overlap nor touch.
  package private(set) var holds: [Span] = []
  /// Acts of people on the whole run that weigh, oldest first.
  package private(set) var acts: [RunAct] = []
  /// How often artifacts of a task were lost.
  package private(set) var lostArtifacts: [TaskID: Int] = [:]
  /// How often the workspace was past its budget.
  package private(set) var overruns = 0

  package init() {}

  /// A stand-in from what older checkpoints say: a sum over tasks in place of the run's clock.
  init(approximating tasks: [TaskStatus]) {
    blockedSeconds = tasks.reduce(0) { $0 + $1.waitingSeconds }
  }

  /// In elapsed seconds of the run.
  package struct Span: Sendable, Equatable, Codable {
    package var from: Double
    package var to: Double
  }

  package struct RunAct: Sendable, Equatable, Codable {
    package var verb: String
    /// Elapsed seconds of the run.
    package var seconds: Double
    /// 0 to 1, as `Request.severity`.
    package var severity: Double
  }
}

extension AutonomyMeter {
  /// Time went by in which nothing changed.
  mutating func pass(from start: Double, to end: Double, _ counts: TaskCounts, isHeld: Bool) {
    guard end > start, end.isFinite else { return }
    if isHeld {
      hold(from: start, to: end)
    } else if counts[.waiting] > 0 {
      blockedSeconds += end - start
    }
  }

  private mutating func hold(from start: Double, to end: Double) {
    if let last = holds.indices.last, holds[last].to >= start {
      holds[last].to = end
    } else if holds.count < Self.maximumHolds {
      holds.append(Span(from: start, to: end))
    }
  }

  mutating func charge(_ fact: Fact.RequestMade, at seconds: Double) {
    guard fact.actor.kind == .person, fact.request.runSeverity > 0 else { return }
    let act = RunAct(
      verb: fact.request.verb, seconds: seconds, severity: fact.request.runSeverity)
    if acts.count == Self.maximumActs { acts.removeLast() }
    acts.append(act)
  }

  mutating func lose(artifactOf task: TaskID) { lostArtifacts[task, default: 0] += 1 }

  mutating func note(_ notice: Fact.Notice) {
    if notice.code == Fact.Notice.Code.workspaceOver.rawValue { overruns += 1 }
  }
}

extension AutonomyMeter {
  /// Returns the seconds that lie in at least one of the spans and in no hold.
  ///
  /// - Complexity: O(spans log spans + holds).
  func seconds(coveredBy spans: [Span]) -> Double {
    var sum = 0.0
    var from = 0.0
    var to = -Double.infinity
    var next = 0
    for span in spans.sorted(by: { $0.from < $1.from }) where span.to > span.from {
      if span.from > to {
        sum += unheld(from, to, &next)
        (from, to) = (span.from, span.to)
      } else {
        to = max(to, span.to)
      }
    }
    return sum + unheld(from, to, &next)
  }

  /// What of a span is in no hold; asked for spans one behind the other.
  private func unheld(_ from: Double, _ to: Double, _ next: inout Int) -> Double {
    guard to > from else { return 0 }
    while next < holds.count, holds[next].to <= from { next += 1 }
    var sum = to - from
    for hold in holds[next...] {
      guard hold.from < to else { break }
      sum -= min(to, hold.to) - max(from, hold.from)
    }
    return max(0, sum)
  }
}

extension Request {
  /// How much an act on the whole run takes out of the autopilot's hands, 0 to 1; 0 for all that names
  /// tasks (`severity`).
  ///
  /// Holding, pausing and stepping weigh nothing. To kill a run is to kill what runs, which weighs 1
  /// wherever it is done. To stop one is a person's word on its course, as a retry or a skip: what was
  /// running is drained and run again on resume, so that nothing is taken over. Nothing else that can
  /// be asked of a run as a whole changes its course.
  package var runSeverity: Double {
    switch self {
    case .cancelRun: 0.5
    case .killRun: 1
    default: 0
    }
  }
}
