import Glibc

/// Time as the engine sees it: a real one, or one that the tests move.
package protocol RunClock: Sendable {
  /// Monotonic, from any origin.
  var seconds: Double { get }
  /// Nanoseconds since 1970, UTC.
  var wallTime: Int64 { get }

  /// Calls `body` once, from any thread, when `seconds` has come.
  func wake(at seconds: Double, _ body: @escaping @Sendable () -> Void)
}

/// The machine's clocks; time in which the machine sleeps does not count.
package struct SystemClock: RunClock {
  package init() {}

  package var seconds: Double { Double(Self.nanoseconds(CLOCK_MONOTONIC)) / 1e9 }
  package var wallTime: Int64 { Self.nanoseconds(CLOCK_REALTIME) }

  package func wake(at seconds: Double, _ body: @escaping @Sendable () -> Void) {
    let delay = max(0, seconds - self.seconds)
    Task {
      try? await Task.sleep(for: .seconds(delay), clock: .suspending)
      body()
    }
  }

  /// Blocks this thread.
  package static func pause(seconds: Double) { usleep(UInt32(max(0, min(seconds, 60)) * 1e6)) }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
