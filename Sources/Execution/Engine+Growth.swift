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
  var isMetered: Bool { schedule.plan != nil && config.workspace?.isDefault == false }

  /// Attempts that can be measured: what stands still does not grow.
  private var meterable: [EngineAttempt] {
    attempts.values.filter { $0.process != nil && !$0.isFrozen && $0.meterSeconds != nil }
  }

  /// When something is to be measured again; nil while it is being measured.
  var nextMeterSeconds: Double? {
    meteringSeconds == nil ? meterable.compactMap(\.meterSeconds).min() : nil
  }

  /// Measures what is due, and what would be very soon.
  func meterIfDue() {
    // One at a time: a disk that cannot keep up must not be asked ever more often.
    guard let next = nextMeterSeconds, next <= now else { return }
    let soon = now + context.limits.meterLeastSeconds
    let due = meterable.filter { $0.meterSeconds ?? .infinity <= soon }.map(\.place)
      .sorted { $0.task.id < $1.task.id }
    for place in due { attempts[place.task.id]?.meterSeconds = nil }
    meteringSeconds = now
    effects.append(
      .job(lane: EngineLanes.watching) { [artifacts, weak self] in
        self?.post(.metered(due.map { EngineGrowth($0, bytes: artifacts.grown($0)) }))
      })
  }

  func metered(_ grown: [EngineGrowth]) {
    meteredSeconds = now - (meteringSeconds ?? now)
    meteringSeconds = nil
    let grown = grown.filter { growth in
      guard let attempt = attempts[growth.task], attempt.number == growth.attempt else {
        return false
      }
      return attempt.process != nil && attempt.fate == nil
    }
    for growth in grown { note(growth) }
    let fullSeconds = secondsToFull
    for growth in grown { letGrow(growth, fullSeconds) }
    noteExcess()
  }

  private func note(_ growth: EngineGrowth) {
    guard var attempt = attempts[growth.task] else { return }
    attempt.given = attempt.given ?? given(attempt)
    tell(growth, given: attempt.given ?? [:])
    let seconds = now - (attempt.grownSeconds ?? attempt.stageSeconds)
    for (name, bytes) in growth.bytes where seconds > 0 {
      let rate = Double(bytes - (attempt.grown[name] ?? 0)) / seconds
      // Most write in bursts: a short interval without one says little.
      let known = max(rate, (attempt.growthRates[name] ?? 0) / 2)
      attempt.growthRates[name] = known < 1 ? 0 : known
    }
    attempt.grown = growth.bytes
    attempt.grownSeconds = now
    attempts[growth.task] = attempt
  }

  /// Lets an attempt go on writing until it is measured next, or freezes it.
  private func letGrow(_ growth: EngineGrowth, _ fullSeconds: Double) {
    guard let attempt = attempts[growth.task] else { return }
    let seconds = metersAgain(attempt, fullSeconds)
    attempts[growth.task]?.meterSeconds = now + seconds
    if grant(needs(attempt, over: 2 * seconds), to: growth.task) { return }
    if grant(attempt.grown, to: growth.task) || attempt.isFrozen { return }
    tell(growth, given: attempt.given ?? [:], isStanding: true)
    standing.append(growth.task)
    freeze(growth.task, reason: "waits for room in the workspace")
  }

  /// From one measurement of an attempt to the next.
  ///
  /// Nothing is known of a young one, so it is looked at again when it is twice as old. Where all that
  /// is written now would soon fill the workspace, every look halves what is left. A look
  /// at a large tree takes long; it gets no more than half of the time.
  private func metersAgain(_ attempt: EngineAttempt, _ fullSeconds: Double) -> Double {
    let limits = context.limits
    let seconds = min(now - attempt.stageSeconds, fullSeconds / 2, limits.meterSeconds)
    return max(limits.meterLeastSeconds, meteredSeconds, seconds)
  }

  /// Until the budget is used up, at the rate of the last measurements.
  private var secondsToFull: Double {
    let rate = attempts.values.filter { $0.process != nil && !$0.isFrozen }
      .reduce(0) { $0 + $1.growthRates.values.reduce(0, +) }
    guard let budget = config.workspace, rate > 0 else { return .infinity }
    return Double(max(0, budget.bytes - heldBytes)) / rate
  }

  /// What each artifact may have come to by then.
  ///
  /// Within what it was given an attempt is taken at its word; beyond it, it may go on as before. Room
  /// is asked for two intervals, because a rise goes on that long before anything can be done about it.
  private func needs(_ attempt: EngineAttempt, over seconds: Double) -> [String: Int64] {
    Dictionary(
      uniqueKeysWithValues: attempt.grown.map { name, bytes in
        let isBeyond = bytes > attempt.given?[name] ?? 0
        return (name, isBeyond ? bytes + Int64((attempt.growthRates[name] ?? 0) * seconds) : bytes)
      })
  }

  /// Written sizes between two facts about them, as a share: an hour of writing makes tens, not
  /// thousands.
  private static let toldShare: Int64 = 8

  private func given(_ attempt: EngineAttempt) -> [String: Int64] {
    var names = attempt.place.task.outputs.map(\.name)
    if attempt.place.task.isolation == .worktree { names.append("") }
    return names.reduce(into: [:]) { given, name in
      given[name] = schedule.grantedBytes(RunState.ArtifactKey(task: attempt.task, name: name))
    }
  }

  /// Records what has outgrown its plan, and what of that has grown by an eighth since, or at all if it
  /// goes no further.
  private func tell(_ growth: EngineGrowth, given: [String: Int64], isStanding: Bool = false) {
    for (name, bytes) in growth.bytes.sorted(by: { $0.key < $1.key }) where !name.isEmpty {
      let told = history.state.growing[RunState.ArtifactKey(task: growth.task, name: name)]
      let line = told.map { $0 + (isStanding ? 0 : $0 / Self.toldShare) } ?? given[name]
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
  func noteExcess() {
    guard let budget = config.workspace else { return }
    let held = heldBytes
    defer { isOverBudget = held > budget.bytes }
    guard held > budget.bytes, !isOverBudget else { return }
    let over = ByteText.words(held - budget.bytes)
    record(
      .notice(
        Fact.Notice(
          .workspaceOver,
          "\(ByteText.words(held)) lie there, \(over) more than the \(ByteText.words(budget.bytes)) "
            + "of the limit")))
  }

  /// What lies in the workspace, as far as it was measured.
  private var heldBytes: Int64 { history.state.footprintBytes + untoldBytes }

  /// What running attempts have written, less what is in the footprint already.
  private var untoldBytes: Int64 {
    attempts.values.reduce(0) { sum, attempt in
      attempt.grown.reduce(sum) { sum, entry in
        let key = RunState.ArtifactKey(task: attempt.task, name: entry.key)
        return sum + entry.value - (history.state.growing[key] ?? 0) - toldBytes(entry.key, attempt)
      }
    }
  }

  /// What of a slot is in the footprint as its worktree.
  private func toldBytes(_ name: String, _ attempt: EngineAttempt) -> Int64 {
    guard name.isEmpty, attempt.place.task.isolation == .worktree else { return 0 }
    return history.state.worktrees[attempt.place.slot]?.bytes ?? 0
  }

  /// Thaws those for which there is room now, and gives one up where nothing else goes on.
  func letStandingGoOn() {
    standing.removeAll { attempts[$0]?.isFrozen != true }
    for task in standing {
      guard let attempt = attempts[task], grant(attempt.grown, to: task) else {
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
