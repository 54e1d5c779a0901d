import Foundation
import Model
import Testing

/// `Examples/adjoint`: a chain that is read backwards, in the room of a few of its states.
@Suite(.timeLimit(.minutes(15)))
struct ExampleAdjointTests {
  private static func rewrite(_ project: TemporaryProject, steps: Int, budget: String) throws {
    let text = try project.shell("awk -v steps=\(steps) -f bin/graph.awk")
    try project.write(
      text.replacingOccurrences(of: "workspace: 1536KiB", with: "workspace: \(budget)"),
      to: "cairn.yaml")
  }

  @Test("the file is what its script writes")
  func isWritten() throws {
    let project = try TemporaryProject(example: "adjoint")
    let text = try project.shell("awk -v steps=256 -f bin/graph.awk")
    #expect(try project.read("cairn.yaml") == text)
  }

  @Test("49 states in the room of some 14: the gradient is right and each step runs twice at most")
  func small() async throws {
    let project = try TemporaryProject(example: "adjoint")
    try Self.rewrite(project, steps: 49, budget: "768KiB")
    let state = try await Self.run(project)
    #expect(state.peakBytes <= 768 << 10)
    #expect(Self.forwardFactor(state, steps: 49) <= 2)
  }

  @Test(
    "as shipped, 256 states in the room of 32",
    .enabled(if: Soak.isOn, "set CAIRN_SOAK=1 for the half minute that it takes"))
  func full() async throws {
    let project = try TemporaryProject(example: "adjoint")
    let state = try await Self.run(project)
    #expect(state.peakBytes <= state.plan?.peakBytes ?? 0, "measured within the plan")
    #expect(Self.forwardFactor(state, steps: 256) <= 2)
  }

  private static func run(_ project: TemporaryProject) async throws -> RunState {
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("gradient.txt").hasPrefix("gradient -"))
    let state = try FactLines(run.output).state
    #expect(state.counts[.done] == state.taskCount)
    return state
  }

  /// Attempts at forward steps over forward steps.
  private static func forwardFactor(_ state: RunState, steps: Int) -> Double {
    let attempts = state.graph.tasks.filter { $0.isPure }.reduce(0) {
      $0 + state[$1.id].attempts.count
    }
    return Double(attempts) / Double(steps)
  }
}
