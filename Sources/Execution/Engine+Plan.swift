import Model
package import Planning

// What a plan asks of the workspace: drops, spills, compressions, the ways back, recomputes, and a new
// plan where the old one has come to nothing.
extension Engine {
  /// Follows a plan from the beginning of the session; called before `run()`.
  ///
  /// - Parameters:
  ///   - plan: Of all that is open in `opening.schedule`.
  ///   - subject: What it was made of.
  package func follow(_ plan: Plan, of subject: PlanGraph.Subject) {
    precondition(!isLive, "a session begins with its plan")
    guard let budget = config.workspace else { return }
    // What makes nothing now may be followed by what does, as when a task that was barred may run.
    if graph.tasks.contains(where: { !$0.outputs.isEmpty || $0.isolation == .worktree }) {
      schedule.follow(
        plan, of: subject, budgetBytes: budget.bytes, dropsEagerly: !budget.isDefault)
    }
    firstPlan = plan
    spilledUnsaid = subject.spilled.keys.filter { subject.lying[$0] == nil }
    for key in subject.compressed.keys where history.state.artifacts[key] != nil {
      compressedUnsaid[key] = subject.compressed[key]?.bytes
    }
  }

  /// Says what a death between a spill, or a compression, and its fact left unsaid.
  func tellMoved() {
    for key in compressedUnsaid.keys {
      tellCompressed(key, bytes: compressedUnsaid[key] ?? 0)
    }
    compressedUnsaid = ArtifactTable()
    for key in spilledUnsaid {
      guard let artifact = history.state.artifacts[key] else { continue }
      record(
        .artifactSpilled(
          Fact.ArtifactReference(
            task: key.task, artifact: key.name, bytes: artifact.bytes,
            digest: history.digests[key])))
    }
    spilledUnsaid = []
  }

  private func tellCompressed(_ key: RunState.ArtifactKey, bytes: Int64) {
    record(
      .artifactCompressed(
        Fact.ArtifactCompressed(
          task: key.task, artifact: key.name, bytes: bytes,
          wholeBytes: history.state.known(key)?.bytes ?? 0, digest: history.digests[key])))
  }

  /// Carries out what the plan says about artifacts.
  func keepToPlan() {
    guard schedule.plan != nil else { return }
    search()
    for move in schedule.takeStoreMoves() { carryOut(move) }
    announce()
    for key in schedule.takeDropped() { drop(key) }
    for slot in schedule.takeCooled() { cool(slot) }
  }

  private func carryOut(_ move: StoreMove) {
    let key = move.key
    let task = graph[key.task]
    let digest = history.digests[key] ?? ""
    let known = history.state.known(key)
    effects.append(
      .job(lane: key.task.index) { [artifacts, weak self] in
        let result = Result { () throws(WorkspaceProblem) in
          try Patience.carryOut { () throws(WorkspaceProblem) in
            switch move {
            case .spill: try artifacts.spill(task, artifact: key.name, digest: digest)
            case .restore: try artifacts.restore(task, artifact: key.name, digest: digest)
            case .compress(_, let room):
              try artifacts.compress(
                task, artifact: key.name, as: Self.required(known, key), within: room)
            case .expand:
              try artifacts.expand(task, artifact: key.name, as: Self.required(known, key))
            }
          }
        }
        self?.post(.moved(move, result))
      })
  }

  private static func required(
    _ artifact: RunState.Artifact?, _ key: RunState.ArtifactKey
  ) throws(WorkspaceProblem) -> RunState.Artifact {
    if let artifact { return artifact }
    throw WorkspaceProblem("artifact \"\(key.name)\" is not in the journal")
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
      case .compress: tellCompressed(key, bytes: bytes)
      case .expand: record(.artifactExpanded(reference))
      }
      schedule.moved(move, bytes: bytes)
      if !move.isEviction { policy?.arrived(key) }
    case .failure(let problem):
      record(.notice(Fact.Notice(.planStepFailed, problem.description, task: key.task)))
      if !move.isEviction { lose(key) }
      schedule.failed(move)
    }
  }

  /// An artifact that cannot be brought back is made again, with what that takes; what is not
  /// pure may come out otherwise, as when it is lost between two sessions.
  private func lose(_ key: RunState.ArtifactKey) {
    tellLost(key)
    let tasks = [key.task] + producersOfDroppedInputs(of: [key.task]).map(\.producer)
    schedule.reset(
      tasks.sorted(), recomputes: Set(tasks.filter { graph[$0].isRecomputable }),
      note: "its artifact is lost")
  }

  func tellLost(_ key: RunState.ArtifactKey) {
    let bytes = history.state.known(key)?.bytes ?? 0
    record(
      .artifactLost(Fact.ArtifactReference(task: key.task, artifact: key.name, bytes: bytes)))
  }

  /// Has what was found damaged made again, once nobody reads it any more.
  func loseDamaged() {
    let unread = damaged.filter { key in !attempts.keys.contains { graph.takes(key, by: $0) } }
    damaged.subtract(unread)
    // It may have been made again meanwhile; one task may have lost several.
    let gone = unread.filter { schedule[$0.task].state == .done && attempts[$0.task] == nil }
    for key in gone.sorted(by: { ($0.task, $0.name) < ($1.task, $1.name) }) { lose(key) }
  }

  /// Begins the searches for a plan whose time has come, each on a thread of its own.
  private func search() {
    guard let budget = config.workspace else { return }
    while let search = schedule.beginSearch(budget) {
      let lane = search.purpose == .need ? EngineLanes.planning : EngineLanes.improving
      effects.append(
        .job(lane: lane) { [weak self] in self?.post(.planned(search.proposal())) })
    }
  }

  /// Follows what was found, if it still holds.
  ///
  /// Nothing that runs is stopped. Without a plan what can start still does, and at last the run ends
  /// as stalled, with the reason.
  func planned(_ proposal: PlanProposal) {
    guard let budget = config.workspace else { return }
    do throws(Planner.Infeasible) {
      guard let plan = try schedule.adopt(proposal, budget) else { return }
      record(.planAdopted(Fact.PlanAdopted(plan)))
      isUnplanned = false
    } catch {
      // Once is enough: what is too large stays so, and every growth asks again.
      if !isUnplanned { note(error, budget) }
      isUnplanned = true
    }
  }

  private func note(_ problem: Planner.Infeasible, _ budget: WorkspaceBudget) {
    let name = problem.task.map { graph[$0].name }
    record(
      .notice(
        Fact.Notice(
          .planInfeasible,
          "what is left needs \(ByteText.words(problem.neededBytes)) of workspace, the limit is "
            + ByteText.words(budget.bytes) + (name.map { "; \($0) stands in the way" } ?? ""),
          task: problem.task)))
  }
}
