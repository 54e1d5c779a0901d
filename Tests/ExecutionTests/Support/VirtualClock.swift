import Execution
import Synchronization

/// Time that only a test moves.
final class VirtualClock: RunClock {
  private struct Alarm {
    var seconds: Double
    var number: Int
    var body: @Sendable () -> Void
  }

  private struct Face {
    var seconds = 0.0
    var alarms: [Alarm] = []
    var set = 0
  }

  private let face = Mutex(Face())

  var seconds: Double { face.withLock { $0.seconds } }
  var wallTime: Int64 { Int64(seconds * 1e9) }
  var next: Double? { face.withLock { $0.alarms.map(\.seconds).min() } }

  func wake(at seconds: Double, _ body: @escaping @Sendable () -> Void) {
    face.withLock { face in
      face.set += 1
      face.alarms.append(
        Alarm(seconds: max(seconds, face.seconds), number: face.set, body: body))
    }
  }

  func move(to seconds: Double) {
    face.withLock { $0.seconds = max($0.seconds, seconds) }
  }

  /// Goes to the next alarm and rings it; false if there is none.
  func ring() -> Bool {
    let alarm = face.withLock { face -> Alarm? in
      let first = face.alarms.indices.min {
        (face.alarms[$0].seconds, face.alarms[$0].number)
          < (face.alarms[$1].seconds, face.alarms[$1].number)
      }
      guard let first else { return nil }
      let alarm = face.alarms.remove(at: first)
      face.seconds = max(face.seconds, alarm.seconds)
      return alarm
    }
    alarm?.body()
    return alarm != nil
  }
}
