/// The fold of a run's facts: everything a reader shows, and nothing that the log does not say.
///
/// Folding the same facts gives the same value, whoever folds; a fact with a number that was folded
/// before changes nothing.
package struct RunState: Sendable, Equatable {
  package private(set) var opened: Fact.RunOpened?
  package private(set) var graph = TaskGraph(name: "")
  package private(set) var links = TaskGraph(name: "").links()
  package private(set) var fingerprints: [String] = []
  /// One row a task of `graph`.
  package private(set) var tasks: [TaskStatus] = []
  package private(set) var counts = TaskCounts()
  package private(set) var isHeld = false
  package private(set) var closed: Fact.RunClosed?
  package private(set) var reuse = ReuseMeter()
  /// Allocated bytes of every artifact that lies in the workspace.
  package private(set) var artifacts = ArtifactTable<Artifact>()
  /// Bytes of what running attempts have written beyond their plan, as they were measured last; they
  /// count as footprint until the artifact is sealed or the attempt ends.
  package private(set) var growing = ArtifactTable<Int64>()
  /// Those of which the spill file system has a copy, whether or not they lie in the workspace too.
  package private(set) var spilled = ArtifactTable<Artifact>()
  /// Those that lie compressed in the workspace, and not as a whole.
  package private(set) var compressed = ArtifactTable<Compressed>()
  /// Allocated bytes of those that are gone, as they were when they were sealed.
  package private(set) var dropped = ArtifactTable<Int64>()
  /// Allocated bytes of those that are gone and that nobody has let go of; a resume makes them again
  /// where they are what its run was for.
  package private(set) var lost = ArtifactTable<Int64>()
  /// Those that a borrower changes now, and is to give back.
  package private(set) var lent = ArtifactTable<Fact.ArtifactLent>()
  package private(set) var loans = LoanMeter()
  /// What the run follows; nil before the first plan.
  package private(set) var plan: Fact.PlanAdopted?
  /// Worktrees that lie in the workspace, by slot.
  package private(set) var worktrees: [Int: Fact.SlotKept] = [:]
  /// Where worktrees are merged; nil in a run without any.
  package private(set) var branch: Branch?
  package private(set) var autonomy = AutonomyMeter()
  package private(set) var sequence = 0
  package private(set) var session = 0
  package private(set) var elapsedSeconds = 0.0
  /// Wall time of the first and the newest fact, nanoseconds since 1970.
  package private(set) var startWallTime: Int64 = 0
  package private(set) var wallTime: Int64 = 0
  /// Facts of kinds that this Cairn does not know.
  package private(set) var unknownFacts = 0

  package init() {}

  package struct ArtifactKey: Sendable, Hashable {
    package var task: TaskID
    package var name: String

    package init(task: TaskID, name: String) {
      self.task = task
      self.name = name
    }
  }

  package struct Artifact: Sendable, Equatable, Codable {
    package var bytes: Int64
    package var files: Int
    package var digest: String
    package var attempt: Int

    package init(_ fact: Fact.ArtifactSealed) {
      (bytes, files, digest) = (fact.bytes, fact.files, fact.digest)
      attempt = fact.attempt
    }
  }

  package struct Compressed: Sendable, Equatable, Codable {
    /// What it is when it is expanded.
    package var whole: Artifact
    /// Allocated by the compressed form.
    package var bytes: Int64
  }

  /// An artifact of the run, in whatever form it lies somewhere; nil if it is gone.
  package func known(_ key: ArtifactKey) -> Artifact? {
    artifacts[key] ?? compressed[key]?.whole ?? spilled[key]
  }
}

extension RunState {
  @inlinable package subscript(task: TaskID) -> TaskStatus { tasks[task.index] }

  /// Without a copy of all that is known of the task.
  @inlinable package func state(of task: TaskID) -> TaskState { tasks[task.index].state }

  /// The run's number in its project; 0 before `run.opened`.
  package var run: Int { opened?.run ?? 0 }
  package var footprintBytes: Int64 { reuse.footprintBytes }
  package var peakBytes: Int64 { reuse.peakBytes }

  /// Tasks that count: all but tombstones.
  package var taskCount: Int { counts.total }

  /// Share of tasks that are done, 0 to 1; nil for an empty graph.
  package var doneShare: Double? {
    taskCount == 0 ? nil : Double(counts[.done]) / Double(taskCount)
  }

  /// Folds one fact.
  ///
  /// - Complexity: O(1) for all kinds but those that bring a graph.
  package mutating func apply(_ fact: Fact) {
    guard fact.sequence > sequence else { return }
    sequence = fact.sequence
    session = fact.session
    autonomy.pass(from: elapsedSeconds, to: fact.elapsedSeconds, counts, isHeld: isHeld)
    elapsedSeconds = max(elapsedSeconds, fact.elapsedSeconds)
    wallTime = fact.wallTime
    if startWallTime == 0 { startWallTime = fact.wallTime }
    switch fact.kind {
    case .runOpened(let opened): open(opened)
    case .graphDefined(let defined): define(defined)
    case .graphChanged(let change): self.change(change)
    case .taskAdmitted, .attemptStarted, .verifyEnded, .taskState: applyToTask(fact)
    case .attemptEnded(let ended):
      applyToTask(fact)
      for bytes in growing.removeAll(of: ended.task) { reuse.free(bytes) }
    case .artifactSealed(let sealed): seal(sealed)
    case .artifactGrew(let grown): grow(grown)
    case .artifactDropped(let gone):
      remove(gone)
      letGo(gone)
    case .artifactLost(let gone): lose(gone)
    case .artifactLent(let loan): lend(loan)
    case .artifactReturned(let back):
      endLoan(ArtifactKey(task: back.task, name: back.artifact), isExact: true)
    case .artifactCompressed(let fact): compress(fact)
    case .artifactExpanded(let back): expand(back)
    case .artifactSpilled(let gone): spill(gone)
    case .artifactRestored(let back): restore(back)
    case .planAdopted(let plan): self.plan = plan
    case .branchOpened(let opened): branch = Branch(opened)
    case .branchMerged(let merged): branch?.merge(merged)
    case .slotReleased(let slot): reuse.release(scratch: slot.askedBytes)
    case .slotLeased(let slot): reuse.find(max(0, slot.keptBytes ?? 0))
    case .slotKept(let kept): keep(kept)
    case .requestMade(let made): charge(made)
    case .runHeld: isHeld = true
    case .runContinued: isHeld = false
    case .runClosed(let ending): closed = ending
    case .notice(let notice): autonomy.note(notice)
    case .artifactExported, .requestRefused: break
    case .unknown: unknownFacts += 1
    }
  }

  private mutating func open(_ fact: Fact.RunOpened) {
    opened = fact
    closed = nil
    isHeld = fact.config.startsHeld
  }

  private mutating func define(_ fact: Fact.GraphDefined) {
    graph = fact.graph
    links = graph.links()
    fingerprints = fact.fingerprints
    tasks = Array(repeating: TaskStatus(), count: graph.tasks.count)
    counts = TaskCounts()
    counts[.blocked] = graph.tasks.count { !$0.isRemoved }
  }

  private mutating func change(_ fact: Fact.GraphChanged) {
    for task in fact.removed where !graph.tasks[task.index].isRemoved {
      counts[tasks[task.index].state] -= 1
    }
    graph.apply(fact)
    links = graph.links()
    fingerprints = fact.fingerprints
    let added = graph.tasks.count - tasks.count
    tasks += (0..<added).map { _ in TaskStatus() }
    counts[.blocked] += added
  }

  private mutating func seal(_ fact: Fact.ArtifactSealed) {
    guard tasks.indices.contains(fact.task.index) else { return }
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    if let old = artifacts[key] { reuse.free(old.bytes) }
    forgetCompressed(key)
    spilled[key] = nil
    dropped[key] = nil
    lost[key] = nil
    artifacts[key] = Artifact(fact)
    reuse.grow(to: fact.bytes, from: growing[key] ?? 0)
    growing[key] = nil
  }

  private mutating func grow(_ fact: Fact.ArtifactReference) {
    guard tasks.indices.contains(fact.task.index) else { return }
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    reuse.grow(to: fact.bytes, from: growing[key] ?? 0)
    growing[key] = fact.bytes
  }

  private mutating func spill(_ fact: Fact.ArtifactReference) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    guard let old = artifacts[key] else { return }
    artifacts[key] = nil
    spilled[key] = old
    reuse.free(old.bytes)
  }

  /// Both forms lie there for a moment.
  private mutating func compress(_ fact: Fact.ArtifactCompressed) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    guard let whole = artifacts[key], lent[key] == nil else { return }
    artifacts[key] = nil
    compressed[key] = Compressed(whole: whole, bytes: fact.bytes)
    reuse.grow(fact.bytes)
    reuse.free(whole.bytes)
  }

  private mutating func expand(_ fact: Fact.ArtifactReference) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    guard let old = compressed[key] else { return }
    artifacts[key] = old.whole
    reuse.grow(old.whole.bytes)
    forgetCompressed(key)
  }

  private mutating func forgetCompressed(_ key: ArtifactKey) {
    guard let old = compressed[key] else { return }
    compressed[key] = nil
    reuse.free(old.bytes)
  }

  /// The copy stays on the spill file system: it may be asked for again.
  private mutating func restore(_ fact: Fact.ArtifactReference) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    guard let old = spilled[key], artifacts[key] == nil, compressed[key] == nil else { return }
    artifacts[key] = old
    reuse.grow(old.bytes)
  }

  private mutating func loseCopy(_ fact: Fact.ArtifactReference) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    guard let copy = spilled[key] else { return }
    spilled[key] = nil
    dropped[key] = copy.bytes
  }

  private mutating func lose(_ fact: Fact.ArtifactReference) {
    guard tasks.indices.contains(fact.task.index) else { return }
    loseCopy(fact)
    remove(fact)
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    lost[key] = fact.bytes
    autonomy.lose(artifactOf: fact.task)
    endLoan(key, isExact: false)
  }

  /// What is deleted while it is lent was not given back.
  private mutating func letGo(_ fact: Fact.ArtifactReference) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    lost[key] = nil
    endLoan(key, isExact: false)
  }

  private mutating func keep(_ fact: Fact.SlotKept) {
    guard !tasks.isEmpty, fact.bytes >= 0 else { return }
    reuse.grow(to: fact.bytes, from: worktrees[fact.slot]?.bytes ?? 0)
    worktrees[fact.slot] = fact.bytes > 0 ? fact : nil
    guard let task = fact.task, !tasks.indices.contains(task.index) else { return }
    worktrees[fact.slot]?.task = nil
  }

  private mutating func remove(_ fact: Fact.ArtifactReference) {
    let key = ArtifactKey(task: fact.task, name: fact.artifact)
    guard let old = artifacts[key] ?? compressed[key]?.whole else { return }
    if artifacts[key] != nil { reuse.free(old.bytes) }
    artifacts[key] = nil
    forgetCompressed(key)
    if spilled[key] == nil { dropped[key] = old.bytes }
  }

  private mutating func lend(_ loan: Fact.ArtifactLent) {
    let key = ArtifactKey(task: loan.task, name: loan.artifact)
    guard artifacts[key] != nil, lent[key] == nil else { return }
    lent[key] = loan
    loans.begin(loan.bytes)
    reuse.lend(loan.bytes)
  }

  private mutating func endLoan(_ key: ArtifactKey, isExact: Bool) {
    guard lent[key] != nil else { return }
    lent[key] = nil
    loans.end(isExact: isExact)
  }

  private mutating func charge(_ fact: Fact.RequestMade) {
    autonomy.charge(fact, at: elapsedSeconds)
    guard fact.actor.kind == .person else { return }
    for task in fact.request.tasks where tasks.indices.contains(task.index) {
      tasks[task.index].charge(fact.request)
    }
  }

  private mutating func applyToTask(_ fact: Fact) {
    guard let task = fact.kind.task, tasks.indices.contains(task.index) else { return }
    let before = tasks[task.index].state
    tasks[task.index].apply(fact)
    let after = tasks[task.index].state
    if before != after { counts.move(from: before, to: after) }
  }
}

extension RunState {
  /// Everything of a state that its graph does not say, to go on folding from.
  ///
  /// The graph stays out: it is by far the larger part, and facts of its own bring it.
  package struct Checkpoint: Sendable, Equatable, Codable {
    package let sequence: Int
    fileprivate let opened: Fact.RunOpened?
    fileprivate let tasks: [TaskStatus]
    fileprivate let counts: TaskCounts
    fileprivate let isHeld: Bool
    fileprivate let closed: Fact.RunClosed?
    fileprivate let reuse: ReuseMeter
    fileprivate let artifacts: ArtifactTable<Artifact>
    fileprivate let session: Int
    fileprivate let elapsedSeconds: Double
    fileprivate let startWallTime: Int64
    fileprivate let wallTime: Int64
    fileprivate let unknownFacts: Int
    /// Missing in checkpoints of journals before plans.
    fileprivate let spilled: ArtifactTable<Artifact>?
    fileprivate let plan: Fact.PlanAdopted?
    /// Missing in checkpoints of journals before `artifact.grew`.
    fileprivate let growing: ArtifactTable<Int64>?
    /// Missing in checkpoints of journals before loans.
    fileprivate let dropped: ArtifactTable<Int64>?
    fileprivate let lent: ArtifactTable<Fact.ArtifactLent>?
    /// Missing in checkpoints of journals before `workspace verify`.
    fileprivate let lost: ArtifactTable<Int64>?
    fileprivate let loans: LoanMeter?
    /// Missing in checkpoints of journals before compression.
    fileprivate let compressed: ArtifactTable<Compressed>?
    /// Missing without worktrees.
    fileprivate let branch: Branch?
    fileprivate let worktrees: [Int: Fact.SlotKept]?
    /// Missing in checkpoints of journals before acts on whole runs weighed.
    fileprivate let autonomy: AutonomyMeter?
  }

  package var checkpoint: Checkpoint {
    Checkpoint(
      sequence: sequence, opened: opened, tasks: tasks, counts: counts, isHeld: isHeld,
      closed: closed, reuse: reuse, artifacts: artifacts, session: session,
      elapsedSeconds: elapsedSeconds, startWallTime: startWallTime, wallTime: wallTime,
      unknownFacts: unknownFacts, spilled: spilled, plan: plan, growing: growing,
      dropped: dropped, lent: lent, lost: lost, loans: loans, compressed: compressed,
      branch: branch, worktrees: worktrees.isEmpty ? nil : worktrees,
      autonomy: autonomy)
  }

  /// The state that a checkpoint was taken of; nil if it is not of this graph.
  ///
  /// `graphFacts` are the facts up to the checkpoint that brought and changed the graph.
  package init?(_ checkpoint: Checkpoint, graphFacts: [Fact]) {
    for fact in graphFacts { apply(fact) }
    guard checkpoint.tasks.count == graph.tasks.count, checkpoint.sequence >= sequence else {
      return nil
    }
    sequence = checkpoint.sequence
    opened = checkpoint.opened
    tasks = checkpoint.tasks
    counts = checkpoint.counts
    isHeld = checkpoint.isHeld
    closed = checkpoint.closed
    reuse = checkpoint.reuse
    artifacts = checkpoint.artifacts
    session = checkpoint.session
    elapsedSeconds = checkpoint.elapsedSeconds
    startWallTime = checkpoint.startWallTime
    wallTime = checkpoint.wallTime
    unknownFacts = checkpoint.unknownFacts
    spilled = checkpoint.spilled ?? ArtifactTable()
    plan = checkpoint.plan
    growing = checkpoint.growing ?? ArtifactTable()
    dropped = checkpoint.dropped ?? ArtifactTable()
    lent = checkpoint.lent ?? ArtifactTable()
    lost = checkpoint.lost ?? ArtifactTable()
    loans = checkpoint.loans ?? LoanMeter()
    compressed = checkpoint.compressed ?? ArtifactTable()
    branch = checkpoint.branch
    worktrees = checkpoint.worktrees ?? [:]
    autonomy = checkpoint.autonomy ?? AutonomyMeter(approximating: tasks)
  }
}
