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

  @Test("the engine is measured beside a bare loop, and each promise gets its verdict")
  func engine() async throws {
    let project = try TemporaryProject("tasks: {}")
    let bench = try await CairnBinary.run(
      ["bench", "engine", "--wide", "4", "--chain", "3", "--rounds", "1"], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    for promise in ["cairn / bare <= 1.15", "dashboard / plain <= 1.05", "cairn / bare <= 1.35"] {
      #expect(bench.output.contains("promise \(promise): "), "\(bench.output)")
    }
  }
}
