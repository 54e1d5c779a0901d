import Model

// What the plan does with artifacts; deleting takes no time.
extension Simulation {
  /// Returns whether something was dropped, so that there may be room now.
  @discardableResult mutating func keepToPlan() -> Bool {
    guard schedule.plan != nil else { return false }
    if schedule.isPlanDue { replan() }
    for move in schedule.takeStoreMoves() { add(.moved(move), in: transferSeconds(move)) }
    announceChanges()
    let dropped = schedule.takeDropped()
    for key in dropped {
      if let artifact = history.state.known(key) {
        record(
          .artifactDropped(
            Fact.ArtifactReference(task: key.task, artifact: key.name, bytes: artifact.bytes)))
      }
      schedule.gone(key)
    }
    return !dropped.isEmpty
  }

  mutating func moved(_ move: StoreMove) {
    let key = move.key
    let reference = Fact.ArtifactReference(
      task: key.task, artifact: key.name, bytes: history.state.known(key)?.bytes ?? 0)
    var bytes = reference.bytes
    switch move {
    case .spill: record(.artifactSpilled(reference))
    case .restore: record(.artifactRestored(reference))
    case .compress(_, let room):
      bytes = room
      record(
        .artifactCompressed(
          Fact.ArtifactCompressed(
            task: key.task, artifact: key.name, bytes: room, wholeBytes: reference.bytes)))
    case .expand: record(.artifactExpanded(reference))
    }
    schedule.moved(move, bytes: bytes)
  }

  /// Bytes a second to and from the spill file system.
  private static let spillBytesPerSecond = 200e6

  private func transferSeconds(_ move: StoreMove) -> Double {
    let bytesPerSecond =
      switch move {
      case .spill, .restore: Self.spillBytesPerSecond
      case .compress: CompressionPace.compressedPerSecond
      case .expand: CompressionPace.expandedPerSecond
      }
    return Double(history.state.known(move.key)?.bytes ?? 0) / bytesPerSecond
  }

  private mutating func replan() {
    guard let budget = config.workspace else { return }
    do throws(Planner.Infeasible) {
      guard let plan = try schedule.replan(budget) else { return }
      record(.planAdopted(Fact.PlanAdopted(plan)))
    } catch {
      record(
        .notice(
          Fact.Notice(
            .planInfeasible, "what is left needs \(ByteText.words(error.neededBytes)) of workspace",
            task: error.task)))
    }
  }
}
