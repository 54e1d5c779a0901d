package import Planning
import Model

/// Where a replay stands, and what it needs to go back quickly.
package struct Replay: Sendable {
  /// Facts between two checkpoints; doubled whenever there are too many of them.
  static let spacing = 4_096
  static let checkpointLimit = 16

  package internal(set) var pace: ReplayPace
  /// The fact up to which facts are read again after a step back; nil while none are.
  package internal(set) var target: Int?
  private(set) var checkpoints: [ReplayCheckpoint] = []
  private var spacing = Replay.spacing

  init(_ pace: ReplayPace) { self.pace = pace }
}

/// What is folded of the facts up to one of them.
struct ReplayCheckpoint: Sendable {
  var run = RunState()
  var outlook = Outlook()
  var timeline = Timeline()
  var footprints = History()
  var reuse = History()
  var events: [EventLine] = []
}

extension Replay {
  /// Whether a checkpoint is due at this fact.
  func isDue(at sequence: Int) -> Bool {
    sequence - (checkpoints.last?.run.sequence ?? 0) >= spacing
  }

  /// Checkpoints are kept in the order of their facts; half of them go when there are too many.
  mutating func keep(_ checkpoint: ReplayCheckpoint) {
    checkpoints.append(checkpoint)
    guard checkpoints.count > Self.checkpointLimit else { return }
    spacing *= 2
    checkpoints = checkpoints.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
  }

  /// The newest checkpoint that does not lie behind a fact.
  func checkpoint(before sequence: Int) -> ReplayCheckpoint {
    checkpoints.last { $0.run.sequence <= sequence } ?? ReplayCheckpoint()
  }
}

extension DashboardState {
  /// Whether clocks go on: the run does, or its replay plays.
  package var isMoving: Bool {
    guard let pace = replay?.pace else { return isRunning }
    return pace.isPlaying && !pace.isAtEnd
  }

  /// The facts are made up, which the screen says at all times.
  package var isSimulated: Bool { replay?.pace.isSimulated ?? false }

  /// What is shown instead of a run, in one word.
  var replayWord: String { isSimulated ? "SIMULATION" : "REPLAY" }

  /// A replay went back, and the facts up to where it stands are not all folded yet.
  package var isCatchingUp: Bool { replay?.target != nil }

  mutating func keepCheckpoint() {
    if let target = replay?.target, run.sequence >= target { replay?.target = nil }
    guard let replay, replay.isDue(at: run.sequence) else { return }
    self.replay?.keep(
      ReplayCheckpoint(
        run: run, outlook: outlook, timeline: timeline, footprints: footprints, reuse: reuse,
        events: events))
  }

  /// Takes in where the replay stands; what lies behind it is forgotten and folded from a checkpoint.
  ///
  /// - Complexity: at most `Replay.spacing` facts are read again, more in a very long run.
  mutating func take(_ pace: ReplayPace) -> [Effect] {
    if replay == nil { replay = Replay(pace) }
    replay?.pace = pace
    now = pace.seconds
    guard pace.shown < run.sequence, let replay else {
      // A second step back, before the facts of the first have come, asks for fewer of them.
      if replay?.target != nil { aim(at: pace.shown) }
      refresh()
      return []
    }
    let known = outlook
    goBack(to: replay.checkpoint(before: pace.shown))
    outlook.keep(earlierOf: known)
    aim(at: pace.shown)
    return [.reread]
  }

  private mutating func aim(at sequence: Int) {
    replay?.target = run.sequence < sequence ? sequence : nil
  }

  mutating func goBack(to checkpoint: ReplayCheckpoint) {
    if run.graph.tasks.count != checkpoint.run.graph.tasks.count { graph.revision += 1 }
    run = checkpoint.run
    outlook = checkpoint.outlook
    timeline.recall(checkpoint.timeline)
    footprints = checkpoint.footprints
    reuse = checkpoint.reuse
    events = checkpoint.events
    (signals, loads, hasEnded, eventTop) = (Signals(), Loads(), false, 0)
    listing.adopt(run.graph)
    refresh()
    layLanes()
    keepSelectionInView()
  }
}
