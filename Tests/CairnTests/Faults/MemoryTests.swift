import Foundation
import Model
import Testing

/// Whether the machine lets us hold a task to its memory.
private let isOffered: Bool = {
  guard let project = try? TemporaryProject(),
    let text = try? project.shell("'\(CairnBinary.path)' doctor --json || true")
  else { return false }
  return text.contains("is held to it by a cgroup")
}()

/// Tasks that need more memory than they declare (F22).
@Suite(
  .timeLimit(.minutes(15)),
  .enabled(if: isOffered, "no cgroup with a memory controller is ours here"))
struct MemoryTests {
  private static let mebibyte: Int64 = 1 << 20

  /// Holds this many MiB in memory for a moment.
  private static func hold(_ mebibytes: Int) -> String {
    "head -c \(mebibytes)M /dev/zero | tail -c \(mebibytes)M | wc -c"
  }

  private static func run(
    _ file: String, _ containment: Containment
  ) async throws -> (finished: Finished, lines: FactLines, project: TemporaryProject) {
    let project = try TemporaryProject(file)
    let finished = try await CairnBinary.run(
      ["run", "--json"], in: project, environment: containment.environment)
    return (finished, try FactLines(finished.output), project)
  }

  @Test("a task above its memory is killed for it, and nobody else", arguments: Containment.offered)
  func exceeds(containment: Containment) async throws {
    let (finished, lines, _) = try await Self.run(
      """
      budget: { jobs: 3 }
      defaults: { retries: 0 }
      tasks:
        greedy:
          memory: 64MiB
          output: none
          run: 'while ! test -e up; do sleep 0.05; done; \(Self.hold(200))'
        over: { after: [greedy], when: failure, output: none, run: touch over }
        beside:
          memory: 64MiB
          output: none
          run: 'touch up; while ! test -e over; do sleep 0.05; done; \(Self.hold(16))'
        undeclared: { output: none, run: 'while ! test -e over; do sleep 0.05; done' }
      """, containment)
    #expect(finished.status == 1)
    #expect(lines.done == ["over", "beside", "undeclared"])
    let attempt = try #require(lines.status("greedy")?.lastAttempt)
    #expect(attempt.outcome?.class == .memory)
    let peak = try #require(attempt.usage?.memoryPeakBytes)
    #expect(peak > 48 * Self.mebibyte && peak <= 64 * Self.mebibyte)
    #expect(try #require(lines.status("beside")?.lastAttempt?.usage?.memoryPeakBytes) < peak)
    #expect(lines.status("undeclared")?.lastAttempt?.usage?.memoryPeakBytes == nil)
  }

  @Test(
    "after kill -9 the guardian removes the groups of the run",
    arguments: Containment.offered.filter { $0.name != "namespace" })
  func killed(containment: Containment) async throws {
    let project = try TemporaryProject(
      """
      tasks:
        waits: { memory: 64MiB, output: none, run: 'cat /proc/self/cgroup > groups; sleep 1000' }
      """)
    let child = try CairnBinary.start(
      ["run", "--json"], in: project, environment: containment.environment)
    let name = try await poll("the task's group") { () -> Substring? in
      guard project.exists("groups") else { return nil }
      return try project.read("groups").split { "/\n".contains($0) }
        .last { $0.hasPrefix("cairn-\(child.pid)-") && $0.contains(".") }
    }
    let find = "find /sys/fs/cgroup -name '\(name)'"
    #expect(try project.shell(find).contains(name))
    child.send(SIGKILL)
    _ = await child.finished()
    try await poll("the end of the group") { try project.shell(find).isEmpty ? true : nil }
  }

  @Test("a retry with more memory gets the larger limit")
  func grows() async throws {
    let (finished, lines, project) = try await Self.run(
      """
      tasks:
        grows:
          memory: 64MiB * attempt
          retries: { memory: 1 }
          backoff: 10ms
          output: none
          run: \(Self.hold(90))
      """, Containment(name: nil, endsDaemons: true))
    #expect(finished.status == 0)
    let attempts = try #require(lines.status("grows")?.attempts)
    #expect(attempts.map(\.outcome?.class) == [.memory, .success])
    let peak = try #require(attempts.last?.usage?.memoryPeakBytes)
    #expect(peak > 90 * Self.mebibyte && peak <= 128 * Self.mebibyte)
    let text = try await CairnBinary.run(["show", "grows"], in: project).output
    #expect(text.contains("1: memory, ") && text.contains("peak memory 64 MiB"))
    #expect(!text.contains("peak memory ~"))
  }
}
