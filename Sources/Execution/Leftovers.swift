import CSpawn
import Glibc

/// Ends what a run left behind: processes that survived their Cairn, or moved out of their session.
///
/// They are known by the run's token in their environment, or by the pid and start time that the
/// journal names; never by a pid alone, and never this process.
package enum Leftovers {
  /// The variable that marks every process of a run.
  package static let variable = "CAIRN_TOKEN"
  /// Rounds of looking and killing; a process that starts others faster than this is reported.
  static let maximumRounds = 50
  /// How long one round waits for the killed to be gone.
  static let roundMilliseconds: Int32 = 100

  package struct Report: Sendable, Equatable {
    /// Processes that were killed and are gone.
    package var ended: Int
    /// Processes that are still there, for example in an uninterruptible call.
    package var alive: [Int32]
  }

  /// Kills the processes of a run and waits until they are gone, at most `maximumRounds` rounds.
  ///
  /// `started` are attempts that the journal does not know to have ended.
  ///
  /// - Complexity: O(processes of the machine) a round.
  package static func end(token: String, started: [StartedProcess] = []) -> Report {
    precondition(!token.isEmpty, "an empty token marks everything")
    var killed: Set<StartedProcess> = []
    for _ in 0..<maximumRounds {
      let found = find(token: token, started: started)
      if found.isEmpty { break }
      killed.formUnion(kill(found))
    }
    let alive = find(token: token, started: started).map(\.pid)
    return Report(ended: killed.count { !alive.contains($0.pid) }, alive: alive)
  }

  /// Processes that carry the mark, and all of the sessions whose first process is a known one.
  package static func find(token: String, started: [StartedProcess]) -> [StartedProcess] {
    let entry = "\(variable)=\(token)"
    let leaders = Set(
      started.filter { ProcessTable.record(of: $0.pid)?.startTime == $0.startTime }.map(\.pid))
    let own = getpid()
    return ProcessTable.pids().compactMap { pid in
      guard pid != own, pid > 1, let record = ProcessTable.record(of: pid), !record.isZombie,
        leaders.contains(record.session)
          || ProcessTable.environment(of: pid, holds: entry)
      else { return nil }
      return StartedProcess(pid: pid, startTime: record.startTime)
    }
  }

  /// Kills the processes and waits until they are gone or the round is over.
  private static func kill(_ processes: [StartedProcess]) -> [StartedProcess] {
    var killed: [StartedProcess] = []
    var handles: [pollfd] = []
    for process in processes {
      let handle = cairn_pidfd_open(process.pid)
      guard handle >= 0 else { continue }
      handles.append(pollfd(fd: handle, events: Int16(POLLIN), revents: 0))
      // Looked at again: the number may have changed hands before the handle was opened.
      guard ProcessTable.record(of: process.pid)?.startTime == process.startTime,
        cairn_pidfd_send_signal(handle, SIGKILL) == 0
      else { continue }
      killed.append(process)
    }
    let deadline = monotonicSeconds() + Double(roundMilliseconds) / 1000
    while handles.contains(where: { $0.fd >= 0 }), monotonicSeconds() < deadline {
      poll(&handles, nfds_t(handles.count), roundMilliseconds)
      for index in handles.indices where handles[index].revents != 0 {
        close(handles[index].fd)
        handles[index].fd = -1
      }
    }
    for handle in handles where handle.fd >= 0 { close(handle.fd) }
    return killed
  }
}
