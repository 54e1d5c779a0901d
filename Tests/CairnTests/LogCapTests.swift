import Foundation
import Glibc
import Testing

/// Logs that would not end, through the real program.
@Suite(.timeLimit(.minutes(15)))
struct LogCapTests {
  private func allocated(_ path: String) -> Int64 {
    var status = stat()
    return lstat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : -1
  }

  @Test("a task that writes far more than the cap is done, and its log says what is missing")
  func cap() async throws {
    let megabytes = Soak.isOn ? 5_000 : 64
    let cap = Soak.isOn ? 64 : 2
    let project = try TemporaryProject(
      """
      logs: { cap: \(cap)MiB }
      tasks:
        flood:
          run: |
            echo first
            head -c \(megabytes)M /dev/zero | tr '\\0' x | fold -w 99
            echo
            echo last
      """)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(allocated(project.path(".cairn/logs/1/0-flood.1.log")) <= Int64(cap) << 20)
    let logs = try await CairnBinary.run(["logs", "flood"], in: project)
    #expect(logs.status == 0)
    let lines = logs.outputLines
    #expect(lines.first == "first" && lines.last == "last")
    let markers = lines.filter {
      $0.hasPrefix("[... ") && $0.hasSuffix(" of output dropped here ...]")
    }
    #expect(markers.count == 1)
    // Whole lines at the seams.
    #expect(
      lines.dropFirst().dropLast(2).allSatisfy { $0.utf8.count == 99 || markers.contains($0) })
  }

  @Test("logs of old runs go by number, the last run's stay, and the news says so")
  func retention() async throws {
    let project = try TemporaryProject(
      """
      logs: { keep: 2 }
      tasks: { a: { run: echo $CAIRN_RUN } }
      """)
    for _ in 1...3 {
      #expect(try await CairnBinary.run(["run", "--plain"], in: project).status == 0)
    }
    #expect(try project.shell("ls .cairn/logs") == "2\n3\n")
    let last = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(last.output.contains("\"logs.swept\""))
    #expect(last.output.contains("deleted the logs of run 2"))
    let gone = try await CairnBinary.run(["logs", "a", "--run", "1"], in: project)
    #expect(gone.status == 66 && gone.errors.contains("the logs of this run are gone"))
    #expect(try await CairnBinary.run(["logs", "a"], in: project).output == "4\n")
  }

  @Test(
    "eight tasks that flood their logs at once cost Cairn no memory",
    .enabled(if: Soak.isOn, "set CAIRN_SOAK=1 for the half minute that it takes"))
  func floods() async throws {
    let project = try TemporaryProject(
      """
      budget: { jobs: 9 }
      tasks:
        flood: { matrix: { n: 0..7 }, run: timeout 20 cat /dev/zero || true }
        quiet: { matrix: { n: 0..9 }, run: sleep 1 }
      """)
    let child = try CairnBinary.start(["run", "--json"], in: project)
    var peak = 0
    let status = "/proc/\(child.pid)/status"
    while let text = try? String(contentsOfFile: status, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") })
    {
      peak = max(peak, Int(line.filter(\.isNumber)) ?? 0)
      try await Task.sleep(for: .milliseconds(200))
    }
    let finished = await child.finished()
    #expect(finished.status == 0)
    #expect((1..<200_000).contains(peak), "KiB")
    for n in 0...7 {
      let log = project.path(".cairn/logs/1/\(n)-flood%5Bn%3D\(n)%5D.1.log")
      #expect((1...(64 << 20)).contains(allocated(log)))
    }
  }
}
