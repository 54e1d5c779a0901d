import Model
package import Planning

// What a plan asks of the workspace: drops, spills, restores, recomputes, and a new plan where the old
// one has come to nothing.
extension Engine {
  /// Follows a plan from the beginning of the session; called before `run()`.
  ///
  /// - Parameters:
  ///   - plan: Of all that is open in `opening.schedule`.
  ///   - subject: What it was made of.
  package func follow(_ plan: Plan, of subject: PlanGraph.Subject) {
    precondition(!isLive, "a session begins with its plan")
    guard let budget = config.workspace else { return }
    if plan.moves.flow.artifactCount > 0 || plan.moves.flow.scratchBytes.contains(where: { $0 > 0 })
    {
      schedule.follow(
        plan, of: subject, budgetBytes: budget.bytes, dropsEagerly: !budget.isDefault)
    }
    firstPlan = plan
  }

  /// Carries out what the plan says about artifacts.
  func keepToPlan() {
    guard schedule.plan != nil else { return }
    if schedule.isPlanDue { replan() }
    for move in schedule.takeStoreMoves() { carryOut(move) }
    announce()
    for key in schedule.takeDropped() { drop(key) }
  }

  private func carryOut(_ move: StoreMove) {
    let key = move.key
    let task = graph[key.task]
    let digest = history.digests[key] ?? ""
    effects.append(
      .job(lane: key.task.index) { [artifacts, weak self] in
        let result = Result { () throws(WorkspaceProblem) in
          try Patience.carryOut { () throws(WorkspaceProblem) in
            switch move {
            case .spill: try artifacts.spill(task, artifact: key.name, digest: digest)
            case .restore: try artifacts.restore(task, artifact: key.name, digest: digest)
            }
          }
        }
        self?.post(.moved(move, result))
      })
  }

  func moved(_ move: StoreMove, _ result: Result<Int64, WorkspaceProblem>) {
    let key = move.key
    switch result {
    case .success(let bytes):
      let reference = Fact.ArtifactReference(
        task: key.task, artifact: key.name, bytes: bytes, digest: history.digests[key])
      switch move {
      case .spill: record(.artifactSpilled(reference))
      case .restore: record(.artifactRestored(reference))
      }
      schedule.moved(move, bytes: bytes)
    case .failure(let problem):
      record(.notice(Fact.Notice(.planStepFailed, problem.description, task: key.task)))
      if case .restore = move { lose(key) }
      schedule.failed(move)
    }
  }

  /// A spilled artifact that cannot be brought back is made again.
  private func lose(_ key: RunState.ArtifactKey) {
    let bytes = history.state.spilled[key]?.bytes ?? 0
    record(
      .artifactLost(Fact.ArtifactReference(task: key.task, artifact: key.name, bytes: bytes)))
    schedule.reset([key.task], recomputes: [key.task], note: "its artifact is lost")
  }

  /// Makes a plan of what is left, and follows it if there is one.
  ///
  /// Nothing that runs is stopped. Without a plan what can start still does, and at last the run ends
  /// as stalled, with the reason.
  private func replan() {
    guard let budget = config.workspace else { return }
    do throws(Planner.Infeasible) {
      record(.planAdopted(Fact.PlanAdopted(try schedule.replan(budget))))
      isUnplanned = false
    } catch {
      // Once is enough: what is too large stays so, and every growth asks again.
      guard !isUnplanned else { return }
      isUnplanned = true
      let name = error.task.map { graph[$0].name }
      record(
        .notice(
          Fact.Notice(
            .planInfeasible,
            "what is left needs \(error.neededBytes) bytes of workspace, the limit is "
              + "\(budget.bytes)" + (name.map { "; \($0) stands in the way" } ?? ""),
            task: error.task)))
    }
  }
}
