package import Model

// The budget of the workspace: what may start is asked of a plan.
extension Schedule {
  /// Ready tasks that are looked at when a plan decides, before those whose turn the plan has come to.
  static let plannedLookahead = 64

  /// Follows a plan of all that is open now.
  ///
  /// `subject` is what the plan was made of. What runs goes on; what lies in the workspace and nobody
  /// needs is surplus, and goes when room is needed.
  package mutating func follow(
    _ plan: Plan, of subject: PlanGraph.Subject, budgetBytes: Int64, dropsEagerly: Bool
  ) {
    let running = graph.tasks.map(\.id).filter { rows[$0.index].isAdmitted }
    needsPlan = false
    foundNoRoom = false
    self.subject = subject
    progress = PlanProgress(
      plan, budgetBytes: budgetBytes, running: running, dropsEagerly: dropsEagerly)
    noteKept()
    for task in graph.tasks where rows[task.id.index].state == .ready { offer(task.id) }
  }

  /// The plan that is followed; nil without a budget.
  package var plan: Plan? { progress?.plan }

  /// What a new plan has to be made of: what is open now, and what lies in the workspace.
  ///
  /// - Complexity: O(tasks + edges).
  package func planSubject() -> PlanGraph.Subject {
    var subject = subject ?? PlanGraph.Subject(graph)
    subject.standings = rows.indices.map { standing($0) }
    subject.room = options.room
    for task in graph.topologicalOrder(links) where rows[task.index].state == .blocked {
      let isStranded = links.predecessors[task.index].contains { need in
        subject.standings[need.index] == .absent && rows[need.index].settlement == .open
      }
      if isStranded { subject.standings[task.index] = .absent }
    }
    return subject
  }

  private func standing(_ index: Int) -> PlanGraph.Standing {
    let row = rows[index]
    guard row.isSelected, !graph.tasks[index].isRemoved else {
      return row.settlement == .success ? .done : .absent
    }
    if row.isAdmitted { return .open }
    switch row.state {
    case .done: return .done
    case .failed, .skipped, .cancelled: return row.settlement == .failure ? .failed : .absent
    case .held:
      if case .aside = row.hold { return .absent }
      return .open
    default: return .open
    }
  }
}

extension Schedule {
  /// An attempt that is about to end has sealed an artifact of this size.
  ///
  /// `compressedBytes` is what a sample of it promises; nil where none was taken.
  package mutating func sealed(
    _ key: RunState.ArtifactKey, bytes: Int64, compressedBytes: Int64? = nil
  ) {
    subject?.lying[key] = bytes
    subject?.compressed[key] = nil
    if let compressedBytes {
      subject?.compressedShares[key] = Double(compressedBytes) / Double(max(1, bytes))
    }
    subject?.learned[key] = bytes
    subject?.spilled[key] = nil
    progress?.sealed(key, bytes: bytes)
    if let progress, !progress.isSafe || progress.isOutdated { needsPlan = true }
  }

  /// What a running attempt may let an artifact grow to without asking; nil without a plan.
  package func grantedBytes(_ key: RunState.ArtifactKey) -> Int64? { progress?.grantedBytes(key) }

  /// Lets an artifact of a running attempt grow beyond what it was given; false if there is no room
  /// for that now, and the attempt has to stand still or end.
  package mutating func grow(_ key: RunState.ArtifactKey, to bytes: Int64) -> Bool {
    let fits = progress?.grow(key, to: bytes) ?? true
    makeRoom(for: nil)
    guard fits else { return false }
    if bytes > subject?.learned[key] ?? 0 { subject?.learned[key] = bytes }
    if let progress, !progress.isSafe { needsPlan = true }
    return true
  }

  /// The next attempt at an artifact is expected to be larger than was thought.
  package mutating func expect(_ key: RunState.ArtifactKey, bytes: Int64) {
    subject?.learned[key] = bytes
    progress?.expect(key, bytes: bytes)
    if let progress, !progress.isSafe { needsPlan = true }
  }

  /// Of attempts that stand still for want of room, the one to give up so that the others can go on.
  ///
  /// `standing` has the oldest first; the newest is given up. nil while anything else can still end.
  package func victim(standing: [TaskID]) -> TaskID? {
    guard let progress, activeCount == standing.count, storeMoves == 0, !isSearching,
      !progress.isDropping, !slots.isCooling, lent.isEmpty
    else { return nil }
    return standing.last
  }

  /// An artifact has left the workspace, or could not be deleted.
  package mutating func gone(_ key: RunState.ArtifactKey, isDeleted: Bool = true) {
    if isDeleted {
      subject?.lying[key] = nil
      subject?.compressed[key] = nil
    }
    progress?.gone(key, isDeleted: isDeleted)
  }

  /// Somebody deletes an artifact.
  package mutating func leaves(_ key: RunState.ArtifactKey) {
    progress?.leaves(key, subject?.lying[key] ?? subject?.compressed[key]?.bytes ?? 0)
  }

  /// Whether something should leave the workspace that nobody has been told of.
  package var isDropDue: Bool { progress?.hasDropped ?? false || slots.hasCooled }

  /// Returns the artifacts that should leave the workspace since the last call.
  package mutating func takeDropped() -> [RunState.ArtifactKey] { progress?.takeDropped() ?? [] }

  /// Returns what has to be moved out or in now, and begins the recomputes whose turn has come.
  package mutating func takeStoreMoves() -> [StoreMove] {
    guard drainReason == nil, !hasFailedFast, !needsPlan else { return [] }
    let window = 2 * options.jobs
    guard let moves = progress?.takeMoves(window: window, sparing: lent) else { return [] }
    makeRoom(for: nil)
    if !moves.recomputes.isEmpty {
      reset(
        moves.recomputes, recomputes: Set(moves.recomputes),
        note: "made again: its artifact was dropped")
    }
    storeMoves += moves.store.count
    return moves.store
  }

  /// A move of the store has been carried out; what it made has so many bytes.
  package mutating func moved(_ move: StoreMove, bytes: Int64) {
    storeMoves -= 1
    switch move {
    case .spill(let key):
      subject?.lying[key] = nil
      subject?.spilled[key] = bytes
    case .restore(let key): subject?.lying[key] = bytes
    case .compress(let key, _):
      let wholeBytes = subject?.lying[key] ?? bytes
      subject?.compressed[key] = PlanGraph.Compressed(wholeBytes: wholeBytes, bytes: bytes)
      subject?.lying[key] = nil
    case .expand(let key):
      subject?.compressed[key] = nil
      subject?.lying[key] = bytes
    }
    progress?.finish(move, bytes: bytes)
  }

  /// A move of the store could not be carried out; what cannot be compressed is not tried again.
  package mutating func failed(_ move: StoreMove) {
    storeMoves -= 1
    switch move {
    case .spill: break
    case .restore(let key): subject?.spilled[key] = nil
    case .compress(let key, _): subject?.compressedShares[key] = nil
    case .expand(let key): subject?.compressed[key] = nil
    }
    needsPlan = true
  }

  /// Lets the task start as far as the workspace is concerned; takes its room if so.
  mutating func takeRoom(_ task: TaskID) -> Bool {
    guard progress != nil else { return true }
    guard !barred.contains(task) else { return false }
    guard let kept = slots.keptBytes(for: task) else { return false }
    let starts = progress?.start(task, keptBytes: kept) ?? false
    makeRoom(for: task)
    // It may have found more in its slot than the plan gives it.
    if starts, kept > 0, let progress, !progress.isSafe { needsPlan = true }
    return starts
  }

  /// Tells the plan which tasks will not run any more.
  mutating func leavePlan() {
    guard !leaving.isEmpty else { return }
    progress?.leave(leaving)
    leaving = []
  }

  /// Lets everything else go on as far as it can without tasks that a person holds.
  mutating func postpone(_ tasks: [TaskID]) { progress?.postpone(tasks) }

  /// Nothing runs, and what is ready finds no room in the workspace; only a new plan can help.
  package var isOutOfRoom: Bool {
    guard let progress, foundNoRoom, activeCount == 0, storeMoves == 0, lent.isEmpty
    else { return false }
    return !progress.isDropping && !slots.isCooling && !isHeld && drainReason == nil
      && tally[.backoff] == 0
  }

  /// What the next task of the plan lacks, and what to do about it, for people.
  func lackOfRoom() -> String {
    guard let progress, let lack = progress.lack() else {
      return "the workspace is full; `cairn resume --budget SIZE` gives it more room"
    }
    let size = ByteText.typed(atLeast: progress.safe.budgetBytes + lack.bytes)
    return "\(graph[lack.task].name) needs \(ByteText.words(lack.bytes)) more in the workspace; "
      + "`cairn resume --budget \(size)`, or `budget: { workspace: \(size) }` in the file, gives it"
  }
}

// MARK: Worktrees

extension Schedule {
  /// The worktree of a slot has so many bytes now; 0: there is none.
  ///
  /// `task` worked in it last; nil where nobody knows.
  package mutating func keep(_ bytes: Int64, in slot: Int, by task: TaskID?) {
    slots.keep(bytes, in: slot, by: task)
    noteKept()
    for index in subject?.scratchBytes.indices ?? 0..<0 where bytes > 0 {
      guard let known = subject?.scratchBytes[index], known > 0 else { continue }
      subject?.scratchBytes[index] = max(known, bytes)
    }
  }

  /// Returns the slots whose worktrees should be deleted since the last call.
  package mutating func takeCooled() -> [Int] { slots.takeCooled() }

  /// A worktree that should go could not be deleted.
  package mutating func staysWarm(_ slot: Int) { slots.stays(in: slot) }

  /// Tells the plan what lies beside it.
  mutating func noteKept() { progress?.keptBytes = slots.keptBytes }

  /// Lets worktrees go where nothing else makes the room that was just missing.
  private mutating func makeRoom(for task: TaskID?) {
    guard let missing = progress?.takeMissing(), missing > 0 else { return }
    slots.makeRoom(missing, for: task)
  }
}
