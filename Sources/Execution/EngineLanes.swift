import Dispatch

/// Threads for what may block on the disk: a few queues, one job at a time in each.
///
/// Not the cooperative pool, which such calls would starve; and named queues instead of one that is
/// concurrent, because that one starts a thread for every job that blocks.
struct EngineLanes: Sendable {
  private let queues: [DispatchQueue]

  /// - Parameter count: 0 runs every job at once, in the caller's turn.
  init(count: Int) {
    queues = (0..<count).map { DispatchQueue(label: "cairn.lane.\($0)") }
  }

  func run(_ number: Int, _ job: @escaping @Sendable () -> Void) {
    if queues.isEmpty { return job() }
    queues[number % queues.count].async(execute: job)
  }
}

/// Where an engine runs that shares no thread with its executor.
final class EngineQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "cairn.engine")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
