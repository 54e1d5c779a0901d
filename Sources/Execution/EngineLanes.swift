import Dispatch

/// Threads for what may block on the disk: a few queues, one job at a time in each.
///
/// Not the cooperative pool, which such calls would starve; and named queues instead of one that is
/// concurrent, because that one starts a thread for every job that blocks.
struct EngineLanes: Sendable {
  /// The number of a lane of its own: what grows is looked at in time, whatever is being sealed.
  static let watching = -1

  private let queues: [DispatchQueue]
  private let driver: (any EngineDriver)?

  /// - Parameters:
  ///   - count: 0 runs every job at once, in the caller's turn.
  ///   - driver: Gets the jobs instead.
  init(count: Int, driver: (any EngineDriver)? = nil) {
    let all = driver == nil && count > 0 ? count + 1 : 0
    queues = (0..<all).map { DispatchQueue(label: "cairn.lane.\($0)") }
    self.driver = driver
  }

  func run(_ number: Int, _ job: @escaping @Sendable () -> Void) {
    if let driver { return driver.carryOut(job) }
    if queues.isEmpty { return job() }
    let last = queues.count - 1
    queues[number == Self.watching ? last : number % last].async(execute: job)
  }
}

/// Whoever plays the world around an engine in virtual time: nothing in the engine moves by itself.
///
/// It calls `drain()` after all that it has brought about, on the engine's executor.
package protocol EngineDriver: Sendable {
  /// Carries out a job that may block on the disk, now or later.
  func carryOut(_ job: @escaping @Sendable () -> Void)
}

/// Where an engine runs that shares no thread with its executor.
final class EngineQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "cairn.engine")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
