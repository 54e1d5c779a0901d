import Model
import Planning

/// An attempt that was admitted and has not ended.
struct EngineAttempt: Sendable {
  enum Stage: Sendable { case preparing, running, verifying, parked, sealing }

  let place: AttemptPlace
  /// What was set aside for it; nil if its task declares nothing.
  let memoryBytes: Int64?
  var stage = Stage.preparing
  var process: StartedProcess?
  var folders: AttemptFolders?
  /// How the attempt will end, once something has decided it before its process did.
  var fate: Outcome?
  var isFrozen = false
  /// When the stage is cut short, in elapsed seconds; nil while frozen.
  var deadlineSeconds: Double?
  /// What was left of the stage's time when it was frozen.
  var remainingSeconds: Double?
  /// When KILL follows TERM.
  var killSeconds: Double?
  /// What its process asks on its terminal.
  var question: String?
  /// Its work waits for a person.
  var leave: EngineLeave?
  /// When it has waited for a person long enough, in elapsed seconds; nil where one is there.
  var patienceSeconds: Double?
  /// The step that waits for room to start.
  var postponed: PostponedStart?
  /// What it had written when that was measured last, by artifact, and when that was.
  var grown: [String: Int64] = [:]
  var grownSeconds: Double?
  /// Bytes a second between the last two measurements, by artifact, or half of what it was before.
  var growthRates: [String: Double] = [:]
  /// When it is measured next, in elapsed seconds; nil where nothing is, or while it is.
  var meterSeconds: Double?
  /// What its plan gave each artifact before anything was measured.
  var given: [String: Int64]?
  /// It was given up, because there was no room for what it wrote.
  var hasOutgrown = false
  /// How often a start found no room.
  var starts = 0
  /// When the stage began, in elapsed seconds; moved on by what it was frozen.
  var stageSeconds: Double
  /// When it was frozen, in elapsed seconds.
  private var frozenSeconds: Double?
  var usage = Usage()
  var phases = Phases()

  var task: TaskID { place.task.id }
  var number: Int { place.attempt }

  init(_ admission: Schedule.Admission, place: AttemptPlace, at seconds: Double) {
    self.place = place
    memoryBytes = place.task.memoryBytes == nil ? nil : admission.memoryBytes
    stageSeconds = seconds
    phases.queue = max(0, seconds - admission.readySeconds)
  }

  /// Goes on to the next stage and books the time of the last one.
  mutating func enter(_ stage: Stage, at seconds: Double) {
    skipPause(until: seconds)
    let spent = max(0, seconds - stageSeconds)
    switch self.stage {
    case .preparing: phases.prepare += spent
    case .running: phases.run += spent
    case .verifying: phases.verify += spent
    case .parked: phases.paused += spent
    case .sealing: phases.seal += spent
    }
    self.stage = stage
    stageSeconds = seconds
    deadlineSeconds = nil
    remainingSeconds = nil
    killSeconds = nil
    meterSeconds = nil
    question = nil
    patienceSeconds = nil
  }

  /// Whether a process that lives now makes this log.
  func writes(_ stream: LogReference.Stream) -> Bool {
    switch stream {
    case .output: stage == .running && process != nil
    case .verify: stage == .verifying && process != nil
    case .prompt, .changes: false
    }
  }

  mutating func freeze(at seconds: Double) {
    isFrozen = true
    frozenSeconds = process == nil ? nil : seconds
    setClock(isStopped: true, at: seconds)
  }

  mutating func thaw(at seconds: Double) {
    isFrozen = false
    skipPause(until: seconds)
    if question == nil { setClock(isStopped: false, at: seconds) }
  }

  /// While it stands still, or waits for a person, its time does not run out.
  mutating func setClock(isStopped: Bool, at seconds: Double) {
    if isStopped {
      remainingSeconds = deadlineSeconds.map { max(0, $0 - seconds) } ?? remainingSeconds
      deadlineSeconds = nil
    } else if !isFrozen, let rest = remainingSeconds {
      deadlineSeconds = seconds + rest
      remainingSeconds = nil
    }
  }

  /// Books what was frozen as paused, and not as part of its stage.
  private mutating func skipPause(until seconds: Double) {
    guard let frozen = frozenSeconds else { return }
    let pause = max(0, seconds - frozen)
    phases.paused += pause
    stageSeconds += pause
    frozenSeconds = nil
  }

  /// The next moment at which something has to be done about the attempt.
  var nextWakeSeconds: Double? {
    let moment = min(
      deadlineSeconds ?? .infinity, killSeconds ?? .infinity, postponed?.atSeconds ?? .infinity,
      patienceSeconds ?? .infinity)
    return moment < .infinity ? moment : nil
  }
}

extension Usage {
  mutating func add(_ other: Usage) {
    userSeconds += other.userSeconds
    systemSeconds += other.systemSeconds
    peakResidentBytes = max(peakResidentBytes, other.peakResidentBytes)
    if let bytes = other.memoryPeakBytes { memoryPeakBytes = max(memoryPeakBytes ?? 0, bytes) }
    readBytes += other.readBytes
    writtenBytes += other.writtenBytes
    if let more = other.agent { agent = (agent ?? AgentUsage()) + more }
  }
}

/// What an attempt has before its process starts.
struct EnginePreparation: Sendable {
  var folders: AttemptFolders
  var prompt: EnginePrompt.Written?
}

/// What became of the files of an attempt.
struct EngineFinish: Sendable {
  var sealed: [Fact.ArtifactSealed] = []
  var exported: [Fact.ArtifactExported] = []
  var scratchBytes: Int64 = 0
  /// Of the worktree that stays; nil for a task without one.
  var worktreeBytes: Int64?
  var problem: WorkspaceProblem?
  /// What the run's branch got of it.
  var merged: Fact.BranchMerged?
  /// Why a person has to decide what the branch gets, in words.
  var conflict: String?

  /// Seals, exports and releases; the slot is released whatever happens.
  ///
  /// `hasRun` says that the attempt had its inputs: one that found them damaged has told so.
  static func carryOut(
    _ place: AttemptPlace, isSuccess: Bool, hasRun: Bool, in artifacts: any ArtifactStore
  ) -> EngineFinish {
    var finish = EngineFinish()
    if hasRun { finish.problem = artifacts.damage(toInputsOf: place) }
    if isSuccess, finish.problem == nil {
      do throws(WorkspaceProblem) {
        if place.task.isolation == .worktree {
          try finish.merge(place, in: artifacts)
        } else {
          try finish.seal(place, in: artifacts)
        }
      } catch {
        finish.problem = error
      }
    }
    finish.scratchBytes = artifacts.release(place)
    if place.task.isolation == .worktree {
      finish.worktreeBytes = artifacts.worktreeBytes(place.slot)
    }
    return finish
  }

  mutating func seal(
    _ place: AttemptPlace, in artifacts: any ArtifactStore
  ) throws(WorkspaceProblem) {
    sealed = try Patience.carryOut { () throws(WorkspaceProblem) in try artifacts.seal(place) }
    for export in place.task.exports {
      exported.append(
        try Patience.carryOut { () throws(WorkspaceProblem) in
          try artifacts.export(export, of: place)
        })
    }
  }
}
