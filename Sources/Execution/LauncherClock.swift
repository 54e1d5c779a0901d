import Glibc
import Synchronization

/// The machine's clocks, with wake-ups served by the launcher's own wait.
///
/// Only the monotonic clock decides, so a wall clock that is set changes nothing.
struct LauncherClock: RunClock {
  let launcher: Launcher

  var seconds: Double { monotonicSeconds() }
  var wallTime: Int64 { SystemClock().wallTime }

  /// The body is called on the launcher's thread; never if the executor has ended by then.
  func wake(at seconds: Double, _ body: @escaping @Sendable () -> Void) {
    let isNext = launcher.timers.withLock { $0.add(seconds, body) }
    if isNext && !launcher.isCurrent { launcher.ring() }
  }
}

/// Wake-ups that are to come.
struct LauncherTimers: Sendable {
  private struct Timer: Sendable {
    var seconds: Double
    var body: @Sendable () -> Void
  }

  /// The next one last.
  private var waiting: [Timer] = []

  /// Returns whether it is the next one.
  mutating func add(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> Bool {
    let place = waiting.firstIndex { $0.seconds <= seconds } ?? waiting.count
    waiting.insert(Timer(seconds: seconds, body: body), at: place)
    return place == waiting.count - 1
  }

  /// Takes out what is due, in the order of the moments.
  mutating func take(at now: Double) -> [@Sendable () -> Void] {
    guard let next = waiting.last, next.seconds <= now else { return [] }
    var due: [@Sendable () -> Void] = []
    while let next = waiting.last, next.seconds <= now {
      due.append(next.body)
      waiting.removeLast()
    }
    return due
  }

  /// How long to wait for the next one, rounded up; nil when there is none.
  func milliseconds(at now: Double) -> Int32? {
    waiting.last.map { Int32(min(max(0, ($0.seconds - now) * 1000).rounded(.up), 1e9)) }
  }
}
