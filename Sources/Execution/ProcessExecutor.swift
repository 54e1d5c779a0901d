import CSpawn
import Glibc
package import Model

/// Runs real processes, each in a session of its own, with its output in its log or its slot's spool.
///
/// All are started by one thread, which lives as long as the executor, and live in a containment, so
/// that nothing of them outlives Cairn. That thread also waits for them. When the first process of an
/// attempt has ended, what it left is killed before the exit is told, so that nobody writes any more
/// into what is sealed next: the rest of its session, and daemons that left it, which descend from it
/// or carry its `CAIRN_TASK`, `CAIRN_ATTEMPT` and `CAIRN_TOKEN` in their environment.
package final class ProcessExecutor: Executor {
  private let launcher: Launcher
  /// What makes sure that nothing outlives Cairn.
  package let containment: Containment

  /// - Parameters:
  ///   - wanted: How processes are contained; nil is the best that the machine offers.
  ///   - lastAct: Done when Cairn is dead, see `LastAct`.
  /// - Throws: `SpawnProblem` when the containment is not to be had, or the system has no descriptors
  ///   left.
  package init(
    containment wanted: Containment.Kind? = nil, lastAct: LastAct? = nil
  ) throws(SpawnProblem) {
    launcher = try Launcher()
    cairn_become_subreaper()
    containment = try launcher.begin(wanted, lastAct).get()
  }

  deinit { launcher.end() }

  package func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess
  {
    try launcher.start(launch, onExit).get()
  }

  package func signal(_ process: StartedProcess, _ number: Int32) {
    launcher.signal(process, number)
  }

  package func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample] {
    launcher.sample(processes)
  }

  /// Hides the slots of attempts from one another from now on, where the system lets us; returns what
  /// stands in the way, in words, or nil.
  ///
  /// `folder` is the absolute path of one that is there.
  package func hideSlots(from folder: String) -> String? {
    launcher.onThread { self.launcher.trySlots(in: folder) }
  }

  /// Refuses attempts, from now on, to write into slots of others, where the system lets us; returns what
  /// stands in the way, in words, or nil.
  ///
  /// For where slots cannot be hidden. `folder` is as in `hideSlots`.
  package func watchSlots(beside folder: String) -> String? {
    launcher.onThread { self.launcher.tryWatch(beside: folder) }
  }

  /// Sets who is told, from any thread, of the writes that were refused: the first of an attempt into
  /// each slot.
  package func tellTrespasses(_ report: @escaping @Sendable (SlotTrespass) -> Void) {
    launcher.onThread { self.launcher.tellTrespasses(report) }
  }

  /// The process that ends the others when Cairn has died; for tests that end it first.
  var keeperPid: Int32? { launcher.keeperPid }

  package func write(_ bytes: [UInt8], to process: StartedProcess) -> Int {
    launcher.write(bytes, to: process)
  }

  package func echoes(_ process: StartedProcess) -> Bool { launcher.echoes(process) }

  /// Sets who is told, on the executor's thread, of what processes ask on their terminals: the words, or
  /// nil when one goes on.
  package func tellQuestions(_ report: @escaping @Sendable (StartedProcess, String?) -> Void) {
    launcher.tellQuestions(report)
  }
}

// MARK: The thread

extension ProcessExecutor: TurnThread {
  /// The thread that starts and waits, for an actor that wants to share it.
  ///
  /// What such an actor starts costs no change of threads, and exits are told in turns of its own:
  /// `onExit` is called on the thread, for all exits found at once, and after them, if one of them asks
  /// for it, the body given to `setTurnEnd`; in both the actor may `assumeIsolated`.
  package var serialExecutor: any SerialExecutor { launcher }

  package func askTurnEnd() -> Bool { launcher.askTurnEnd() }

  /// A clock whose wake-ups happen on the thread, where each may ask for an end of the turn.
  package var clock: any RunClock { LauncherClock(launcher: launcher) }

  /// Deletes the spools of idle slots; the thread does so too when it ends, but the program may be
  /// gone by then.
  package func closeSpools() { launcher.onThread { self.launcher.closeSpools() } }

  /// Sets what is called once, if that is asked for, after the thread's jobs, the exits that were found
  /// at once and the wake-ups that were due; it replaces what was set before.
  ///
  /// It is kept as long as the executor's thread lives, so it should hold its actor weakly.
  package func setTurnEnd(_ body: @escaping @Sendable () -> Void) { launcher.setTurnEnd(body) }
}
