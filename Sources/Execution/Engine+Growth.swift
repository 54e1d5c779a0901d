import Model
import Planning

/// What an attempt has written, as it was measured.
struct EngineGrowth: Sendable {
  var task: TaskID
  var attempt: Int
  /// By artifact; "" is the slot.
  var bytes: [String: Int64]

  init(_ place: AttemptPlace, bytes: [String: Int64]) {
    task = place.task.id
    attempt = place.attempt
    self.bytes = bytes
  }
}

// Where the file system sets no limit, what is written is measured, and an attempt that is about to
// write more than it was given asks for more. Where there is no room it is frozen until there is; where
// nothing can make room the newest of those that stand still is given up and begins anew, larger.
extension Engine {
  /// Between two samples.
  var sampleSeconds: Double {
    let limits = context.limits
    return isMetered ? min(limits.meterSeconds, limits.sampleSeconds) : limits.sampleSeconds
  }

  private var isMetered: Bool { schedule.plan != nil && config.workspace?.isDefault == false }

  /// Attempts whose folders are to be measured.
  var metered: [AttemptPlace] {
    guard isMetered else { return [] }
    return attempts.values.filter { $0.process != nil && !$0.isFrozen }.map(\.place)
      .sorted { $0.task.id < $1.task.id }
  }

  func meter(_ grown: [EngineGrowth]) {
    for growth in grown {
      guard var attempt = attempts[growth.task], attempt.number == growth.attempt,
        attempt.process != nil, attempt.fate == nil
      else { continue }
      let needs = needs(attempt, growth.bytes)
      attempt.given = attempt.given ?? given(attempt)
      tell(growth, given: attempt.given ?? [:])
      attempt.grown = growth.bytes
      attempt.grownSeconds = now
      attempts[growth.task] = attempt
      if !grant(needs, to: growth.task), !attempt.isFrozen {
        standing.append(growth.task)
        freeze(growth.task, reason: "waits for room in the workspace")
      }
    }
    noteExcess()
  }

  /// What each artifact may have come to at the next but one measurement.
  ///
  /// A rise goes on for two intervals before anything can be done about it.
  private func needs(_ attempt: EngineAttempt, _ bytes: [String: Int64]) -> [String: Int64] {
    guard let last = attempt.grownSeconds, now > last else { return bytes }
    let intervals = 2 * sampleSeconds / (now - last)
    return Dictionary(
      uniqueKeysWithValues: bytes.map { name, bytes in
        let rise = max(0, bytes - (attempt.grown[name] ?? 0))
        return (name, bytes + Int64(Double(rise) * intervals))
      })
  }

  /// Written sizes between two facts about them, as a share: an hour of writing makes tens, not
  /// thousands.
  private static let toldShare: Int64 = 8

  private func given(_ attempt: EngineAttempt) -> [String: Int64] {
    attempt.place.task.outputs.reduce(into: [:]) { given, output in
      given[output.name] = schedule.grantedBytes(
        RunState.ArtifactKey(task: attempt.task, name: output.name))
    }
  }

  /// Records what has outgrown its plan, and what of that has grown by an eighth since.
  private func tell(_ growth: EngineGrowth, given: [String: Int64]) {
    for (name, bytes) in growth.bytes.sorted(by: { $0.key < $1.key }) where !name.isEmpty {
      let told = history.state.growing[RunState.ArtifactKey(task: growth.task, name: name)]
      let line = told.map { $0 + $0 / Self.toldShare } ?? given[name]
      guard let line, bytes > line else { continue }
      record(
        .artifactGrew(Fact.ArtifactReference(task: growth.task, artifact: name, bytes: bytes)))
    }
  }

  private func grant(_ needs: [String: Int64], to task: TaskID) -> Bool {
    needs.sorted { $0.key < $1.key }.allSatisfy { name, bytes in
      schedule.grow(RunState.ArtifactKey(task: task, name: name), to: bytes)
    }
  }

  /// Says once when what lies there is past the budget all the same.
  private func noteExcess() {
    guard let budget = config.workspace else { return }
    let held = history.state.footprintBytes + untoldBytes
    defer { isOverBudget = held > budget.bytes }
    guard held > budget.bytes, !isOverBudget else { return }
    record(
      .notice(Fact.Notice(.workspaceOver, "\(held) bytes lie there, the limit is \(budget.bytes)")))
  }

  /// What running attempts have written, less what is in the footprint already.
  private var untoldBytes: Int64 {
    attempts.values.reduce(0) { sum, attempt in
      attempt.grown.reduce(sum) { sum, entry in
        let key = RunState.ArtifactKey(task: attempt.task, name: entry.key)
        return sum + entry.value - (history.state.growing[key] ?? 0)
      }
    }
  }

  /// Thaws those for which there is room now, and gives one up where nothing else goes on.
  func letStandingGoOn() {
    standing.removeAll { attempts[$0]?.isFrozen != true }
    for task in standing {
      guard let attempt = attempts[task], grant(needs(attempt, attempt.grown), to: task) else {
        continue
      }
      standing.removeAll { $0 == task }
      thaw(task)
    }
    if let victim = schedule.victim(standing: standing) { giveUp(victim) }
  }

  /// The next attempt is given half as much again as this one wrote.
  func expectMore(of attempt: EngineAttempt) {
    for (name, bytes) in attempt.grown where !name.isEmpty {
      schedule.expect(
        RunState.ArtifactKey(task: attempt.task, name: name), bytes: bytes + bytes / 2)
    }
  }

  private func giveUp(_ task: TaskID) {
    standing.removeAll { $0 == task }
    attempts[task]?.hasOutgrown = true
    end(
      task, Outcome(.exhausted, message: "outgrew the room that the workspace has"),
      isImmediate: true)
  }
}
