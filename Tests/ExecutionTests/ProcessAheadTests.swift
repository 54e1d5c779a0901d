import Foundation
import Model
import Testing

@testable import Execution

/// Starts that nobody waits for: of what has started before, while something else runs.
@Suite("starts ahead of their exec") struct ProcessAheadTests {
  private let folder: TemporaryFolder
  private let executor: ProcessExecutor

  init() throws {
    folder = try TemporaryFolder()
    executor = try ProcessExecutor(containment: .guardian)
  }

  private func launch(_ arguments: [String], in directory: String, log: String = "log") -> Launch {
    Launch(
      arguments: arguments, environment: ["PATH=/usr/bin:/bin", "LOG=\(log)"],
      directory: directory, log: "\(folder.path)/\(log)")
  }

  private func start(_ launch: Launch) throws -> RunningProcess {
    let (stream, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let process = try executor.start(launch) {
      continuation.yield($0)
      continuation.finish()
    }
    return RunningProcess(process: process, exits: stream)
  }

  /// Runs the body beside a process, without which every start is waited for.
  private func beside(_ body: () async throws -> Void) async throws {
    let other = try start(launch(["sleep", "600"], in: folder.path, log: "other"))
    try await body()
    executor.signal(other.process, SIGKILL)
    _ = try await other.exit()
  }

  @Test("each gets its own arguments, variables and streams, more of them than places to wait in")
  func apart() async throws {
    let script = "echo \"$0 $LOG\""
    try await beside {
      let running = try (0..<200).map { number in
        try start(
          launch(["sh", "-c", script, "n\(number)"], in: folder.path, log: "log\(number)"))
      }
      for (number, process) in running.enumerated() {
        #expect(try await process.exit().cause == .itself)
        #expect(folder.read("log\(number)") == "n\(number) log\(number)\n")
      }
    }
  }

  @Test("executors that start at once do not take each other's place")
  func together() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for name in ["a", "b", "c", "d"] {
        group.addTask {
          let bench = try Self()
          try await bench.beside {
            for number in 0..<200 {
              let running = try bench.start(
                bench.launch(["echo", "\(name)\(number)"], in: bench.folder.path))
              #expect(try await running.exit().cause == .itself)
            }
          }
          let expected = (0..<200).map { "\(name)\($0)\n" }.joined()
          #expect(bench.folder.read("log") == expected)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("a program that has gone ends as one that never started; the next start says so at once")
  func gone() async throws {
    try await beside {
      _ = try await start(
        launch(["sh", "-c", "cp /bin/true tool"], in: folder.path)
      ).exit()
      #expect(try await start(launch(["./tool"], in: folder.path)).exit().cause == .itself)
      try FileManager.default.removeItem(atPath: folder.path + "/tool")
      let problem = SpawnProblem("cannot start \"./tool\": No such file or directory")
      let exit = try await start(launch(["./tool"], in: folder.path)).exit()
      #expect(exit.cause == .unstarted(problem))
      #expect(throws: problem) { try start(launch(["./tool"], in: folder.path)) }
    }
  }

  @Test("so does one whose folder has gone")
  func folderGone() async throws {
    let place = folder.path + "/place"
    try folder.make("place")
    try await beside {
      #expect(try await start(launch(["true"], in: place)).exit().cause == .itself)
      try FileManager.default.removeItem(atPath: place)
      let exit = try await start(launch(["true"], in: place)).exit()
      #expect(exit.cause == .unstarted(SpawnProblem("directory \"\(place)\" does not exist")))
      // Its place is free again: more failures than there are places change nothing.
      for _ in 0..<40 {
        try folder.make("place")
        _ = try await start(launch(["true"], in: place)).exit()
        try FileManager.default.removeItem(atPath: place)
        // A start that is not made ahead says so at once.
        _ = try? await start(launch(["true"], in: place)).exit()
      }
    }
  }
}
