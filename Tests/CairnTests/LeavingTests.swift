import Foundation
import Glibc
import Testing

/// A run and the terminals that come and go.
@Suite(
  "Attaching and leaving", .serialized, .timeLimit(.minutes(15)),
  .enabled(if: Tmux.isInstalled, "needs tmux"))
struct LeavingTests {
  @Test("an attached dashboard asks of the run, and leaving it leaves the run alone")
  func attach() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    let tmux = try await bench.attach()
    try tmux.press("P")
    try await poll("the hold") { run.output.contains("run.held") ? true : nil }
    try tmux.press("c")
    try await poll("its end") { run.output.contains("run.continued") ? true : nil }
    try tmux.press("q")
    try await tmux.wait(for: "belongs to another terminal")
    try tmux.press("d")
    try await tmux.wait(for: "left with 0")
    // The bare command finds it too, and ^C ^C is no order to a run of somebody else.
    try tmux.type("clear; '\(CairnBinary.path)'; echo gone with $?")
    try await tmux.wait(for: "alpha")
    try tmux.press("C-c")
    try await tmux.wait(for: "belongs to another terminal")
    // Two at once: on a busy machine the first may be too long ago.
    try tmux.press("C-c", "C-c")
    try await tmux.wait(for: "gone with 0")
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
  }

  @Test("requests arrive in the order of their keys, however fast these follow")
  func order() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    let tmux = try await bench.attach()
    for count in 1...10 {
      // What P asks for depends on what the screen knows.
      try await tmux.wait(for: "#1 ● running")
      try tmux.press("P", "c")
      try await poll("the end of hold \(count)") {
        run.output.components(separatedBy: "run.continued").count == count + 1 ? true : nil
      }
    }
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
  }

  @Test("an attached dashboard can stop the run")
  func stops() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    let tmux = try await bench.attach()
    try tmux.press("q")
    try await tmux.wait(for: "belongs to another terminal")
    try tmux.press("s")
    #expect(await run.finished().status == 2)
  }

  @Test("with --keep-running a run outlives its terminal, is attached to, and ends clean")
  func keepsRunning() async throws {
    for mode in ["", "--plain"] {
      let session = try DashboardSession()
      try session.start("--keep-running", mode)
      try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
      try await session.tmux.wait(for: "alpha")
      let row = try #require(ProcessRow(try session.pid()))
      try session.tmux.kill()
      let attached = try CairnBinary.start(["attach", "--plain"], in: session.project)
      try await poll("lines of the run") { attached.output.contains("alpha") ? true : nil }
      let status = try await CairnBinary.run(["status", "--json"], in: session.project)
      #expect(status.output.contains(#""state" : "running""#))
      #expect(row.isAlive)
      try session.project.write("", to: "go")
      #expect(await attached.finished().status == 0)
      try await poll("its end") { row.isAlive ? nil : true }
      let ended = try await CairnBinary.run(["status", "--json"], in: session.project)
      #expect(ended.output.contains(#""state" : "done""#))
      #expect(
        try session.project.shell("ls runtime ../runtime/cairn 2> /dev/null || true")
          == "../runtime/cairn:\n")
      #expect(try await CairnBinary.run(["run", "--plain"], in: session.project).status == 0)
    }
  }

  @Test("without it the run drains when its terminal goes, and can be resumed")
  func drains() async throws {
    for mode in ["", "--plain"] {
      let session = try DashboardSession()
      try session.start(mode)
      try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
      try await session.tmux.wait(for: "alpha")
      let row = try #require(ProcessRow(try session.pid()))
      try session.tmux.kill()
      try await poll("its end") { row.isAlive ? nil : true }
      let status = try await CairnBinary.run(["status", "--json"], in: session.project)
      #expect(status.output.contains(#""state" : "stopped""#))
      try session.project.write("", to: "go")
      #expect(try await CairnBinary.run(["resume", "--plain"], in: session.project).status == 0)
    }
  }

  @Test("nohup is obeyed")
  func nohup() async throws {
    let bench = try ControlBench()
    let files = bench.project.newFiles()
    let run = try Child(
      "/usr/bin/nohup", [CairnBinary.path, "run", "--json"], in: bench.project.root,
      environment: bench.project.environment, files: files)
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    run.send(SIGHUP)
    try await bench.expect(["hold"], 0, "hold accepted")
    try await bench.expect(["continue"], 0, "continue accepted")
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
  }

  @Test("a terminal that takes nothing stops nobody but itself", arguments: ["", "--plain"])
  func stoppedTerminal(mode: String) async throws {
    let bench = try ControlBench(
      """
      name: work
      budget: { jobs: 2 }
      tasks:
        many: { matrix: { n: 1..150 }, run: 'echo "stone $n"', output: none }
      """)
    let terminal = try StoppedTerminal()
    let run = try Child(
      "/bin/bash",
      ["-c", "exec '\(CairnBinary.path)' run \(mode) < \(terminal.name) > \(terminal.name)"],
      in: bench.project.root, environment: bench.project.environment,
      files: bench.project.newFiles())
    try await poll("the end of the run") { () -> Bool? in
      let status = try await CairnBinary.run(["status", "--json"], in: bench.project)
      return status.output.contains(#""state" : "done""#) ? true : nil
    }
    terminal.startReading()
    // A dashboard stays until somebody leaves it; one that has not heard of the end yet asks how.
    var keys = ["q", "d"]
    try await poll("the end of Cairn") {
      guard run.isAlive else { return true }
      terminal.press(keys[0])
      keys.reverse()
      return nil
    }
    #expect(await run.finished().status == 0)
  }
}

/// A pseudo-terminal whose other end is not read until that is asked for.
final class StoppedTerminal: Sendable {
  let name: String
  private let descriptor: Int32
  private let device: Int32

  init() throws {
    var ends: (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&ends.0, &ends.1, nil, nil, &size) == 0, let text = ttyname(ends.1) else {
      throw PollProblem(description: "no pseudo-terminal")
    }
    (descriptor, device) = ends
    name = String(cString: text)
    for end in [descriptor, device] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  func press(_ key: String) { _ = write(descriptor, key, key.utf8.count) }

  /// Takes all there is, until the program that has the terminal closes it; only once.
  func startReading() {
    close(device)
    Thread.detachNewThread { [self] in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while read(descriptor, &buffer, buffer.count) > 0 {}
      close(descriptor)
    }
  }
}
