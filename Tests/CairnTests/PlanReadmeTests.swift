import Foundation
import Testing

/// What the README shows of a plan is what the program says.
@Suite(.timeLimit(.minutes(15)))
struct PlanReadmeTests {
  @Test("the README's table is the end of the output of the command beside it")
  func table() async throws {
    let project = try TemporaryProject(example: "trace")
    let run = try await CairnBinary.run(["plan", "--compare", "rnaseq.json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let start = try #require(run.output.range(of: "order   "))
    let table = String(run.output[start.lowerBound...])
    let readme = try String(contentsOfFile: CairnBinary.repository + "/README.md", encoding: .utf8)
    #expect(readme.contains(table))
  }
}
