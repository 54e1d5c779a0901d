import Foundation
import Testing

/// The benchmarks measure; that they can is all that is tested.
@Suite(.timeLimit(.minutes(10)))
struct BenchTests {
  @Test("a simulation of two graphs tells facts and memory of each")
  func simulate() async throws {
    let project = try TemporaryProject("tasks: {}")
    let bench = try await CairnBinary.run(["bench", "simulate", "--tasks", "2000"], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    let rows = bench.output.split(separator: "\n").dropFirst()
    #expect(rows.map { $0.prefix { $0 != " " } } == ["wide", "layered"])
    #expect(rows.allSatisfy { $0.hasSuffix(" MiB") })
  }
}
