import Model

// What becomes known of sizes, and what is granted to attempts that outgrow theirs.
extension PlanProgress {
  /// An attempt that is about to end has sealed an artifact of this size.
  mutating func sealed(_ key: RunState.ArtifactKey, bytes: Int64) {
    guard next[key.task.index] >= 0 else { return }
    unneeded.replace(key)
    if let stay = stay(of: key) {
      safe.resize(stay, to: bytes)
      made[key] = bytes
    } else if isFleeting(key) {
      // Nobody takes it, or not what was made again beside what was wanted.
      unneeded.add(key, bytes)
    }
    resizeLater(key, bytes)
  }

  /// It comes back as large as it was made.
  private mutating func resizeLater(_ key: RunState.ArtifactKey, _ bytes: Int64) {
    let flow = plan.moves.flow
    for stay in stays[key] ?? [] where safe.stages[Int(flow.producer[stay])] == .waiting {
      let size = plan.isCompressed(stay: stay) ? compressedBytes(stay, of: key, bytes) : bytes
      if safe.bytes[stay] != size { safe.resize(stay, to: size) }
    }
    guard let again = later[next[key.task.index]] else { return }
    let isWanted = flow.outputs[Int(again)].contains { plan.key(ofStay: Int($0)) == key }
    let planned = stays[key]?.first.map { flow.bytes[$0] } ?? plan.graph.unread[key] ?? 0
    if !isWanted, bytes > planned { isOutdated = true }
  }

  /// What is larger than planned is compressed to more, by the same share.
  private func compressedBytes(_ stay: Int, of key: RunState.ArtifactKey, _ bytes: Int64) -> Int64 {
    let flow = plan.moves.flow
    let whole = plan.graph.flow.bytes[Int(plan.moves.stays[stay])]
    guard whole > 0, bytes != whole else { return flow.bytes[stay] }
    let share = Double(flow.bytes[stay]) / Double(whole)
    return max(1, Int64((Double(bytes) * share).rounded(.up)))
  }

  private func isFleeting(_ key: RunState.ArtifactKey) -> Bool {
    plan.graph.unread[key] != nil || madeAgain.contains(key)
  }

  /// The stay that the next or present attempt of an artifact's task begins; nil if nobody takes it.
  ///
  /// - Complexity: O(outputs of the task).
  func stay(of key: RunState.ArtifactKey) -> Int? {
    let step = next[key.task.index]
    guard step >= 0 else { return nil }
    return plan.moves.flow.outputs[Int(step)].lazy.map { Int($0) }
      .first { plan.key(ofStay: $0) == key }
  }

  /// Lets a running attempt grow beyond what it was given, if there is room on the disk for that now.
  ///
  /// Whether the rest still fits is another question (`isSafe`): the artifact will be as large as it
  /// will be. What lies there unneeded is asked to go where it stands in the way.
  mutating func grow(
    _ key: RunState.ArtifactKey, to bytes: Int64
  ) -> Bool {
    let step = next[key.task.index]
    guard step >= 0, safe.stages[Int(step)] == .running else { return true }
    let stay = stay(of: key)
    let known = stay.map { safe.bytes[$0] } ?? scratchBytes(key)
    guard bytes > known else { return true }
    let missing = lackingBytes(bytes - known)
    guard missing <= 0 else {
      if canMakeRoom { makeRoom(missing) }
      return false
    }
    if let stay {
      safe.resize(stay, to: bytes)
    } else {
      safe.useScratch(bytes - known, of: Int(step))
      scratch[key] = bytes
    }
    return true
  }

  /// What an artifact was given: bytes that it may grow to without asking; nil if it is not planned.
  func grantedBytes(_ key: RunState.ArtifactKey) -> Int64? {
    guard next[key.task.index] >= 0 else { return nil }
    return stay(of: key).map { safe.bytes[$0] } ?? scratchBytes(key)
  }

  /// What is counted for an artifact that nobody takes.
  func scratchBytes(_ key: RunState.ArtifactKey) -> Int64 {
    scratch[key] ?? plan.graph.unread[key] ?? 0
  }

  /// The next attempt of a task is expected to make an artifact of this size.
  mutating func expect(_ key: RunState.ArtifactKey, bytes: Int64) {
    if let stay = stay(of: key) { safe.resize(stay, to: bytes) }
  }
}
