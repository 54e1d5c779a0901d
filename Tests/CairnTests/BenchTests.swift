import Foundation
import Testing

/// The benchmarks measure; that they can is all that is tested.
@Suite(.timeLimit(.minutes(15)))
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

  @Test("a plan of a trace is played under 1, 1.25, 2 and 4 times its peak, and done each time")
  func plan() async throws {
    let trace = CairnBinary.repository + "/Examples/trace/rnaseq.json"
    let project = try TemporaryProject("tasks: {}")
    let bench = try await CairnBinary.run(["bench", "plan", trace], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    let row = try #require(bench.output.split(separator: "\n").last)
    let figure = /\d+\.\d\d \((\d+\.\d\d|DL)\)/
    #expect(row.matches(of: figure).count == 4, "\(bench.output)")
  }

  @Test("the dashboard is measured beside its peers, and each promise has a figure")
  func dashboard() async throws {
    let project = try TemporaryProject("tasks: {}")
    let bench = try await CairnBinary.run(
      ["bench", "dashboard", "--seconds", "1", "--keys", "4", "--tasks", "500"], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    for name in ["cairn, run over", "cairn, busy", "htop", "btop"] {
      #expect(bench.output.contains("\n\(name) "), "\(bench.output)")
    }
    let promises = bench.output.split(separator: "\n").filter { $0.contains("promise ") }
    #expect(promises.count == 5)
    #expect(promises.filter { $0.hasSuffix("held") }.count >= 4, "\(bench.output)")
  }
}
