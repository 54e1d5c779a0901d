import Foundation
import Testing

/// Which test proves what happens in which fault.
///
/// F1 to F22 are the fault list of the reference on operations; the named ones stand in the issue that
/// asked for them. A test is named by its file below `Tests` and its function.
struct FaultTable {
  struct Row: Sendable, CustomTestStringConvertible {
    var fault: String
    /// What has to hold.
    var expected: String
    var tests: [String]

    init(_ fault: String, _ expected: String, _ tests: String...) {
      self.fault = fault
      self.expected = expected
      self.tests = tests
    }

    var testDescription: String { fault }
  }

  static let listed = [
    Row(
      "F1 kill -9 at random moments", "nothing lost, repeated or left; the journal is whole",
      "CairnTests/Faults/KillSoakTests.killed",
      "ExecutionTests/Simulation/SimulationTests.rulesHold"),
    Row(
      "F2 kill -9 in front of a commit, or behind it", "the task runs again or is done, never both",
      "ExecutionTests/Simulation/SimulationTests.rulesHold",
      "CairnTests/Faults/KillSoakTests.killed"),
    Row(
      "F3 kill -9 with readers attached", "they saw a part of what is durable, without a gap",
      "CairnTests/Faults/ReadersAtDeathTests.killed"),
    Row(
      "F4 bytes of the journal cut and flipped", "refused or repaired, with the evidence kept",
      "ExecutionTests/JournalRepairTests.damage", "ExecutionTests/JournalRepairTests.tails"),
    Row(
      "F5 the n-th call fails", "no false done; 74, or the run goes on",
      "CairnTests/Faults/StorageFaultTests.fails"),
    Row(
      "F6 ENOSPC", "a notice and a pause; goes on by itself, each task done once",
      "CairnTests/Faults/FullDiskTests.fills", "CairnTests/HostileTaskTests.fullDisk",
      "ExecutionTests/EngineRoomTests.pauses", "ExecutionTests/Simulation/SimulationTests.rulesHold"
    ),
    Row(
      "F7 EMFILE", "throttled, no task lost", "CairnTests/Faults/ScarcityTests.openFiles"),
    Row(
      "F8 EAGAIN of fork, little address space",
      "tried again later, with a notice; what is too little to begin ends 69",
      "CairnTests/Faults/ScarcityTests.processes", "CairnTests/Faults/ScarcityTests.threads",
      "CairnTests/Faults/ScarcityTests.addressSpace"),
    Row(
      "F9 floods of output", "no memory of Cairn's, other tasks go on",
      "CairnTests/LogCapTests.floods", "CairnTests/HostileTaskTests.flood"),
    Row(
      "F10 a line without end, hostile bytes", "shown as harmless text",
      "CairnTests/Faults/TerminalFaultTests.hostileOutput", "CairnTests/HostileTaskTests.escapes",
      "CanvasTests/SafeTextTests.isStable"),
    Row(
      "F11 a reader or a terminal that stops reading", "the run goes on, memory is bounded",
      "CairnTests/Faults/StreamTests.stoppedReader", "CairnTests/LeavingTests.stoppedTerminal",
      "CairnTests/ControlTests.stoppedReader", "RemoteTests/HostileClientTests.stalled"),
    Row(
      "F12 double forks, setsid, TERM ignored, output held open",
      "the end is the leader's; nobody is left",
      "CairnTests/HostileTaskTests.background", "CairnTests/HostileTaskTests.ignoresTerm",
      "CairnTests/Faults/StreamTests.holdsOutput", "ExecutionTests/ContainmentTests.daemons"),
    Row(
      "F13 a leader that heeds TERM, a child that does not",
      "the child is gone before the end is told",
      "CairnTests/Faults/StreamTests.stubbornChild"),
    Row(
      "F14 Cairn, or what keeps its processes, is killed", "no process lives on",
      "CairnTests/Faults/KillSoakTests.killed", "CairnTests/Faults/StartDeathTests.unnoted",
      "ExecutionTests/ContainmentTests.keeper"),
    Row(
      "F15 pids that are used again", "a foreign process is never signalled",
      "CairnTests/Faults/RecycledPidTests.spares", "ExecutionTests/LeftoversTests.recorded",
      "ExecutionTests/ProcessExecutorTests.lateSignal"),
    Row(
      "F16 the clock is set, Cairn is stopped for a while", "no false timeout, no stuck wait",
      "CairnTests/Faults/ClockFaultTests.jump", "CairnTests/Faults/ScarcityTests.stopped",
      "ExecutionTests/Simulation/SimulationTests.rulesHold"),
    Row(
      "F17 storms of signals, closed pipes, mass exits", "no lost wait, no crash",
      "CairnTests/Faults/TerminalFaultTests.storm", "CairnTests/Faults/ScarcityTests.signalStorm",
      "CairnTests/Faults/ScarcityTests.massExit", "CairnTests/Faults/StreamTests.brokenPipe",
      "CairnTests/DashboardTests.suspend"),
    Row(
      "F18 bad files", "65 with line and column, no overflow",
      "FormatsTests/TaskMasterTests.aFileThatEndsAtAnyByteIsRefusedWithItsPlace",
      "FormatsTests/TaskMasterTests.aLongChainNeedsNoStack",
      "CairnTests/BadInputTests.saysWhatIsWrong", "CairnTests/BadInputTests.noFile"),
    Row(
      "F19 two Cairns in one project", "the second exits 75 and names the first",
      "CairnTests/ExitCodeTests.twoCairns", "ExecutionTests/JournalTests.live"),
    Row(
      "F20 many tasks",
      "loaded, run and drawn in bounded time and memory; figures by `cairn bench`",
      "CairnTests/Faults/LeakTests.nothingLeaks", "DashboardTests/FuzzTests.manyTasks",
      "ExecutionTests/EngineLifeTests.aThousandTasksRun"),
    Row(
      "F21 many runs in the journal", "listed by page, old ones forgotten",
      "ExecutionTests/JournalRepairTests.pages", "ExecutionTests/JournalRepairTests.forgets"),
    Row(
      "F22 memory", "admitted within the budget; a larger reserve for a new attempt",
      "PlanningTests/ScheduleTests.cpusAndMemoryLimitAdmission",
      "PlanningTests/RetryTests.memoryGrowsWithEveryFailureUpToTheBudget",
      "ExecutionTests/Simulation/SimulationTests.rulesHold"),
  ]

  static let named = [
    Row(
      "exec of a missing file, a folder, a script without interpreter",
      "class spawn, with a reason",
      "CairnTests/Faults/SpawnFaultTests.says"),
    Row(
      "a task that writes far more than its cap", "done, its log without the middle",
      "CairnTests/LogCapTests.cap"),
    Row(
      "a task that closes its output", "waited for all the same",
      "CairnTests/Faults/StreamTests.closesOutput"),
    Row(
      "a timeout while paused", "paused time does not count",
      "CairnTests/Faults/PauseTests.outlastsTimeout",
      "CairnTests/Faults/PauseTests.timesOutAfterPause"),
    Row(
      "a stop while paused", "the task dies", "CairnTests/Faults/PauseTests.diesOnStop",
      "ExecutionTests/ContainmentTests.pause"),
    Row(
      "SIGHUP", "the run drains, or goes on without a terminal",
      "CairnTests/LeavingTests.drains", "CairnTests/LeavingTests.keepsRunning",
      "CairnTests/LeavingTests.nohup"),
    Row(
      "a dashboard that crashes (F28)", "a sane terminal", "CairnTests/DashboardTests.leaves"),
    Row(
      "ten thousand tasks", "no descriptor, zombie or file is left",
      "CairnTests/Faults/LeakTests.nothingLeaks"),
  ]
}

@Suite("Table of faults")
struct FaultTableTests {
  @Test("every test that the table names is there", arguments: FaultTable.listed + FaultTable.named)
  func isThere(row: FaultTable.Row) throws {
    for test in row.tests {
      let parts = test.split(separator: ".")
      try #require(parts.count == 2, "\(test)")
      let path = "\(CairnBinary.repository)/Tests/\(parts[0]).swift"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("func \(parts[1])("), "\(test)")
    }
  }

  @Test("F1 to F22 are in it, in order")
  func isWhole() {
    let numbers = FaultTable.listed.map { String($0.fault.prefix { $0 != " " }) }
    #expect(numbers == (1...22).map { "F\($0)" })
  }
}
