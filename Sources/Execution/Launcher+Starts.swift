import CSpawn
import Glibc
import Synchronization

extension Launcher {
  /// With so many open files allowed, nobody counts them.
  static let plentyOfFiles = 4096

  static func reservedFiles(of limit: Int) -> Int { min(64, limit / 8) }

  /// How many files this process may have open.
  static func openFiles() -> Int {
    var found = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &found) == 0 else {
      return plentyOfFiles
    }
    return Int(clamping: found.rlim_cur)
  }

  /// A program is "busy" while another thread's child holds the descriptor that wrote it, which is
  /// until that child execs.
  private static let busyTries = 20
  private static let busyMicroseconds: UInt32 = 1000

  func startHere(
    _ launch: Launch, _ onExit: @escaping @Sendable (ProcessExit) -> Void
  ) -> Result<StartedProcess, SpawnProblem> {
    let isAlone = state.withLock { $0.children.isEmpty }
    let begun = desk.withLock { desk in
      Result { () throws(SpawnProblem) in
        try desk.begin(launch, epoll, orphans, isAlone: isAlone)
      }
    }
    return begun.map { note($0, launch, onExit) }
  }

  private func note(
    _ begun: Desk.Begun, _ launch: Launch, _ onExit: @escaping @Sendable (ProcessExit) -> Void
  ) -> StartedProcess {
    let started = begun.started
    // Nobody else waits for it, so `/proc` still knows it, even if it has exited.
    let startTime =
      started.start_time > 0
      ? started.start_time : ProcessTable.record(of: started.pid)?.startTime ?? 0
    let process = StartedProcess(pid: started.pid, startTime: startTime)
    var pidfd = started.pidfd
    if pidfd >= 0, cairn_watch_add(epoll, pidfd, Mark.child(started.pid)) != 0 {
      close(pidfd)
      pidfd = -1
    }
    if let relay = begun.relay {
      cairn_watch_add(epoll, relay.source, Mark.terminal | UInt64(started.pid))
    }
    let row = desk.withLock { $0.enclosure?.note(process) }
    let child = Child(
      process: process, pidfd: pidfd, output: begun.output, relay: begun.relay,
      memory: begun.memory, boardRow: row ?? nil, launch: launch, program: begun.program,
      ahead: started.ahead, onExit: onExit)
    state.withLock { state in
      state.children[started.pid] = child
      if pidfd < 0 { state.blind += 1 }
    }
    if begun.relay?.terminal != nil { watchTerminal(of: process) }
    return process
  }
}

extension Launcher {
  func closeSpools() { desk.withLock { $0.spools.close() } }
}

extension Launcher.Desk {
  /// A process that runs, and what it writes to.
  fileprivate struct Begun: Sendable {
    var started: cairn_started
    var program: String
    var output: Spools.Output
    var memory: MemoryGroup?
    var relay: OutputRelay?
  }

  /// What a process gets for its streams.
  private struct Streams {
    var input: Int32
    var output: Int32
    /// What the process writes to, if that is not the file, and what Cairn reads of it.
    var relay: (end: Int32, relay: OutputRelay)?
    var memory: MemoryGroup?
    /// Mount namespace; nil for that of the run.
    var slot: Int32?
  }

  /// Opens what the process needs and starts it.
  fileprivate mutating func begin(
    _ launch: Launch, _ epoll: Int32, _ orphans: Orphans, isAlone: Bool
  ) throws(SpawnProblem) -> Begun {
    guard let name = launch.arguments.first, !name.isEmpty else {
      throw SpawnProblem("cannot start: the command is empty")
    }
    guard block.fill(launch) else {
      throw SpawnProblem("cannot start \"\(name)\": an argument or a variable holds a zero byte")
    }
    guard leavesRoom() else {
      throw SpawnProblem(
        "cannot start \"\(name)\": \(systemReason(EMFILE))", isPassing: true)
    }
    let input = try openInput(launch)
    defer { if launch.input != nil { close(input) } }
    guard let output = spools.output(of: launch) else {
      let number = errno
      throw SpawnProblem(
        "cannot open log \"\(launch.spool ?? launch.log)\": \(systemReason(number))",
        isPassing: isShortage(number))
    }
    var streams = Streams(input: input, output: output.descriptor)
    do throws(SpawnProblem) {
      streams.relay = try Self.openRelay(launch, name)
      defer { if let end = streams.relay?.end { close(end) } }
      streams.memory = launch.limits.memoryBytes.flatMap { memory.make(limit: $0) }
      if streams.memory != nil { enclosure?.note(groups: memory.beginning) }
      enclosure?.note(token: block.variable("CAIRN_TOKEN"))
      streams.slot = try slot(of: launch)
      let (started, program) = try start(launch, name, streams, epoll, orphans, isAlone)
      return Begun(
        started: started, program: program, output: output, memory: streams.memory,
        relay: streams.relay?.relay)
    } catch {
      if let relay = streams.relay?.relay { close(relay.source) }
      if let group = streams.memory { memory.remove(group) }
      spools.discard(output)
      throw error
    }
  }

  /// Whether enough descriptors stay for everybody else in this process: the journal, what is sealed
  /// and copied out meanwhile.
  private mutating func leavesRoom() -> Bool {
    guard openFiles < Launcher.plentyOfFiles, null >= 0, !hasRoom() else { return true }
    // Idle slots keep their spools and namespaces open to spare work, which is worth less than a start.
    spools.close()
    slots.close()
    return hasRoom()
  }

  private func hasRoom() -> Bool {
    let lowest = fcntl(null, F_DUPFD_CLOEXEC, 0)
    guard lowest >= 0 else { return false }
    close(lowest)
    return Int(lowest) < openFiles - Launcher.reservedFiles(of: openFiles)
  }

  /// What is read and what is written of a terminal or a pipe; nil, with `errno`, without one.
  private static func open(isTerminal: Bool) -> (Int32, Int32)? {
    var (master, slave) = (Int32(-1), Int32(-1))
    if isTerminal {
      let (rows, columns) = (Launcher.terminalRows, Launcher.terminalColumns)
      return cairn_terminal_open(rows, columns, &master, &slave) == 0 ? (master, slave) : nil
    }
    var ends: [Int32] = [-1, -1]
    return cairn_lifeline_open(&ends) == 0 ? (ends[0], ends[1]) : nil
  }

  /// What stands between the process and its log; nil where nothing does.
  private static func openRelay(
    _ launch: Launch, _ name: String
  ) throws(SpawnProblem) -> (end: Int32, relay: OutputRelay)? {
    guard launch.tty || launch.showsEvents else { return nil }
    guard let ends = open(isTerminal: launch.tty) else {
      let what = launch.tty ? "terminal" : "pipe"
      throw SpawnProblem("cannot start \"\(name)\": no \(what) for it: \(systemReason())")
    }
    if !launch.tty { _ = fcntl(ends.0, F_SETFL, O_NONBLOCK) }
    let relay = OutputRelay(
      source: ends.0, terminal: launch.tty ? TerminalReader.name(of: ends.1) ?? "" : nil,
      showsEvents: launch.showsEvents, asks: launch.asks)
    return (ends.1, relay)
  }

  private mutating func openInput(_ launch: Launch) throws(SpawnProblem) -> Int32 {
    if launch.input == nil, null >= 0 { return null }
    let file = cairn_open_high(launch.input ?? "/dev/null", O_RDONLY, 0)
    guard file >= 0 else {
      let number = errno
      throw SpawnProblem(
        "cannot open input \"\(launch.input ?? "/dev/null")\": \(systemReason(number))",
        isPassing: isShortage(number))
    }
    if launch.input == nil { null = file }
    return file
  }

  private mutating func start(
    _ launch: Launch, _ name: String, _ given: Streams, _ epoll: Int32, _ orphans: Orphans,
    _ isAlone: Bool
  ) throws(SpawnProblem) -> (cairn_started, program: String) {
    var streams = given
    let searchPath = name.utf8.contains(UInt8(ascii: "/")) ? nil : block.variable("PATH")
    var program = try programs.path(
      of: name, searchPath: searchPath, directory: launch.directory)
    // While others run, what has started before is not waited for until its exec: that would keep their
    // ends waiting, and the processors that they leave.
    let isAhead =
      !isAlone && streams.relay == nil && programs.hasStarted(program, in: launch.directory)
    var started = spawn(program, launch, streams, ahead: isAhead)
    if started.stage != CAIRN_STAGE_NONE.rawValue,
      try mend(epoll, orphans, after: started.error)
    {
      streams.slot = try slot(of: launch)
      started = spawn(program, launch, streams)
    }
    if started.stage == CAIRN_STAGE_EXEC.rawValue, [ENOENT, EACCES].contains(started.error) {
      // It may have moved since it was found.
      programs.forget()
      let other = try programs.path(
        of: name, searchPath: searchPath, directory: launch.directory)
      if other != program { started = spawn(other, launch, streams) }
      program = other
    }
    guard started.stage == CAIRN_STAGE_NONE.rawValue else {
      throw Launcher.problem(UInt32(started.stage), started.error, launch, program)
    }
    programs.note(started: program, in: launch.directory)
    return (started, program)
  }

  private mutating func spawn(
    _ program: String, _ launch: Launch, _ streams: Streams, ahead: Bool = false
  ) -> cairn_started {
    let (enclosure, softOpenFiles) = (enclosure, softOpenFiles)
    let watch = launch.slot == nil ? nil : watch
    return block.lend { arguments, environment in
      program.withCString { program in
        launch.directory.withCString { directory in
          var request = cairn_launch(
            path: program, arguments: arguments, environment: environment, directory: directory,
            input: launch.tty && launch.input == nil ? -1 : streams.input,
            output: launch.tty ? streams.output : streams.relay?.end ?? streams.output,
            terminal: launch.tty ? streams.relay?.end ?? -1 : -1, pid_namespace: -1,
            own_pid_namespace: -1,
            mount_namespace: -1, cgroup: -1, memory_cgroup: -1,
            open_files: launch.limits.openFiles ?? -1, soft_open_files: softOpenFiles,
            file_bytes: launch.limits.fileBytes ?? -1,
            cpu_seconds: launch.limits.cpuSeconds ?? -1, ahead: ahead ? 1 : 0)
          enclosure?.place(&request)
          streams.memory?.place(&request)
          if let slot = streams.slot { request.mount_namespace = slot }
          var started = watch?.spawn(&request) ?? cairn_spawn(&request)
          for _ in 0..<Launcher.busyTries where started.error == ETXTBSY {
            usleep(Launcher.busyMicroseconds)
            started = watch?.spawn(&request) ?? cairn_spawn(&request)
          }
          return started
        }
      }
    }
  }

}

extension Launcher {
  /// Says why a process did not start.
  static func problem(
    _ stage: UInt32, _ error: Int32, _ launch: Launch, _ program: String
  ) -> SpawnProblem {
    let name = launch.arguments.first ?? ""
    let reason = systemReason(error)
    switch stage {
    case CAIRN_STAGE_DIRECTORY.rawValue where error == ENOENT:
      return SpawnProblem("directory \"\(launch.directory)\" does not exist")
    case CAIRN_STAGE_DIRECTORY.rawValue:
      return SpawnProblem("cannot enter directory \"\(launch.directory)\": \(reason)")
    case CAIRN_STAGE_CONTAINMENT.rawValue:
      return SpawnProblem("cannot start \"\(name)\" in its containment: \(reason)")
    case CAIRN_STAGE_LIMITS.rawValue:
      return SpawnProblem("cannot start \"\(name)\" with its limits: \(reason)")
    case CAIRN_STAGE_EXEC.rawValue:
      if let problem = ProgramLookup.problem(of: name, at: program) { return problem }
      guard error == ENOENT else { break }
      return SpawnProblem("cannot start \"\(name)\": the interpreter it names does not exist")
    default: break
    }
    return SpawnProblem(
      "cannot start \"\(name)\": \(reason)", isPassing: isShortage(error) || error == ETXTBSY)
  }
}
