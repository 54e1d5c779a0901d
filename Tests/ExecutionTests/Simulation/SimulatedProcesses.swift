import Execution
import Model
import Synchronization

/// Processes of one session: what each does is in the story.
final class SimulatedProcesses: Executor {
  struct Stage: Hashable {
    var task: TaskID
    var attempt: Int
    var isVerification: Bool
  }

  /// How a process ended, and how long it had run without the time in which it was stopped.
  struct End {
    var status: ExitStatus
    var cause: ProcessExit.Cause
    var activeSeconds: Double
  }

  fileprivate struct Process {
    var process: StartedProcess
    var stage: Stage
    var status: ExitStatus
    var ignoresTerm: Bool
    var bytesPerSecond: Double
    var startSeconds: Double
    /// When it ends by itself; nil while it is stopped.
    var endSeconds: Double?
    var remainingSeconds: Double
    var stoppedAt: Double?
    var stoppedSeconds = 0.0
    var isTermPending = false
    var onExit: @Sendable (ProcessExit) -> Void
  }

  private struct Table {
    var living: [Int32: Process] = [:]
    var ends: [Stage: End] = [:]
    var nextPid: Int32 = 2
    var isDead = false
    var starts: [Stage: Int] = [:]
  }

  static let latestExitSeconds = 5.0
  static let hangSeconds = 90.0

  private let story: Story
  private let time: SimulatedTime
  private let table = Mutex(Table())

  /// Makes those of a session; the ends of the session before stay known.
  init(_ story: Story, time: SimulatedTime, earlier: SimulatedProcesses?) {
    self.story = story
    self.time = time
    if let earlier { table.withLock { $0.ends = earlier.table.withLock { $0.ends } } }
  }

  var now: Double { time.seconds }

  var living: [Stage] { table.withLock { $0.living.values.map(\.stage) } }

  var stopped: Set<TaskID> {
    table.withLock { table in
      var stopped: Set<TaskID> = []
      for (_, process) in table.living where process.endSeconds == nil {
        stopped.insert(process.stage.task)
      }
      return stopped
    }
  }

  func end(of stage: Stage) -> End? { table.withLock { $0.ends[stage] } }

  /// Some programs are not there; for some the system has no room at first, for a few it never has.
  private func checkRoom(for stage: Stage) throws(SpawnProblem) {
    let roll = story.dice.roll(.spawn, stage.task.index, stage.attempt, stage.salt)
    guard roll < story.rates.unstartable else { return }
    let share = roll / story.rates.unstartable
    if share < 0.5 { throw SpawnProblem("there is no program run", isPassing: false) }
    let starts = table.withLock { table in
      table.starts[stage, default: 0] += 1
      return table.starts[stage, default: 0]
    }
    guard share > 0.9 || Double(starts) < share * 10 else { return }
    throw SpawnProblem("resource temporarily unavailable", isPassing: true)
  }

  func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess
  {
    let stage = Self.stage(of: launch)
    try checkRoom(for: stage)
    let now = time.seconds
    let seconds = self.seconds(stage)
    let process = table.withLock { table in
      let process = StartedProcess(pid: table.nextPid, startTime: UInt64(table.nextPid))
      // A few numbers only: they come round, as those of the kernel do.
      table.nextPid = table.nextPid >= 40 ? 2 : table.nextPid + 1
      while table.living[table.nextPid] != nil { table.nextPid += 1 }
      table.living[process.pid] = Process(
        process: process, stage: stage, status: status(stage),
        ignoresTerm: chance(.term, stage, story.rates.ignoringTerm),
        bytesPerSecond: chance(.flood, stage, story.rates.flooding) ? 1_000 : 0,
        startSeconds: now, endSeconds: now + seconds, remainingSeconds: seconds, onExit: onExit)
      return process
    }
    arrange(process, until: now + seconds)
    return process
  }

  private static func stage(of launch: Launch) -> Stage {
    func number(_ name: String) -> Int {
      let entry = launch.environment.last { $0.hasPrefix(name) }
      return entry.flatMap { Int($0.dropFirst(name.utf8.count)) } ?? 0
    }
    return Stage(
      task: TaskID(number("CAIRN_TASK=t")), attempt: number("CAIRN_ATTEMPT="),
      isVerification: launch.arguments.last == "verify")
  }

  private func chance(_ what: Dice.Throw, _ stage: Stage, _ share: Double) -> Bool {
    story.dice.roll(what, stage.task.index, stage.attempt, stage.salt) < share
  }

  private func seconds(_ stage: Stage) -> Double {
    let roll = story.dice.roll(.seconds, stage.task.index, stage.attempt, stage.salt)
    if roll < story.rates.hanging { return Self.hangSeconds }
    return (roll * 20).rounded() / 4
  }

  private func status(_ stage: Stage) -> ExitStatus {
    let roll = story.dice.roll(.fate, stage.task.index, stage.attempt, stage.salt)
    if roll < story.rates.failing { return .code(Int32(roll * 1_000) % 3 + 1) }
    return roll > 1 - story.rates.killed ? .signal(11) : .code(0)
  }

  private func cause(_ stage: Stage) -> ProcessExit.Cause {
    let roll = story.dice.roll(.cause, stage.task.index, stage.attempt, stage.salt)
    if roll < story.rates.lost { return .lost }
    return roll > 1 - story.rates.starved ? .outOfMemory : .itself
  }

  private func arrange(_ process: StartedProcess, until seconds: Double) {
    time.wake(at: seconds) { [weak self] in
      guard let self else { return }
      let found = self.table.withLock { table -> Process? in
        guard let found = table.living[process.pid], found.process == process,
          found.endSeconds == seconds
        else { return nil }
        return found
      }
      if let found { self.end(found, found.status) }
    }
  }

  private func end(_ process: Process, _ status: ExitStatus) {
    let now = time.seconds
    let cause = cause(process.stage)
    let stopped = process.stoppedSeconds + (process.stoppedAt.map { now - $0 } ?? 0)
    table.withLock { table in
      table.living[process.process.pid] = nil
      table.ends[process.stage] = End(
        status: status, cause: cause, activeSeconds: now - process.startSeconds - stopped)
    }
    let exit = ProcessExit(
      process: process.process, status: status, cause: cause, usage: Usage(userSeconds: 1))
    let isLate = chance(.late, process.stage, story.rates.lateExits)
    let share = story.dice.roll(.late, process.stage.task.index, process.stage.attempt, 7)
    let late = isLate ? (share * Self.latestExitSeconds * 4).rounded() / 4 : 0
    time.wake(at: now + late) { process.onExit(exit) }
    if chance(.double, process.stage, story.rates.doubleExits) {
      time.wake(at: now + late + share * 4) { process.onExit(exit) }
    }
  }

  func signal(_ process: StartedProcess, _ number: Int32) {
    let now = time.seconds
    let found = table.withLock { table -> Process? in
      guard !table.isDead, var found = table.living[process.pid], found.process == process else {
        return nil
      }
      switch number {
      case 19: found.stop(at: now)
      case 18: found.goOn(at: now)
      case 15: found.isTermPending = !found.ignoresTerm
      default: break
      }
      table.living[process.pid] = found
      return found
    }
    guard let found else { return }
    if number == 9 { return end(found, .signal(9)) }
    if found.isTermPending, found.endSeconds != nil { return end(found, .signal(15)) }
    if number == 18, let seconds = found.endSeconds { arrange(process, until: seconds) }
    if ![9, 15, 18, 19].contains(number) { end(found, .signal(number)) }
  }

  func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample] {
    let now = time.seconds
    return table.withLock { table in
      processes.map { process in
        guard let found = table.living[process.pid] else { return Signals.TaskSample() }
        return Signals.TaskSample(
          residentBytes: 1_000, cpuSeconds: 1, processes: 1,
          outputBytes: Int64((now - found.startSeconds) * found.bytesPerSecond))
      }
    }
  }

  /// Cairn was killed: its processes die with it, and it signals nothing any more.
  func die() {
    table.withLock { table in
      table.living = [:]
      table.isDead = true
    }
  }
}

extension SimulatedProcesses.Stage {
  var salt: Int { isVerification ? 1 : 0 }
}

extension SimulatedProcesses.Process {
  fileprivate mutating func stop(at now: Double) {
    guard let end = endSeconds else { return }
    remainingSeconds = max(0, end - now)
    endSeconds = nil
    stoppedAt = now
  }

  fileprivate mutating func goOn(at now: Double) {
    guard endSeconds == nil, let stoppedAt else { return }
    endSeconds = now + remainingSeconds
    stoppedSeconds += now - stoppedAt
    self.stoppedAt = nil
  }
}
