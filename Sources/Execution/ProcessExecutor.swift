import CSpawn
import Glibc
package import Model

/// Runs real processes, each in a session of its own, with its output straight in its log.
///
/// All are started by one thread, which lives as long as the executor: the kernel kills a process
/// when the thread that started it ends, so `kill -9` of Cairn takes them along. That thread also
/// waits for them. When the first process of a task has ended, the rest of its session is killed
/// before the exit is told, so that nobody writes any more into what is sealed next; what moved into
/// a session of its own stays, see `Leftovers`.
package final class ProcessExecutor: Executor {
  private let launcher: Launcher

  /// - Throws: `SpawnProblem` when the system has no descriptors left.
  package init() throws(SpawnProblem) {
    launcher = try Launcher()
    cairn_become_subreaper()
    launcher.begin()
  }

  deinit { launcher.end() }

  package func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess
  {
    try launcher.start(launch, onExit).get()
  }

  package func signal(_ process: StartedProcess, _ number: Int32) {
    guard launcher.signal(process, number) else { return }
    // A task's shell may have given some of its processes a group of their own, as timeout(1) does.
    for pid in ProcessTable.pids() {
      guard let record = ProcessTable.record(of: pid), record.session == process.pid,
        record.group != process.pid
      else { continue }
      signalExactly(record, number)
    }
  }

  package func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample] {
    var samples = launcher.outputBytes(of: processes).map { Signals.TaskSample(outputBytes: $0) }
    let rows = Dictionary(
      processes.enumerated().map { ($1.pid, $0) }, uniquingKeysWith: { first, _ in first })
    guard !rows.isEmpty else { return samples }
    let page = Int64(sysconf(Int32(_SC_PAGESIZE)))
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    for pid in ProcessTable.pids() {
      guard let record = ProcessTable.record(of: pid), let row = rows[record.session],
        !record.isZombie
      else { continue }
      samples[row].processes += 1
      samples[row].residentBytes += record.residentPages * page
      samples[row].cpuSeconds += Double(record.cpuTicks) / ticks
    }
    return samples
  }

  /// Signals this process and no later one with the same number.
  private func signalExactly(_ record: ProcessRecord, _ number: Int32) {
    let descriptor = cairn_pidfd_open(record.pid)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard let now = ProcessTable.record(of: record.pid), now.startTime == record.startTime else {
      return
    }
    cairn_pidfd_send_signal(descriptor, number)
  }
}

// MARK: The thread

extension ProcessExecutor: TurnThread {
  /// The thread that starts and waits, for an actor that wants to share it.
  ///
  /// What such an actor starts costs no change of threads, and exits are told in turns of its own:
  /// `onExit` is called on the thread, for all exits found at once, and after them the body given to
  /// `setTurnEnd`; in both the actor may `assumeIsolated`.
  package var serialExecutor: any SerialExecutor { launcher }

  /// Whether the caller is on that thread; costs one comparison.
  package var isOnThread: Bool { launcher.isCurrent }

  /// A clock whose wake-ups happen on the thread, each before an end of a turn.
  package var clock: any RunClock { LauncherClock(launcher: launcher) }

  /// Sets what is called once after the exits that were found at once, and the wake-ups that were due,
  /// have been told; it replaces what was set before.
  ///
  /// It is kept as long as the executor's thread lives, so it should hold its actor weakly.
  package func setTurnEnd(_ body: @escaping @Sendable () -> Void) { launcher.setTurnEnd(body) }
}
