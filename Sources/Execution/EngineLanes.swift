import Dispatch
import Synchronization

/// Threads for what may block on the disk or takes long, one job at a time in each.
///
/// Not Swift's pool, which such calls would starve, and not Dispatch's, which waits for ever for a
/// thread that the system does not give: a lane without a thread does its jobs in the caller's turn.
final class EngineLanes: Sendable {
  /// The number of a lane of its own: what grows is looked at in time, whatever is being sealed.
  static let watching = -1
  /// Others: for a plan without which the run may come to stand, and for one that may be better.
  static let planning = -2
  static let improving = -3
  /// Nobody else waits for a borrower.
  static let lending = -4
  private static let named = 4

  private let lanes: [Lane]
  private let driver: (any EngineDriver)?

  /// - Parameters:
  ///   - count: 0 runs every job at once, in the caller's turn.
  ///   - driver: Gets the jobs instead.
  init(count: Int, driver: (any EngineDriver)? = nil) {
    let all = driver == nil && count > 0 ? count + Self.named : 0
    lanes = (0..<all).map { Lane("cairn.lane.\($0)") }
    self.driver = driver
  }

  deinit { for lane in lanes { lane.end() } }

  /// To be called by one thread at a time.
  func run(_ number: Int, _ job: @escaping @Sendable () -> Void) {
    if let driver { return driver.carryOut(job, lane: number) }
    if lanes.isEmpty { return job() }
    lanes[number < 0 ? lanes.count + number : number % (lanes.count - Self.named)].run(job)
  }
}

/// Jobs in their order, and the thread for them once there was one.
private final class Lane: Sendable {
  private struct State {
    /// Each attempt that runs has one at most, and each sample.
    var jobs: [@Sendable () -> Void] = []
    var hasThread = false
    var isEnding = false
  }

  private let name: String
  private let state = Mutex(State())
  private let bell = DispatchSemaphore(value: 0)

  init(_ name: String) { self.name = name }

  func run(_ job: @escaping @Sendable () -> Void) {
    // Nothing is in front of it where there was no thread so far: such jobs are done at once.
    guard hasThread() else { return job() }
    state.withLock { $0.jobs.append(job) }
    bell.signal()
  }

  /// Ends the thread after the jobs that are there.
  func end() {
    state.withLock { $0.isEnding = true }
    bell.signal()
  }

  private func hasThread() -> Bool {
    if state.withLock({ $0.hasThread }) { return true }
    guard (try? OwnThread.start(name, { self.work() })) != nil else { return false }
    state.withLock { $0.hasThread = true }
    return true
  }

  private func work() {
    while true {
      bell.wait()
      let (jobs, isEnding) = state.withLock { state in
        defer { state.jobs = [] }
        return (state.jobs, state.isEnding)
      }
      for job in jobs { job() }
      if isEnding { return }
    }
  }
}

/// Whoever plays the world around an engine in virtual time: nothing in the engine moves by itself.
///
/// It calls `drain()` after all that it has brought about, on the engine's executor.
package protocol EngineDriver: Sendable {
  /// Carries out a job that may block on the disk, now or later; those of a lane in their order.
  func carryOut(_ job: @escaping @Sendable () -> Void, lane: Int)
}

/// Where an engine runs that shares no thread with its executor.
final class EngineQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "cairn.engine")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
