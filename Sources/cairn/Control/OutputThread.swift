import Dispatch
import Execution
import Foundation
import Model
import Synchronization

/// Where lines are written: a thread that may wait for a terminal or a pipe that takes nothing.
///
/// On a thread of Swift's pool such a wait would take a core from everybody else.
actor OutputThread {
  private let thread: JobThread

  private init(_ thread: JobThread) { self.thread = thread }

  /// - Throws: `ThreadProblem` where there is no room for the thread.
  static func shared() throws(ThreadProblem) -> OutputThread {
    OutputThread(try JobThread.output.get())
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Follows to the end of the log and returns what the run came to.
  @discardableResult
  func follow(_ follower: LineFollower) async throws -> RunState { try await follower.follow() }

  func say(_ text: String) { News.say(text) }

  func result(_ text: String) { News.result(text) }

  /// A line for programs.
  func json(_ line: Data) { News.json(line) }
}

/// An executor that is one thread of its own.
private final class JobThread: SerialExecutor {
  static let output = Result { () throws(ThreadProblem) in try JobThread(name: "cairn-output") }

  /// Not limited: every job belongs to a task that waits for it.
  private let jobs = Mutex<[UnownedJob]>([])
  private let bell = DispatchSemaphore(value: 0)

  private init(name: String) throws(ThreadProblem) {
    try OwnThread.start(name) { self.work() }
  }

  private func work() {
    while true {
      bell.wait()
      let ready = jobs.withLock { jobs in
        defer { jobs.removeAll(keepingCapacity: true) }
        return jobs
      }
      for job in ready { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    bell.signal()
  }
}
