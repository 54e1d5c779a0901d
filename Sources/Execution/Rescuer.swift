import CSpawn
import Glibc

/// The pipe whose writing end only this process holds: the kernel closes it however it dies.
struct Lifeline {
  let reading: Int32
  let writing: Int32

  init() throws(SpawnProblem) {
    var ends: [Int32] = [-1, -1]
    guard cairn_lifeline_open(&ends) == 0 else {
      throw SpawnProblem("cannot make a pipe: \(systemReason())")
    }
    reading = ends[0]
    writing = ends[1]
  }

  func close() {
    Glibc.close(reading)
    Glibc.close(writing)
  }
}

/// A process that carries out the last act of a Cairn that runs nothing and so has no keeper, as one
/// that only watches.
package struct Rescuer: Sendable {
  private let lifeline: Lifeline
  private let pid: Int32

  /// - Throws: `SpawnProblem` when the system has no room for it.
  package init(_ lastAct: @escaping LastAct) throws(SpawnProblem) {
    lifeline = try Lifeline()
    var pidfd: Int32 = -1
    pid = cairn_guardian_open(lifeline.reading, nil, lastAct, &pidfd)
    if pidfd >= 0 { close(pidfd) }
    guard pid > 0 else {
      let reason = systemReason()
      lifeline.close()
      throw SpawnProblem("cannot start a guardian of the terminal: \(reason)")
    }
  }

  /// Nothing is left to rescue.
  package func end() {
    kill(pid, SIGKILL)
    lifeline.close()
    while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
  }
}
