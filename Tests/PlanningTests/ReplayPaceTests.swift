import Model
import Planning
import Testing

@Suite("A replay's pace")
struct ReplayPaceTests {
  /// Facts at these elapsed seconds: the opening, the graph, then ends of attempts.
  static func index(_ seconds: [Double], failures: Set<Int> = []) -> ReplayIndex {
    var index = ReplayIndex()
    for (position, time) in seconds.enumerated() {
      let outcome =
        failures.contains(position + 1)
        ? Outcome(.exit, status: .code(1)) : Outcome(.success, status: .code(0))
      let ended = Fact.AttemptEnded(
        task: TaskID(0), attempt: 1, outcome: outcome, usage: Usage(), phases: Phases())
      let kind: Fact.Kind =
        switch position {
        case 0: .runContinued(Fact.Remark("opening"))
        case 1:
          .graphDefined(Fact.GraphDefined(graph: TaskGraph(name: "g"), fingerprints: []))
        default: .attemptEnded(ended)
        }
      index.append(
        Fact(
          sequence: position + 1, session: 1, elapsedSeconds: time, wallTime: 7, kind: kind))
    }
    return index
  }

  /// The pace under a clock that is only moved by the wait for the next fact: when each fact came.
  static func times(_ index: ReplayIndex, _ speed: ReplaySpeed) -> [Double] {
    var pace = ReplayPace(index, speed: speed)
    var clock = 0.0
    var times: [Double] = []
    var seen = 0
    while true {
      if let shown = pace.due(after: seen) {
        times += Array(repeating: clock, count: shown - seen)
        seen = shown
      }
      guard let wait = pace.secondsToNext else { return times }
      clock += wait
      pace.advance(by: wait)
    }
  }

  @Test(
    "brings each fact at its recorded time divided by the speed",
    arguments: [ReplaySpeed.real, .double, .five, .ten, .sixty], 0..<4)
  func paced(speed: ReplaySpeed, seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var seconds = [0.0, 0.0]
    for _ in 0..<200 { seconds.append(seconds[seconds.count - 1] + Double(random.next() % 64) / 8) }
    let times = Self.times(Self.index(seconds), speed)
    let factor = try #require(speed.factor)
    #expect(times.count == seconds.count)
    for (time, recorded) in zip(times, seconds) {
      #expect(abs(time - recorded / factor) < 1e-6)
    }
  }

  @Test("brings everything at once without a limit, in bursts that a reader can take")
  func unlimited() {
    let count = 3 * ReplayPace.burst
    let index = Self.index((0..<count).map { Double($0) })
    #expect(Self.times(index, .unlimited) == Array(repeating: 0, count: count))
    var pace = ReplayPace(index, speed: .unlimited)
    #expect(pace.due(after: pace.shown).map { $0 - 2 } == ReplayPace.burst)
  }

  @Test("moves only while it plays")
  func paused() {
    var pace = ReplayPace(Self.index([0, 0, 1, 2, 3]))
    pace.perform(.togglePlay)
    pace.advance(by: 100)
    #expect(pace.shown == 2)
    #expect(pace.secondsToNext == nil)
    pace.perform(.togglePlay)
    pace.advance(by: 1.5)
    #expect(pace.shown == 3)
    #expect(pace.seconds == 1.5)
    #expect(pace.secondsToNext == 0.5)
  }

  @Test("steps by facts, never in front of the graph, and pauses")
  func steps() {
    var pace = ReplayPace(Self.index([0, 0, 1, 1, 3]))
    pace.perform(.step(1))
    #expect(pace.shown == 3)
    #expect(pace.seconds == 1)
    #expect(!pace.isPlaying)
    pace.perform(.step(1))
    #expect(pace.shown == 4)
    pace.perform(.step(-1))
    #expect(pace.shown == 3)
    pace.perform(.step(-9))
    #expect(pace.shown == 2)
    pace.perform(.step(99))
    #expect(pace.isAtEnd)
    #expect(pace.seconds == 3)
  }

  @Test("jumps from failure to failure, and stays where there is none")
  func failures() {
    var pace = ReplayPace(Self.index([0, 0, 1, 2, 3, 4, 5], failures: [4, 6]))
    pace.perform(.nextFailure)
    #expect(pace.shown == 4)
    pace.perform(.nextFailure)
    #expect(pace.shown == 6)
    pace.perform(.nextFailure)
    #expect(pace.shown == 6)
    pace.perform(.previousFailure)
    #expect(pace.shown == 4)
    #expect(!pace.isPlaying)
  }

  @Test("goes to any time and shows what was recorded up to it", arguments: 0..<20)
  func seeks(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var seconds = [0.0, 0.0]
    for _ in 0..<300 { seconds.append(seconds[seconds.count - 1] + Double(random.next() % 5)) }
    var pace = ReplayPace(Self.index(seconds))
    for _ in 0..<50 {
      let time = Double(random.next() % 1_200) / 2 - 5
      pace.perform(.seek(.seconds(time)))
      #expect(pace.shown == max(2, seconds.count { $0 <= max(0, time) }))
      #expect(pace.seconds == min(max(0, time), seconds[seconds.count - 1]))
    }
  }

  @Test("plays from the beginning when it is asked to play at the end")
  func again() {
    var pace = ReplayPace(Self.index([0, 0, 1, 2]), at: 9)
    #expect(pace.isAtEnd)
    pace.perform(.togglePlay)
    #expect(pace.isPlaying)
    #expect(pace.shown == 2)
  }

  @Test("has the speeds 1, 2, 5, 10, 60 and max, and stays at either end of them")
  func speeds() {
    var pace = ReplayPace(Self.index([0, 0, 1]))
    var names: [String] = []
    for _ in 0..<8 {
      names.append(pace.speed.name)
      pace.perform(.faster)
    }
    #expect(names == ["1", "2", "5", "10", "60", "max", "max", "max"])
    for _ in 0..<9 { pace.perform(.slower) }
    #expect(pace.speed == .real)
    #expect(ReplaySpeed("×10") == .ten)
    #expect(ReplaySpeed("3") == nil)
  }

  @Test("doubles and halves a speed of its own, within limits")
  func ownSpeeds() {
    var pace = ReplayPace(Self.index([0, 1]), speed: .times(24))
    pace.perform(.faster)
    #expect(pace.speed == .times(48) && pace.speed.name == "48")
    for _ in 0..<9 { pace.perform(.slower) }
    #expect(pace.speed.name == "0.09")
    for _ in 0..<100 { pace.perform(.slower) }
    #expect(pace.speed.factor == ReplaySpeed.factors.lowerBound)
    for _ in 0..<100 { pace.perform(.faster) }
    #expect(pace.speed.factor == ReplaySpeed.factors.upperBound)
  }
}
