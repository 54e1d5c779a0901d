import Execution
import Synchronization

/// Time and the jobs of one session; only the player moves it.
final class SimulatedTime: RunClock, EngineDriver {
  private struct Alarm {
    var seconds: Double
    var number: Int
    var isJob: Bool
    var body: @Sendable () -> Void
  }

  private struct Face {
    var seconds: Double
    var wallShift = 0.0
    var alarms: [Alarm] = []
    var set = 0
    var jobs = 0
  }

  private let face: Mutex<Face>
  private let story: Story
  private let session: Int

  static let slowestJobSeconds = 6.0

  init(_ story: Story, session: Int, seconds: Double, wallShift: Double) {
    face = Mutex(Face(seconds: seconds, wallShift: wallShift))
    self.story = story
    self.session = session
  }

  var seconds: Double { face.withLock { $0.seconds } }
  var wallShift: Double { face.withLock { $0.wallShift } }
  var wallTime: Int64 {
    face.withLock { 1_700_000_000_000_000_000 + Int64(($0.seconds + $0.wallShift) * 1e9) }
  }
  var next: Double? { face.withLock { $0.alarms.first?.seconds } }

  func wake(at seconds: Double, _ body: @escaping @Sendable () -> Void) {
    add(seconds, isJob: false, body)
  }

  func carryOut(_ job: @escaping @Sendable () -> Void, lane: Int) {
    let number = face.withLock { face in
      face.jobs += 1
      return face.jobs
    }
    let isSlow = story.dice.roll(.slow, session, number) < story.rates.slowJobs
    let share = story.dice.roll(.slow, session, number, 1)
    let delay = isSlow ? (share * Self.slowestJobSeconds * 4).rounded() / 4 : 0
    add(seconds + delay, isJob: true, job)
  }

  /// Alarms of one moment ring in the order in which they were set.
  private func add(_ seconds: Double, isJob: Bool, _ body: @escaping @Sendable () -> Void) {
    face.withLock { face in
      face.set += 1
      let alarm = Alarm(
        seconds: max(seconds, face.seconds), number: face.set, isJob: isJob, body: body)
      var at = face.alarms.count
      while at > 0, face.alarms[at - 1].seconds > alarm.seconds { at -= 1 }
      face.alarms.insert(alarm, at: at)
    }
  }

  func move(to seconds: Double) {
    face.withLock { $0.seconds = max($0.seconds, seconds) }
  }

  func shift(wall seconds: Double) { face.withLock { $0.wallShift += seconds } }

  /// Goes to the next alarm and rings it, with all of the same moment if `isWhole`.
  func ring(isWhole: Bool) {
    let alarms = face.withLock { face -> [Alarm] in
      guard let first = face.alarms.first else { return [] }
      face.seconds = max(face.seconds, first.seconds)
      let count = isWhole ? face.alarms.prefix { $0.seconds == first.seconds }.count : 1
      defer { face.alarms.removeFirst(count) }
      return Array(face.alarms.prefix(count))
    }
    for alarm in alarms { alarm.body() }
  }

  /// Cairn is dead: of the jobs that were under way some had come to their end, nothing else is left.
  func die() {
    let alarms = face.withLock { face in
      defer { face.alarms = [] }
      return face.alarms
    }
    for alarm in alarms where alarm.isJob {
      if story.dice.roll(.inFlight, session, alarm.number) < 0.5 { alarm.body() }
    }
  }
}
