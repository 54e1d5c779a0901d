import Foundation
import Glibc
import Model
import Synchronization
import Testing

@testable import Execution

/// Swift Testing has a type of that name, too.
private typealias ExitStatus = Model.ExitStatus

@Suite("process executor") struct ProcessExecutorTests {
  let folder: TemporaryFolder
  let executor: ProcessExecutor

  init() throws {
    folder = try TemporaryFolder()
    // Without namespaces a pid means the same inside and outside.
    executor = try ProcessExecutor(containment: .guardian)
  }

  func launch(_ arguments: [String], environment: [String] = []) -> Launch {
    Launch(
      arguments: arguments, environment: ["PATH=/usr/bin:/bin"] + environment,
      directory: folder.path, log: folder.path + "/log")
  }

  func shell(_ script: String) -> Launch { launch(["sh", "-c", script]) }

  func run(_ launch: Launch) async throws -> ProcessExit { try await started(launch).exit() }

  func started(_ launch: Launch) throws -> RunningProcess {
    let (stream, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let process = try executor.start(launch) {
      continuation.yield($0)
      continuation.finish()
    }
    return RunningProcess(process: process, exits: stream)
  }

  /// Makes a program through a process of its own: while a descriptor of ours could write it, a child
  /// that another test has just cloned would hold a copy, and the program be busy.
  func program(_ name: String, _ text: String) async throws {
    let script = "mkdir -p $(dirname \(name)); printf %s \"$TEXT\" > \(name); chmod +x \(name)"
    _ = try await run(launch(["sh", "-c", script], environment: ["TEXT=\(text)"]))
  }

  func log() -> String { folder.read("log") ?? "" }

  func loggedPid() throws -> Int32 {
    try #require(Int32(log().trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  func wait(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(
    "an exit status is told as the kernel tells it",
    arguments: [
      ("exit 0", ExitStatus.code(0)), ("exit 7", .code(7)), ("exit 255", .code(255)),
      ("kill -TERM $$", .signal(SIGTERM)), ("kill -KILL $$", .signal(SIGKILL)),
      ("kill -SEGV $$", .signal(SIGSEGV)),
    ])
  fileprivate func status(script: String, expected: ExitStatus) async throws {
    #expect(try await run(shell(script)).status == expected)
  }

  @Test("output and errors are appended to the log in order, binary or not")
  func output() async throws {
    _ = try await run(shell("echo one; echo two >&2; printf '\\000\\377'"))
    _ = try await run(shell("echo three"))
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: folder.path + "/log")))
    #expect(bytes == Array("one\ntwo\n".utf8) + [0, 255] + Array("three\n".utf8))
  }

  @Test(
    "a process sees its environment, folder and umask, no input, no terminal, nothing else open")
  func surroundings() async throws {
    let script = "pwd -P; cat; umask; echo $X; echo $PPID; ls /proc/self/fd | wc -l; tty"
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    _ = try await run(launch(["sh", "-c", script], environment: ["X=a b"]))
    // ls holds the three streams and the folder that it lists.
    #expect(log() == "\(folder.path)\n0022\na b\n\(getpid())\n4\nnot a tty\n")
  }

  @Test("signals are neither blocked nor ignored in the process")
  func masks() async throws {
    signal(SIGUSR2, SIG_IGN)
    _ = try await run(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status"))
    let masks = log().split(separator: "\n").compactMap { $0.split(separator: "\t").last }
    #expect(masks == ["0000000000000000", "0000000000000000"])
  }

  @Test("standard input can be a file")
  func input() async throws {
    try folder.write("prompt.md", "do it")
    var launch = shell("cat")
    launch.input = folder.path + "/prompt.md"
    _ = try await run(launch)
    #expect(log() == "do it")
  }

  @Test(
    "what cannot start says why",
    arguments: [
      (["nonesuch-program"], "cannot start \"nonesuch-program\": not found in PATH"),
      ([], "cannot start: the command is empty"),
      (["./absent"], "cannot start \"./absent\": No such file or directory"),
      (["./folder"], "cannot start \"./folder\": not a file"),
      (["./plain"], "cannot start \"./plain\": not executable"),
      (["./orphan"], "cannot start \"./orphan\": the interpreter it names does not exist"),
      (["./text"], "cannot start \"./text\": Exec format error"),
      (["sh", "a\0b"], "cannot start \"sh\": an argument or a variable holds a zero byte"),
    ])
  func problems(arguments: [String], message: String) async throws {
    try folder.make("folder")
    try folder.write("plain", "x")
    try await program("orphan", "#!/no/such/interpreter\n")
    try await program("text", "echo\n")
    #expect(throws: SpawnProblem(message)) { try started(launch(arguments)) }
  }

  @Test("a missing folder and an impossible log are named")
  func places() throws {
    var launch = shell("true")
    launch.directory = folder.path + "/absent"
    #expect(throws: SpawnProblem("directory \"\(folder.path)/absent\" does not exist")) {
      try started(launch)
    }
    launch.directory = folder.path
    launch.log = folder.path + "/absent/log"
    let message = "cannot open log \"\(folder.path)/absent/log\": No such file or directory"
    #expect(throws: SpawnProblem(message)) { try started(launch) }
  }

  @Test("a program is looked up in the task's own PATH, relative entries in its folder")
  func lookup() async throws {
    try await program("tools/greet", "#!/bin/sh\necho hello\n")
    var launch = launch(["greet"])
    launch.environment = ["PATH=/usr/bin:tools"]
    #expect(try await run(launch).status == .code(0))
    #expect(log() == "hello\n")
  }

  @Test("usage has the processor time and the peak memory of the process")
  func usage() async throws {
    let exit = try await run(
      shell(
        "head -c 40000000 /dev/zero | tail -c 40000000 | wc -c; "
          + "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"))
    #expect(exit.usage.userSeconds > 0)
    #expect(exit.usage.peakResidentBytes > 30_000_000)
  }

  @Test("the whole group is stopped, continued and ended")
  func groupSignals() async throws {
    let running = try started(shell("sleep 1000 & echo $!; sleep 1000"))
    try await wait { log().contains("\n") }
    let child = try loggedPid()
    executor.signal(running.process, SIGSTOP)
    try await wait { ProcessTable.record(of: child)?.state == "T" }
    executor.signal(running.process, SIGCONT)
    try await wait { ProcessTable.record(of: child)?.state == "S" }
    executor.signal(running.process, SIGTERM)
    #expect(try await running.exit().status == .signal(SIGTERM))
    #expect(ProcessTable.record(of: child) == nil)
  }

  @Test("a signal reaches what has a group of its own in the task's session")
  func foreignGroup() async throws {
    let running = try started(shell("timeout 1000 sh -c 'echo $$; exec sleep 1000'; echo after"))
    try await wait { log().contains("\n") }
    let inner = try loggedPid()
    executor.signal(running.process, SIGSTOP)
    try await wait { ProcessTable.record(of: inner)?.state == "T" }
    executor.signal(running.process, SIGKILL)
    _ = try await running.exit()
    #expect(ProcessTable.record(of: inner) == nil)
  }

  @Test("a signal to an ended process, or to a pid that is not the started one, goes nowhere")
  func lateSignal() async throws {
    let first = try started(shell("exit 0"))
    _ = try await first.exit()
    executor.signal(first.process, SIGKILL)
    executor.signal(StartedProcess(pid: getpid(), startTime: 1), SIGKILL)
    let second = try started(shell("read x < /dev/zero"))
    var forged = second.process
    forged.startTime += 1
    executor.signal(forged, SIGKILL)
    executor.signal(second.process, SIGINT)
    #expect(try await second.exit().status == .signal(SIGINT))
  }

  @Test("what a task leaves in the background is gone when its exit is told, TERM ignored or not")
  func background() async throws {
    let exit = try await run(
      shell(
        "(trap '' TERM; sleep 1000) & echo $!; timeout 1000 sleep 1000 & (sleep 1000 &) ; exit 3"))
    #expect(exit.status == .code(3))
    #expect(ProcessTable.record(of: try loggedPid()) == nil)
    let left = ProcessTable.pids().filter {
      ProcessTable.record(of: $0)?.session == exit.process.pid
    }
    #expect(left == [])
  }

  @Test("a sample sums the session and tells the size of the log")
  func samples() async throws {
    let running = try started(shell("echo ready; sleep 1000 & sleep 1000"))
    try await wait { executor.sample([running.process]).first?.processes == 3 }
    let sample = try #require(executor.sample([running.process]).first)
    #expect(sample.residentBytes > 0)
    #expect(sample.outputBytes == 6)
    executor.signal(running.process, SIGKILL)
    _ = try await running.exit()
    #expect(executor.sample([running.process]) == [Signals.TaskSample()])
  }

  @Test("a sample tells what the end of the output says of progress, and follows it")
  func sampledProgress() async throws {
    let script = "printf '[1/8]'; read x < go; printf ' 50%% of it\\r[2/8]'; sleep 1000"
    let gate = folder.path + "/go"
    #expect(mkfifo(gate, 0o600) == 0)
    let running = try started(shell(script))
    let told = { executor.sample([running.process]).first?.progress }
    try await wait { told() == OutputProgress(share: 0.125, source: .count, done: 1, total: 8) }
    // Nothing new is nothing else.
    #expect(told()?.done == 1)
    let file = try #require(FileHandle(forWritingAtPath: gate))
    try file.write(contentsOf: Data("\n".utf8))
    try file.close()
    try await wait { told()?.done == 2 }
    executor.signal(running.process, SIGKILL)
    _ = try await running.exit()
    #expect(told() == nil)
  }

  @Test("two hundred exits at once are told once each and leave no descriptor of theirs open")
  func storm() async throws {
    let counts = Mutex<[StartedProcess: Int]>([:])
    let (stream, bell) = AsyncStream.makeStream(of: Void.self)
    for _ in 0..<200 {
      _ = try executor.start(shell("exit 0")) { exit in
        counts.withLock { $0[exit.process, default: 0] += 1 }
        bell.yield()
      }
    }
    var left = 200
    for await _ in stream {
      left -= 1
      if left == 0 { break }
    }
    let told = counts.withLock { $0 }
    #expect(told.count == 200 && told.values.allSatisfy { $0 == 1 })
    // Other tests open and close meanwhile, so only what names our folder or processes is counted.
    let pids = Set(told.keys.map(\.pid))
    let open = openFiles().filter { name, pid in
      name.hasPrefix(folder.path) || pid.map { pids.contains($0) } == true
    }
    #expect(open.isEmpty)
  }

  /// The targets of this process's descriptors, and whom its pidfds name (-1 once waited for).
  private func openFiles() -> [(name: String, pid: Int32?)] {
    FileTree.plainNames(in: "/proc/self/fd").map { number in
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/fd/\(number)")
      let info = try? String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)
      let line = info?.split(separator: "\n").first { $0.hasPrefix("Pid:") }
      return (target ?? "", line.flatMap { Int32($0.dropFirst(5)) })
    }
  }

  @Test("the executor's end is the end of what it started")
  func death() async throws {
    var short: ProcessExecutor? = try ProcessExecutor()
    let (stream, bell) = AsyncStream.makeStream(of: ProcessExit.self)
    _ = try short?.start(shell("sleep 1000")) { bell.yield($0) }
    short = nil
    var exits = stream.makeAsyncIterator()
    #expect(await exits.next()?.status == .signal(SIGKILL))
  }

  @Test("an actor on the executor's thread starts processes and hears of their ends there")
  func actor() async throws {
    let turn = Turn(executor)
    #expect(try await turn.run(shell("exit 4")) == .code(4))
  }

  /// An actor that lives on the launcher's thread.
  private actor Turn {
    private let executor: ProcessExecutor
    private let thread: any SerialExecutor

    init(_ executor: ProcessExecutor) {
      self.executor = executor
      thread = executor.serialExecutor
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func run(_ launch: Launch) async throws -> ExitStatus {
      let (stream, bell) = AsyncStream.makeStream(of: ExitStatus.self)
      _ = try executor.start(launch) { exit in
        self.assumeIsolated { $0.note(exit, bell) }
      }
      for await status in stream { return status }
      throw SpawnProblem("no exit was told")
    }

    private func note(_ exit: ProcessExit, _ bell: AsyncStream<ExitStatus>.Continuation) {
      bell.yield(exit.status)
    }
  }
}

/// A process and the one exit that will be told of it.
struct RunningProcess: Sendable {
  var process: StartedProcess
  var exits: AsyncStream<ProcessExit>

  func exit() async throws -> ProcessExit {
    for await exit in exits { return exit }
    throw SpawnProblem("no exit was told")
  }
}

@Suite("process records") struct ProcessRecordTests {
  @Test("a command's name may hold anything")
  func names() throws {
    let text = "42 (a) R 1 (b) S 7 8 9 0 -1 4194560 1 0 0 0 30 12 0 0 20 0 1 0 987 4096 55 1"
    let record = try #require(Array(text.utf8).withUnsafeBytes { ProcessRecord($0) })
    #expect(record.pid == 42 && record.state == "S" && record.parent == 7 && record.group == 8)
    #expect(record.session == 9 && record.cpuTicks == 42 && record.startTime == 987)
    #expect(record.residentPages == 55)
  }

  @Test("numbers are read between blanks, whatever their sign and length")
  func fields() {
    let text = Array("a: 7\n-12  99999999999999999999 b".utf8)
    text.withUnsafeBytes { text in
      var fields = FieldScanner(text, from: 0)
      let (word, skipsWord) = (fields.next(), fields.skip(1))
      #expect(word == nil && skipsWord)
      let numbers = [fields.next(), fields.next(), fields.next()]
      #expect(numbers == [7, -12, .max])
      let (skipsLast, skipsMore) = (fields.skip(1), fields.skip(1))
      #expect(skipsLast && !skipsMore)
      let end = fields.next()
      #expect(end == nil)
    }
  }

  @Test(
    "a text that is none is refused",
    arguments: ["", "1", "1 (a", "1 (a)", "x (a) S 1", "1 (a) S 1 2 3"])
  func nonsense(text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { ProcessRecord($0) } == nil)
  }
}
