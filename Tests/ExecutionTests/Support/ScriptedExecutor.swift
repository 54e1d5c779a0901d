import Execution
import Model
import Synchronization

/// Plays processes on a virtual clock: how long each takes and how it ends is written down before.
final class ScriptedExecutor: Executor {
  struct Play: Sendable {
    var seconds = 1.0
    var status = ExitStatus.code(0)
    var ignoresTerm = false
    var bytesPerSecond: Int64 = 0
    var problem: String?
  }

  private struct Actor {
    var process: StartedProcess
    var name: String
    var play: Play
    var startSeconds: Double
    /// When it ends by itself; nil while it is stopped.
    var endSeconds: Double?
    var remainingSeconds = 0.0
    /// How much of its play it has gone through.
    func ranSeconds(at seconds: Double) -> Double {
      play.seconds - (endSeconds.map { $0 - seconds } ?? remainingSeconds)
    }
    var hasPendingTerm = false
    var onExit: @Sendable (ProcessExit) -> Void
  }

  private struct Stage {
    var plays: [String: [Play]]
    var counts: [String: Int] = [:]
    var actors: [Int32: Actor] = [:]
    var nextPid: Int32 = 100
    var launches: [Launch] = []
    var signals: [String] = []
    var most = 0
  }

  private let clock: VirtualClock
  private let stage: Mutex<Stage>

  /// The plays of each task's attempts in order, the last again and again; `name!` are those of its
  /// verification.
  init(_ plays: [String: [Play]], clock: VirtualClock) {
    self.clock = clock
    stage = Mutex(Stage(plays: plays))
  }

  var launches: [Launch] { stage.withLock { $0.launches } }
  /// As `2.0 a TERM`.
  var signals: [String] { stage.withLock { $0.signals } }
  var running: [String] { stage.withLock { $0.actors.values.map(\.name).sorted() } }
  /// For how long the task's process has worked, without what it stood still; 0 if none lives.
  func ranSeconds(_ task: String) -> Double {
    let now = clock.seconds
    return stage.withLock { stage in
      stage.actors.values.first { $0.name == task }?.ranSeconds(at: now) ?? 0
    }
  }
  /// Most processes that ever lived at the same time.
  var most: Int { stage.withLock { $0.most } }

  func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess
  {
    let now = clock.seconds
    let actor = stage.withLock { stage -> Result<Actor, SpawnProblem> in
      stage.launches.append(launch)
      let name = Self.name(of: launch)
      let plays = stage.plays[name] ?? [Play()]
      let play = plays[min(stage.counts[name, default: 0], plays.count - 1)]
      stage.counts[name, default: 0] += 1
      if let problem = play.problem { return .failure(SpawnProblem(problem)) }
      let process = StartedProcess(pid: stage.nextPid, startTime: UInt64(stage.nextPid))
      stage.nextPid += 1
      let actor = Actor(
        process: process, name: name, play: play, startSeconds: now,
        endSeconds: now + play.seconds, onExit: onExit)
      stage.actors[process.pid] = actor
      stage.most = max(stage.most, stage.actors.count)
      return .success(actor)
    }
    let started = try actor.get()
    arrange(started.process, until: now + started.play.seconds)
    return started.process
  }

  private static func name(of launch: Launch) -> String {
    let task = launch.environment.last { $0.hasPrefix("CAIRN_TASK=") }?.dropFirst(11) ?? "?"
    return "\(task)\(launch.log.hasSuffix(".verify.log") ? "!" : "")"
  }

  private func arrange(_ process: StartedProcess, until seconds: Double) {
    clock.wake(at: seconds) { [weak self] in
      guard let self else { return }
      let actor = self.stage.withLock { stage -> Actor? in
        guard let actor = stage.actors[process.pid], actor.endSeconds == seconds else { return nil }
        return actor
      }
      if let actor { self.end(actor, actor.play.status) }
    }
  }

  private func end(_ actor: Actor, _ status: ExitStatus) {
    let isFirst = stage.withLock { $0.actors.removeValue(forKey: actor.process.pid) != nil }
    guard isFirst else { return }
    actor.onExit(ProcessExit(process: actor.process, status: status, usage: Usage(userSeconds: 1)))
  }

  func signal(_ process: StartedProcess, _ number: Int32) {
    let now = clock.seconds
    let names: [Int32: String] = [9: "KILL", 15: "TERM", 18: "CONT", 19: "STOP"]
    let actor = stage.withLock { stage -> Actor? in
      guard var actor = stage.actors[process.pid] else { return nil }
      stage.signals.append("\(now) \(actor.name) \(names[number] ?? String(number))")
      switch number {
      case 19:
        actor.remainingSeconds = max(0, (actor.endSeconds ?? now) - now)
        actor.endSeconds = nil
      case 18:
        if actor.endSeconds == nil { actor.endSeconds = now + actor.remainingSeconds }
      case 15: actor.hasPendingTerm = !actor.play.ignoresTerm
      default: break
      }
      stage.actors[process.pid] = actor
      return actor
    }
    guard let actor else { return }
    if number == 9 { return end(actor, .signal(9)) }
    if actor.hasPendingTerm, actor.endSeconds != nil { return end(actor, .signal(15)) }
    if number == 18, let seconds = actor.endSeconds { arrange(process, until: seconds) }
    if ![9, 15, 18, 19].contains(number) { end(actor, .signal(number)) }
  }

  func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample] {
    let now = clock.seconds
    return stage.withLock { stage in
      processes.map { process in
        guard let actor = stage.actors[process.pid] else { return Signals.TaskSample() }
        let seconds = now - actor.startSeconds
        return Signals.TaskSample(
          residentBytes: 1_000, cpuSeconds: seconds, processes: 1,
          outputBytes: Int64(seconds * Double(actor.play.bytesPerSecond)))
      }
    }
  }
}

extension ScriptedExecutor.Play {
  static let works = Self()
  static func works(_ seconds: Double) -> Self { Self(seconds: seconds) }
  static func fails(_ code: Int32 = 1, after seconds: Double = 1) -> Self {
    Self(seconds: seconds, status: .code(code))
  }
}
