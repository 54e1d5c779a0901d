import Execution
import Model
import Planning

/// All that happens to one run, drawn from a seed before it begins.
///
/// What a process or a job does depends on the seed, its task and its attempt alone, so that a story
/// can be shortened: what is left still goes as before.
struct Story {
  var seed: UInt64
  var graph: TaskGraph
  var config: RunConfig
  var rates: Rates
  /// How long facts about what was started wait for more of them.
  var commitDelaySeconds = 0.0
  /// How long durable facts wait for more of them before they are seen.
  var groupCommitSeconds = 0.0
  var asks: [Ask] = []
  var shocks: [Shock] = []
  /// When the disk has no room.
  var shortages: [Shortage] = []
  /// How sessions end before their time, the first one first.
  var crashes: [Crash] = []
  /// Tasks whose definition changes in front of a session, by its number.
  var edits: [Int: [TaskID]] = [:]
  /// Tasks whose artifacts somebody deletes in front of a session, by its number.
  var losses: [Int: [TaskID]] = [:]
  /// nil: nothing limits the workspace.
  var budget: Budget?

  struct Ask {
    /// Of virtual time, over all sessions.
    var seconds: Double
    var request: Request
  }

  /// Time that passes while nothing moves, and a wall clock that is set.
  struct Shock {
    var seconds: Double
    var forth: Double
    var wall: Double
  }

  /// The disk is full for a while: appends fail, and work again afterwards.
  struct Shortage {
    /// Of virtual time, over all sessions.
    var seconds: Double
    var lastsSeconds: Double
    /// Appends that the room of the reserve takes, once it was given up.
    var reserveAppends: Int

    func isThere(at moment: Double) -> Bool {
      (seconds..<seconds + lastsSeconds).contains(moment)
    }
  }

  /// The session ends at its n-th append.
  struct Crash {
    enum Way: CaseIterable {
      /// Cairn is killed before, or after, the facts are durable.
      case killedBefore, killedBehind
      /// The journal says that it cannot; Cairn ends by itself.
      case journalError
    }

    var append: Int
    var way: Way
  }

  /// Shares, 0 to 1, of what goes wrong by itself.
  struct Rates {
    var failing = 0.0
    var killed = 0.0
    /// The program is missing, or the system has no room for a process.
    var unstartable = 0.0
    /// The command runs far longer than all others.
    var hanging = 0.0
    var ignoringTerm = 0.0
    var flooding = 0.0
    /// The end of a process is told late, or twice.
    var lateExits = 0.0
    var doubleExits = 0.0
    /// Nobody sees the process end; the kernel kills it for want of memory.
    var lost = 0.0
    var starved = 0.0
    var slowJobs = 0.0
    var failingJobs = 0.0
    /// A further attempt makes something else.
    var fickle = 0.0
  }

  var dice: Dice { Dice(seed: seed) }
}

/// Random numbers by name instead of by order.
struct Dice {
  enum Throw: UInt64 {
    case fate = 1, seconds, term, spawn, late, double, slow, job, digest, flood, inFlight, order
    case cause, size, share, lend
  }

  let seed: UInt64

  /// 0 up to 1.
  func roll(_ what: Throw, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Double {
    var mixed = seed &* 0x9E37_79B9 &+ what.rawValue
    for part in [a, b, c] {
      var random = SplitMix64(seed: mixed &+ UInt64(truncatingIfNeeded: part))
      mixed = random.next()
    }
    return Double(mixed >> 11) / Double(1 << 53)
  }
}

extension Story {
  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    self.seed = seed
    graph = Self.graph(&random)
    config = RunConfig(
      jobs: Int.random(in: 1...4, using: &random),
      memoryBytes: random.chance(3) ? 100 : nil, failFast: random.chance(10),
      startsHeld: random.chance(10), seed: seed)
    if random.chance(10), let target = graph.tasks.randomElement(using: &random) {
      config.selection = .targets([target.name])
    }
    rates = Self.rates(&random)
    drawResources()
    if random.chance(2) { commitDelaySeconds = 0.125 }
    if seed.isMultiple(of: 2) { groupCommitSeconds = 0.25 }
    let mostAsks = random.chance(2) ? 0 : random.chance(4) ? 24 : 8
    let lastAsk = 40 + graph.tasks.count * 8
    asks = (0..<Int.random(in: 0...mostAsks, using: &random)).map { _ in
      Ask(
        seconds: Double(Int.random(in: 0...lastAsk, using: &random)) / 4,
        request: Self.request(graph, &random))
    }.sorted { $0.seconds < $1.seconds }
    if random.chance(8) {
      shocks = [
        Shock(
          seconds: Double(Int.random(in: 0...40, using: &random)) / 4,
          forth: random.chance(2) ? 7_200 : 0, wall: random.chance(2) ? -3_600 : 86_400)
      ]
    }
    drawSessions(&random)
    drawShortages(&random)
    budget = Self.budget(seed: seed)
  }

  /// With numbers of their own, so that all else in a story is as it was before there were any.
  private mutating func drawResources() {
    var random = SplitMix64(seed: seed ^ 0x6770_7500)
    guard random.chance(2) else { return }
    config.resources = ["gpu": Int.random(in: 1...3, using: &random), "licence": 1]
    for index in graph.tasks.indices where random.chance(2) {
      let gpus = Int.random(in: 0...(random.chance(10) ? 4 : 1), using: &random)
      graph.tasks[index].resources = ["gpu": gpus, "licence": random.chance(3) ? 1 : 0]
    }
  }

  private mutating func drawSessions(_ random: inout SplitMix64) {
    guard random.chance(2) else { return }
    for session in 1...Int.random(in: 1...3, using: &random) {
      let way = Crash.Way.allCases.randomElement(using: &random) ?? .killedBefore
      crashes.append(
        Crash(append: Int.random(in: 1...(graph.tasks.count * 3 + 2), using: &random), way: way))
      if random.chance(4) { edits[session + 1] = some(&random) }
      if random.chance(6) { losses[session + 1] = some(&random) }
    }
  }

  private mutating func drawShortages(_ random: inout SplitMix64) {
    if random.chance(5) {
      rates.lost = Double.random(in: 0...0.3, using: &random)
      rates.starved = Double.random(in: 0...0.3, using: &random)
    }
    guard random.chance(5) else { return }
    let last = 40 + graph.tasks.count * 8
    shortages = (1...Int.random(in: 1...3, using: &random)).map { _ in
      Shortage(
        seconds: Double(Int.random(in: 0...last, using: &random)) / 8,
        lastsSeconds: Double(Int.random(in: 1...80, using: &random)) / 4,
        reserveAppends: random.chance(2) ? 0 : Int.random(in: 1...6, using: &random))
    }.sorted { $0.seconds < $1.seconds }
  }

  private func some(_ random: inout SplitMix64) -> [TaskID] {
    (0..<2).compactMap { _ in graph.tasks.randomElement(using: &random)?.id }
  }

  /// Each story has some kinds of faults and not others, so that each can show by itself.
  private static func rates(_ random: inout SplitMix64) -> Rates {
    func share(_ largest: Double) -> Double {
      random.chance(2) ? 0 : Double.random(in: 0...largest, using: &random)
    }
    return Rates(
      failing: share(0.5), killed: share(0.2), unstartable: share(0.2), hanging: share(0.2),
      ignoringTerm: share(0.5), flooding: share(0.1), lateExits: share(0.3),
      doubleExits: share(0.3), slowJobs: share(0.5), failingJobs: share(0.1), fickle: share(0.5))
  }

  private static func request(_ graph: TaskGraph, _ random: inout SplitMix64) -> Request {
    let count = random.chance(4) ? 3 : 1
    let tasks = (0..<count).compactMap { _ in graph.tasks.randomElement(using: &random)?.id }
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return .hold
    case 1: return .continue
    case 2: return .step(random.chance(2) ? tasks[0] : nil)
    case 3: return .stepWave
    case 4, 5: return .pause(tasks)
    case 6: return .resume(tasks)
    case 7: return .freezeAll
    case 8: return .thawAll
    case 9: return .stop(tasks)
    case 10: return .cancelRun
    case 11: return random.chance(3) ? .killRun : .step(nil)
    case 12, 13, 18: return .retry(tasks, downstream: false)
    case 14, 19: return .retry(tasks, downstream: true)
    case 15: return .skip(tasks, asDone: false)
    case 16: return .skip(tasks, asDone: true)
    default: return .signal(tasks, number: [1, 2, 9, 10, 15, 18, 19][count + 1])
    }
  }
}

extension SplitMix64 {
  /// True once in `count` times.
  mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}
