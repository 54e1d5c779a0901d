import Glibc
import Synchronization

extension Launcher {
  /// Rounds in which a pause looks for processes that were started meanwhile; each finds fewer, for
  /// those of the rounds before stand still.
  private static let pauseRounds = 100

  /// Signals the process and all that belongs to its attempt, unless it has ended.
  func signal(_ process: StartedProcess, _ number: Int32) {
    guard let child = signalGroup(process, number) else { return }
    if number == SIGSTOP { return pause(child) }
    for record in tree(of: child).members where record.pid != process.pid {
      if record.group != process.pid { record.signal(number) }
      // What stands still cannot hear TERM.
      if number == SIGTERM && record.state == "T" { record.signal(SIGCONT) }
    }
  }

  /// Signals the process's own group; nil if the process has ended.
  private func signalGroup(_ process: StartedProcess, _ number: Int32) -> Child? {
    // Under the lock nobody waits for the child, so its number cannot have a new owner.
    state.withLock { state in
      guard let child = state.children[process.pid], child.process == process else { return nil }
      if number == SIGKILL { state.children[process.pid]?.wasKilled = true }
      child.awaitExec()
      kill(-process.pid, number)
      if number == SIGTERM { kill(-process.pid, SIGCONT) }
      return child
    }
  }

  /// Stops the tree with STOP, and not by a cgroup's freezer.
  ///
  /// Only what declares its memory has a cgroup of its own, and only those of version 2 let KILL
  /// through to what is frozen; TERM waits there all the same. One way for all tasks is simpler to
  /// trust, and the rounds below leave nobody running.
  private func pause(_ child: Child) {
    var stopped: Set<Int32> = [child.process.pid]
    for _ in 0..<Self.pauseRounds {
      let new = tree(of: child).members.filter { stopped.insert($0.pid).inserted }
      if new.isEmpty { return }
      for record in new { record.signal(SIGSTOP) }
    }
  }

  /// All processes of the attempt: below its first one, and orphans in its session or with its mark.
  private func tree(of child: Child) -> ProcessTree {
    let mark = AttemptMark(child.launch.environment)
    let first = ProcessTable.record(of: child.process.pid).map { [$0] } ?? []
    let adopted = orphans.isAnyLeft ? orphans.records() : []
    let mine = adopted.filter { record in
      record.session == child.process.pid
        || mark?.marks(ProcessTable.environment(of: record.pid)) == true
    }
    return ProcessTree(roots: first + mine)
  }
}
