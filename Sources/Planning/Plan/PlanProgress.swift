import Model

/// How far a plan has been carried out, and what of it may begin now.
///
/// Joins the safe state, which knows steps and bytes, with the tasks of a schedule and with what lies
/// on the disk: an artifact that nobody needs any more is dropped at once, or when its bytes are
/// needed, and counts until it is gone.
struct PlanProgress: Sendable {
  let plan: Plan
  var safe: SafeState
  /// By step: predecessors that have not ended.
  var openBefore: [Int32]
  /// By task: the step that its next or present attempt carries out; -1 if the plan has none.
  var next: [Int32]
  /// Artifacts of tasks that run several times.
  let madeAgain: Set<RunState.ArtifactKey>
  /// All stays of an artifact, where it is spilled or made again.
  let stays: [RunState.ArtifactKey: [Int]]
  /// What a recompute makes beside what is wanted came out larger than the plan has it.
  var isOutdated = false
  /// By step: the later run of the same task.
  var later: [Int32: Int32] = [:]
  /// Spills, restores and recomputes that have not begun.
  var moves: [Int32] = []
  var unneeded: Unneeded
  /// Of worktrees that nobody works in: they lie there, and can go.
  var keptBytes: Int64 = 0
  /// Bytes that were missing at the last look, with all gone that the plan can let go.
  private var missing: Int64 = 0
  /// What running attempts were given for artifacts that the plan counts as scratch.
  var scratch: [RunState.ArtifactKey: Int64] = [:]
  /// What attempts have sealed that have not ended.
  var made: [RunState.ArtifactKey: Int64] = [:]

  /// Begins where the plan does: everything open in it waits, but for tasks that run already.
  init(
    _ plan: Plan, budgetBytes: Int64, running: [TaskID] = [], dropsEagerly: Bool
  ) {
    self.plan = plan
    let dropsEagerly = dropsEagerly || plan.hasEvictions
    unneeded = Unneeded(dropsEagerly: dropsEagerly)
    let flow = plan.moves.flow
    safe = SafeState(flow, order: plan.reference, budgetBytes: budgetBytes)
    // A plan that was made for more room, or for none at all, is safe along its moves if anywhere.
    if !safe.isSafe { safe = SafeState(flow, order: plan.moves.order, budgetBytes: budgetBytes) }
    madeAgain = plan.hasEvictions ? Set(plan.graph.keys) : []
    stays =
      plan.hasEvictions
      ? Dictionary(grouping: plan.moves.stays.indices) { plan.key(ofStay: $0) } : [:]
    openBefore = (0..<flow.count).map { Int32(flow.predecessors.count($0)) }
    next = Array(repeating: -1, count: plan.graph.steps.count)
    noteRuns(severalTimes: dropsEagerly)
    begin(running)
    for artifact in plan.graph.surplus {
      if artifact.isOld {
        unneeded.addOld(artifact.key, artifact.bytes)
      } else {
        unneeded.add(artifact.key, artifact.bytes)
      }
    }
    for task in running { unneeded.begin(task) }
  }

  private mutating func noteRuns(severalTimes: Bool) {
    var last: [TaskID: Int32] = [:]
    for step in plan.moves.moves.indices {
      guard let task = plan.task(step) else {
        if plan.storeMove(step) != nil { moves.append(Int32(step)) }
        continue
      }
      if next[task.index] < 0 {
        next[task.index] = Int32(step)
      } else {
        if let before = last[task] { later[before] = Int32(step) }
        moves.append(Int32(step))
      }
      if severalTimes { last[task] = Int32(step) }
    }
  }

  /// The source is there before anything begins; what runs goes on.
  private mutating func begin(_ running: [TaskID]) {
    if case .run(let base)? = plan.moves.moves.first, plan.graph.roles[Int(base)] == .source {
      safe.force([0])
      finish(0)
    }
    let steps = running.map { Int(next[$0.index]) }.filter { $0 >= 0 }
    if !steps.isEmpty { safe.force(steps) }
  }
}

extension PlanProgress {
  /// How soon a task should start, in the plan's eyes; more is sooner.
  func urgency(of task: TaskID) -> Double? {
    let step = next[task.index]
    return step < 0 ? nil : -Double(plan.rank[Int(step)])
  }

  /// Lets the next attempt of a task start if that is safe and there is room on the disk.
  ///
  /// What lies there unneeded is asked to go where it stands in the way; the task may start once it
  /// has gone.
  ///
  /// `keptBytes` is what the task finds in its slot, of what it is given.
  mutating func start(_ task: TaskID, keptBytes: Int64 = 0) -> Bool {
    guard next[task.index] >= 0, !unneeded.isDropping(of: task),
      start(step: Int(next[task.index]), keptBytes: keptBytes)
    else { return false }
    unneeded.begin(task)
    use(keptBytes, ofSlotOf: task)
    return true
  }

  mutating func start(step: Int, keptBytes: Int64 = 0) -> Bool {
    guard openBefore[step] == 0, safe.stages[step] == .waiting else { return false }
    let missing = lackingBytes(safe.startBytes(step) - keptBytes)
    guard missing > 0, canMakeRoom else { return safe.start(step) }
    if safe.allows(step) { makeRoom(missing) }
    return false
  }

  /// A slot may hold more than was thought before its task has begun.
  private mutating func use(_ bytes: Int64, ofSlotOf task: TaskID) {
    let key = RunState.ArtifactKey(task: task, name: "")
    let known = scratchBytes(key)
    guard bytes > known else { return }
    safe.useScratch(bytes - known, of: Int(next[task.index]))
    scratch[key] = bytes
  }

  /// Whether something lies there that the plan does not need.
  var canMakeRoom: Bool { unneeded.bytes > 0 || keptBytes > 0 }

  mutating func makeRoom(_ bytes: Int64) {
    unneeded.makeRoom(bytes)
    missing = max(missing, bytes - unneeded.leavingBytes)
  }

  /// Returns the bytes that were missing since the last call, and that worktrees have to make room for.
  mutating func takeMissing() -> Int64 {
    defer { missing = 0 }
    return missing
  }

  /// Bytes that are missing in the workspace to hold so many more; negative where some are left.
  func lackingBytes(_ bytes: Int64) -> Int64 {
    safe.usedBytes + unneeded.bytes + keptBytes + bytes - safe.budgetBytes
  }

  var hasDropped: Bool { unneeded.hasDropped }

  /// Returns the artifacts that should be deleted since the last call.
  mutating func takeDropped() -> [RunState.ArtifactKey] { unneeded.takeDropped() }

  /// Somebody else deletes an artifact: until it is gone its bytes count.
  mutating func leaves(_ key: RunState.ArtifactKey, _ bytes: Int64) { unneeded.leaves(key, bytes) }

  /// An artifact is gone from the disk, or stays though it should go, and counts on.
  mutating func gone(_ key: RunState.ArtifactKey, isDeleted: Bool) {
    unneeded.gone(key, isDeleted: isDeleted)
  }

  /// Whether something is on its way out.
  var isDropping: Bool { unneeded.isDropping }

  /// An attempt of a task ended well; what it made has the sizes told before by `resize`.
  mutating func finish(_ task: TaskID) {
    let step = next[task.index]
    guard step >= 0, safe.stages[Int(step)] == .running else { return }
    finish(Int(step))
    next[task.index] = later[step] ?? -1
    forgetScratch(of: task)
    for key in made.keys where key.task == task { made[key] = nil }
  }

  mutating func finish(_ step: Int) {
    let free = safe.finish(step)
    closeSuccessors(of: step)
    // What a spill, a compress or an expand takes has left the workspace with it.
    let isMove = plan.storeMove(step) != nil
    retire(isMove ? free.filter { plan.moves.flow.producer[$0] == step } : free)
  }

  private mutating func retire(_ stays: [Int]) {
    for stay in stays { unneeded.add(plan.key(ofStay: stay), safe.bytes[stay]) }
  }

  private mutating func closeSuccessors(of step: Int) {
    for successor in plan.moves.flow.successors[step] { openBefore[Int(successor)] -= 1 }
  }

  /// A failed attempt will be tried again.
  mutating func retry(_ task: TaskID) {
    let step = next[task.index]
    guard step >= 0, safe.stages[Int(step)] == .running else { return }
    safe.fail(Int(step))
    forgetScratch(of: task)
    failed(task)
  }

  /// What a failed attempt made is old when the next one begins.
  private mutating func failed(_ task: TaskID) {
    unneeded.fail(task)
    let keys = made.keys.filter { $0.task == task }.sorted { $0.name < $1.name }
    for key in keys { unneeded.addOld(key, made.removeValue(forKey: key) ?? 0) }
  }

  private mutating func forgetScratch(of task: TaskID) {
    if !scratch.isEmpty { scratch = scratch.filter { $0.key.task != task } }
  }

  /// Tasks that will not run any more; their inputs stay for a retry while the rest fits.
  mutating func leave(_ tasks: [TaskID]) {
    var steps: [Int] = []
    for task in tasks {
      var step = next[task.index]
      while step >= 0 {
        if safe.stages[Int(step)] != .finished, safe.stages[Int(step)] != .left {
          steps.append(Int(step))
        }
        step = later[step] ?? -1
      }
      next[task.index] = -1
      forgetScratch(of: task)
      failed(task)
    }
    guard !steps.isEmpty else { return }
    steps += orphans(of: steps)
    moves.removeAll { [steps = Set(steps)] in steps.contains(Int($0)) }
    let released = safe.leave(steps, keepsInputs: true)
    for step in steps { closeSuccessors(of: step) }
    retire(released)
  }

  /// Puts tasks and all that comes behind them at the end of the order, if that fits.
  ///
  /// - Complexity: O(steps + edges).
  mutating func postpone(_ tasks: [TaskID]) {
    let flow = plan.moves.flow
    var isLate = Array(repeating: false, count: flow.count)
    for task in tasks where next[task.index] >= 0 { isLate[Int(next[task.index])] = true }
    for step in safe.order.lazy.map({ Int($0) }) where !isLate[step] {
      isLate[step] = flow.predecessors[step].contains { isLate[Int($0)] }
    }
    let order = safe.order.filter { !isLate[Int($0)] } + safe.order.filter { isLate[Int($0)] }
    _ = safe.adopt(order, budgetBytes: safe.budgetBytes)
  }

  /// The next task of the plan and the bytes that it lacks; nil if it lacks none.
  func lack() -> (task: TaskID, bytes: Int64)? {
    for step in safe.order.lazy.map({ Int($0) }) where safe.stages[step] == .waiting {
      guard let task = plan.task(step) else { continue }
      let excess = max(
        lackingBytes(safe.startBytes(step)), safe.restPeakBytes - safe.budgetBytes)
      return excess > 0 ? (task, excess) : nil
    }
    return nil
  }

  /// Tasks of the steps that wait, in the order that is followed.
  var tasks: [TaskID] { safe.order.compactMap { plan.task(Int($0)) } }

  /// Whether the plan has no step left for one of the tasks.
  func lacks(_ tasks: [TaskID]) -> Bool { tasks.contains { next[$0.index] < 0 } }

  /// Whether the rest of the plan still fits.
  var isSafe: Bool { safe.isSafe }

  /// Tasks whose turn has come in the plan, in its sequence.
  mutating func upcoming(_ limit: Int) -> [TaskID] {
    safe.upcoming(limit).compactMap { step in
      openBefore[step] == 0 ? plan.task(step) : nil
    }
  }
}
