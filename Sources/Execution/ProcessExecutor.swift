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

  /// The thread that starts and waits, for an actor that wants to share it: what it starts then costs
  /// no change of threads, and exits are told in its own turn.
  package var serialExecutor: any SerialExecutor { launcher }

  package func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess
  {
    let program = try ProgramLookup(launch).path()
    return try launcher.spawn(program, launch, onExit).get()
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

/// Finds the file of a program the way a shell would, but with the task's own PATH.
struct ProgramLookup {
  private let name: String
  private let directory: String
  private let searchPath: String

  /// - Throws: `SpawnProblem` for what no system call can be given.
  init(_ launch: Launch) throws(SpawnProblem) {
    guard let name = launch.arguments.first, !name.isEmpty else {
      throw SpawnProblem("cannot start: the command is empty")
    }
    guard !(launch.arguments + launch.environment).contains(where: { $0.utf8.contains(0) }) else {
      throw SpawnProblem(
        "cannot start \"\(name)\": an argument or a variable holds a zero byte")
    }
    self.name = name
    directory = launch.directory
    let entry = launch.environment.last { $0.hasPrefix("PATH=") }
    searchPath = entry.map { String($0.dropFirst(5)) } ?? "/usr/local/bin:/usr/bin:/bin"
  }

  func path() throws(SpawnProblem) -> String {
    guard !name.contains("/") else { return try checked(resolved(name)) }
    var found = false
    for folder in searchPath.split(separator: ":", omittingEmptySubsequences: false) {
      let path = resolved(folder.isEmpty ? "./\(name)" : "\(folder)/\(name)")
      guard isFile(path) else { continue }
      if access(path, X_OK) == 0 { return path }
      found = true
    }
    throw SpawnProblem(
      found
        ? "cannot start \"\(name)\": found in PATH, but not executable"
        : "cannot start \"\(name)\": not found in PATH")
  }

  private func checked(_ path: String) throws(SpawnProblem) -> String {
    guard access(path, F_OK) == 0 else {
      throw SpawnProblem("cannot start \"\(name)\": \(systemReason())")
    }
    guard isFile(path) else { throw SpawnProblem("cannot start \"\(name)\": not a file") }
    guard access(path, X_OK) == 0 else {
      throw SpawnProblem("cannot start \"\(name)\": not executable")
    }
    return path
  }

  private func resolved(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(directory)/\(path)"
  }

  private func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
