import Model

/// How far a plan has been carried out, and what of it may begin now.
///
/// Joins the safe state, which knows steps and bytes, with the tasks of a schedule and with what lies
/// on the disk: an artifact that nobody needs any more is dropped at once, or when its bytes are
/// needed, and counts until it is gone.
struct PlanProgress: Sendable {
  let plan: Plan
  private(set) var safe: SafeState
  /// By step: predecessors that have not ended.
  private var openBefore: [Int32]
  /// By task: the step that its next or present attempt carries out; -1 if the plan has none.
  private var next: [Int32]
  /// Artifacts of tasks that run several times.
  private let madeAgain: Set<RunState.ArtifactKey>
  /// All stays of an artifact, where it is spilled or made again.
  private let stays: [RunState.ArtifactKey: [Int]]
  /// What a recompute makes beside what is wanted came out larger than the plan has it.
  private(set) var isOutdated = false
  /// By step: the later run of the same task.
  private var later: [Int32: Int32] = [:]
  /// Spills, restores and recomputes that have not begun.
  private var moves: [Int32] = []
  private var unneeded: Unneeded
  /// Of worktrees that nobody works in: they lie there, and can go.
  var keptBytes: Int64 = 0
  /// Bytes that were missing at the last look, with all gone that the plan can let go.
  private var missing: Int64 = 0
  /// What running attempts were given for artifacts that the plan counts as scratch.
  private var scratch: [RunState.ArtifactKey: Int64] = [:]
  /// What attempts have sealed that have not ended.
  private var made: [RunState.ArtifactKey: Int64] = [:]

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

  private mutating func start(step: Int, keptBytes: Int64 = 0) -> Bool {
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
  private var canMakeRoom: Bool { unneeded.bytes > 0 || keptBytes > 0 }

  private mutating func makeRoom(_ bytes: Int64) {
    unneeded.makeRoom(bytes)
    missing = max(missing, bytes - unneeded.leavingBytes)
  }

  /// Returns the bytes that were missing since the last call, and that worktrees have to make room for.
  mutating func takeMissing() -> Int64 {
    defer { missing = 0 }
    return missing
  }

  /// Bytes that are missing in the workspace to hold so many more; negative where some are left.
  private func lackingBytes(_ bytes: Int64) -> Int64 {
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

  private mutating func finish(_ step: Int) {
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

  /// Evictions of what will not be made any more, or comes back for nobody; what brings back what will
  /// not be away; and those that nobody waits for.
  private func orphans(of steps: [Int]) -> [Int] {
    var all: [Int] = []
    // That nobody expands it is known only behind its compress.
    while true {
      let more = orphans(of: steps + all, but: Set(all))
      if more.isEmpty { return all }
      all += more
    }
  }

  private func orphans(of steps: [Int], but known: Set<Int>) -> [Int] {
    let flow = plan.moves.flow
    var left = Set(steps)
    func isGone(_ step: Int32) -> Bool {
      left.contains(Int(step)) || safe.stages[Int(step)] == .left
    }
    var orphans: [Int] = []
    for step in moves.lazy.map({ Int($0) })
    where plan.storeMove(step) != nil && !known.contains(step) {
      let hasSource = flow.inputs[step].allSatisfy { !isGone(flow.producer[Int($0)]) }
      let hasCopy = flow.predecessors[step].allSatisfy {
        plan.storeMove(Int($0)) == nil || !isGone($0)
      }
      let isWanted =
        plan.storeMove(step)?.isSpill == true
        || flow.outputs[step].contains { !flow.consumers[Int($0)].allSatisfy(isGone) }
      if hasSource, hasCopy, isWanted { continue }
      orphans.append(step)
      left.insert(step)
    }
    return orphans
  }

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
  private func stay(of key: RunState.ArtifactKey) -> Int? {
    let step = next[key.task.index]
    guard step >= 0 else { return nil }
    return plan.moves.flow.outputs[Int(step)].lazy.map { Int($0) }
      .first { plan.key(ofStay: $0) == key }
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
  private func scratchBytes(_ key: RunState.ArtifactKey) -> Int64 {
    scratch[key] ?? plan.graph.unread[key] ?? 0
  }

  /// The next attempt of a task is expected to make an artifact of this size.
  mutating func expect(_ key: RunState.ArtifactKey, bytes: Int64) {
    if let stay = stay(of: key) { safe.resize(stay, to: bytes) }
  }

  /// Whether the rest of the plan still fits.
  var isSafe: Bool { safe.isSafe }

  /// Tasks whose turn has come in the plan, in its sequence.
  mutating func upcoming(_ limit: Int) -> [TaskID] {
    safe.upcoming(limit).compactMap { step in
      openBefore[step] == 0 ? plan.task(step) : nil
    }
  }

  /// Returns what has to be moved or made again now, because its turn has come.
  ///
  /// What only fills the workspace begins when it is among the next `window` steps; what makes room
  /// begins as soon as it can.
  mutating func takeMoves(window: Int) -> (store: [StoreMove], recomputes: [TaskID]) {
    guard !moves.isEmpty else { return ([], []) }
    let near = Set(safe.upcoming(window))
    var store: [StoreMove] = []
    var recomputes: [TaskID] = []
    var waiting: [Int32] = []
    for element in moves {
      let step = Int(element)
      let isDue = openBefore[step] == 0
      if let move = plan.storeMove(step) {
        let isTimely = move.isEviction || near.contains(step) && !isThere(move.key)
        if isDue, isTimely, start(step: step) {
          store.append(granted(move, step))
          continue
        }
      } else if isDue, near.contains(step), let task = plan.task(step), next[task.index] == element
      {
        recomputes.append(task)
        continue
      }
      waiting.append(element)
    }
    moves = waiting
    return (store, recomputes)
  }

  /// Whether an artifact lies in the workspace, is on its way there or has not gone yet: nothing is
  /// brought back before.
  private func isThere(_ key: RunState.ArtifactKey) -> Bool {
    unneeded.holds(key)
      || stays[key, default: []].contains { stay in
        !plan.isCompressed(stay: stay)
          && (safe.isLive(stay) || safe.stages[Int(plan.moves.flow.producer[stay])] == .running)
      }
  }

  /// With the room that its compressed form has now.
  private func granted(_ move: StoreMove, _ step: Int) -> StoreMove {
    guard case .compress(let key, _) = move, let form = plan.moves.flow.outputs[step].first else {
      return move
    }
    return .compress(key, within: safe.bytes[Int(form)])
  }

  /// A move of the store has been carried out; what it made has so many bytes.
  mutating func finish(_ move: StoreMove, bytes: Int64) {
    let step = plan.moves.moves.indices.first { step in
      safe.stages[step] == .running && plan.storeMove(step)?.isLike(move) == true
    }
    guard let step else { return }
    if case .compress = move, let form = plan.moves.flow.outputs[step].first {
      safe.resize(Int(form), to: max(1, bytes))
    }
    finish(step)
  }
}
