import Foundation
import Glibc
import Synchronization

/// The place of a Cairn among those that wait for the same Task Master file.
///
/// One at a time tries to make the lock, the others stand in the kernel's queue for the folder: with ten
/// that all try, now and then one had no luck for as long as it waits. A killed one leaves the queue by
/// itself.
final class TaskMasterTurn: Sendable {
  /// Longest wait: each in front has the file for a moment, or waits for Task Master as long as it may.
  static let waitSeconds = 60.0

  private enum State { case waiting, taken, abandoned }

  private let folder: Int32
  private let state = Mutex(State.waiting)
  private let isTaken = DispatchSemaphore(value: 0)

  private init(folder: Int32) { self.folder = folder }

  deinit { close(folder) }
}

extension TaskMasterTurn {
  /// Waits for the turn at the files of a folder, which ends with the value; nil if it did not come.
  ///
  /// Where folders cannot be locked everybody's turn is at once.
  ///
  /// - Throws: `ProjectProblem`, `.storage`: the folder cannot be opened.
  static func take(_ path: String) throws(ProjectProblem) -> TaskMasterTurn? {
    let folder = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard folder >= 0 else {
      throw ProjectProblem(.storage, "cannot open \"\(path)\": \(String(cString: strerror(errno)))")
    }
    let turn = TaskMasterTurn(folder: folder)
    if flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return turn }
    // Only a thread can wait in the queue and yet be given up.
    Thread.detachNewThread { turn.stand() }
    return turn.isTaken.wait(timeout: .now() + waitSeconds) == .success || turn.giveUp()
      ? turn : nil
  }

  private func stand() {
    while flock(folder, LOCK_EX) != 0, errno == EINTR {}
    let isWanted = state.withLock { state in
      if state == .waiting { state = .taken }
      return state == .taken
    }
    // Else the last reference goes with this thread, and the lock with it.
    if isWanted { isTaken.signal() }
  }

  /// Returns whether the turn came in the last moment.
  private func giveUp() -> Bool {
    state.withLock { state in
      if state == .waiting { state = .abandoned }
      return state == .taken
    }
  }
}
