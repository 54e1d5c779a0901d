import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("process output") struct ProcessOutputTests {
  let folder: TemporaryFolder
  let executor: ProcessExecutor

  init() throws {
    folder = try TemporaryFolder()
    executor = try ProcessExecutor()
  }

  func run(_ script: String, log: String = "log", spool: String? = "spool") async throws
    -> ProcessExit
  {
    let launch = Launch(
      arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
      directory: folder.path, log: folder.path + "/" + log,
      spool: spool.map { folder.path + "/" + $0 })
    let (stream, bell) = AsyncStream.makeStream(of: ProcessExit.self)
    let process = try executor.start(launch) { bell.yield($0) }
    return try await RunningProcess(process: process, exits: stream).exit()
  }

  @Test("a spool becomes the log of an attempt that wrote, and only of such a one")
  func spool() async throws {
    #expect(try await run("true", log: "a").outputBytes == 0)
    #expect(try await run("echo b", log: "b").outputBytes == 2)
    #expect(try await run("true", log: "c").outputBytes == 0)
    #expect(try await run("echo dd >&2", log: "d").outputBytes == 3)
    #expect(folder.read("a") == nil && folder.read("c") == nil)
    #expect(folder.read("b") == "b\n" && folder.read("d") == "dd\n")
  }

  @Test("what an earlier Cairn left in a spool is in nobody's log")
  func oldSpool() async throws {
    try folder.write("spool", "old")
    #expect(try await run("echo new").outputBytes == 4)
    #expect(folder.read("log") == "new\n")
  }

  @Test("a log that cannot be made is told with the exit")
  func lostLog() async throws {
    let exit = try await run("echo lost", log: "absent/log")
    #expect(exit.outputBytes == 5)
    #expect(
      exit.outputProblem
        == "cannot move the output to \"\(folder.path)/absent/log\": No such file or directory")
    let path = folder.path + "/none/spool"
    let message = "cannot open log \"\(path)\": No such file or directory"
    await #expect(throws: SpawnProblem(message)) { try await run("true", spool: "none/spool") }
  }

  @Test("without a spool the bytes of this process count, not those before")
  func direct() async throws {
    #expect(try await run("echo one", spool: nil).outputBytes == 4)
    #expect(try await run("echo three", spool: nil).outputBytes == 6)
  }

  @Test("a process that failed to start leaves its spool to the next one")
  func failedStart() async throws {
    let spool = folder.path + "/spool"
    let launch = Launch(
      arguments: ["./none"], environment: [], directory: folder.path, log: folder.path + "/log",
      spool: spool)
    #expect(throws: SpawnProblem.self) { try executor.start(launch) { _ in } }
    #expect(try await run("echo x").outputBytes == 2)
  }
}

@Suite("launcher thread") struct LauncherThreadTests {
  let executor: ProcessExecutor

  init() throws { executor = try ProcessExecutor() }

  func launch(_ script: String) -> Launch {
    Launch(
      arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"], directory: "/",
      log: "/dev/null")
  }

  @Test("a turn's end follows the exits it told, on the thread, where one asks for it")
  func turns() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    let executor = executor
    executor.setTurnEnd { bell.yield(executor.askTurnEnd() ? "turn" : "elsewhere") }
    _ = try executor.start(launch("exit 0")) { _ in bell.yield("unasked") }
    var heard = stream.makeAsyncIterator()
    #expect(await heard.next() == "unasked")
    _ = try executor.start(launch("exit 0")) { _ in
      bell.yield(executor.askTurnEnd() ? "exit" : "elsewhere")
    }
    #expect(await heard.next() == "exit")
    #expect(await heard.next() == "turn")
    #expect(!executor.askTurnEnd())
    executor.setTurnEnd {}
  }

  @Test("wake-ups come in the order of their moments, whoever asks, each before a turn's end")
  func wakes() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    let clock = executor.clock
    let start = clock.seconds
    executor.setTurnEnd { bell.yield("turn") }
    clock.wake(at: start + 0.02) { [weak executor] in
      _ = executor?.askTurnEnd()
      bell.yield(clock.seconds >= start + 0.02 ? "soon" : "too soon")
      clock.wake(at: start + 0.04) { [weak executor] in
        bell.yield(executor?.askTurnEnd() == true ? "late" : "elsewhere")
      }
      clock.wake(at: start) { bell.yield("past") }
    }
    var heard: [String] = []
    for await word in stream {
      if word != "turn" || heard.last != "turn" { heard.append(word) }
      if heard.contains("late"), word == "turn" { break }
    }
    #expect(heard.filter { $0 != "turn" } == ["soon", "past", "late"])
    #expect(heard.last == "turn")
  }

  @Test("the start time of a process is the one that the kernel shows")
  func startTimes() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: Void.self)
    for _ in 0..<100 {
      let process = try executor.start(launch("read x")) { _ in bell.yield() }
      // It may have ended, but then it waits for this thread's answer or is gone.
      if let record = ProcessTable.record(of: process.pid) {
        #expect(record.startTime == process.startTime)
      }
    }
    var left = 100
    for await _ in stream {
      left -= 1
      if left == 0 { break }
    }
  }
}
