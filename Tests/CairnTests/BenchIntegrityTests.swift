import Foundation
import Testing

/// `bench integrity` runs the same graph with proof and without, and nothing else does.
@Suite(.timeLimit(.minutes(15)))
struct BenchIntegrityTests {
  private static let graph = """
    tasks:
      make: { matrix: { n: 0..2 }, run: 'head -c 70000 /dev/urandom > "$CAIRN_OUT/f"' }
      join: { needs: [make], run: 'cat "$CAIRN_IN_MAKE"/n=*/f > "$CAIRN_OUT/all"', export: all }
    """

  @Test("both ways are run in each round: one leaves digests, the other none")
  func both() async throws {
    let project = try TemporaryProject(Self.graph)
    let bench = try await CairnBinary.run(
      ["bench", "integrity", ".", "--rounds", "2", "--json"], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(bench.output.utf8))
    let report = try #require(object as? [String: Any])
    #expect(report["cairn"] as? Int == 1)
    #expect(report["tasks"] as? Int == 4)
    #expect(try #require(report["askedBytes"] as? Int) >= 420_000)
    let with = try #require(report["with"] as? [String: Any])
    let without = try #require(report["without"] as? [String: Any])
    // What was exported does not lie there any more.
    #expect(with["provedArtifacts"] as? Int == 3)
    #expect(without["provedArtifacts"] as? Int == 0)
    for key in ["wallSeconds", "cpuSeconds", "sealSeconds"] {
      let spread = try #require(with[key] as? [String: Double])
      #expect(try #require(spread["low"]) > 0)
      #expect(try #require(spread["low"]) <= #require(spread["high"]))
    }
    #expect(!project.exists(".cairn") && !project.exists("all"), "a copy of it was run")
  }

  @Test("people see both beside one another, and whether the promise is held")
  func table() async throws {
    let project = try TemporaryProject(Self.graph)
    let bench = try await CairnBinary.run(
      ["bench", "integrity", "cairn.yaml", "--rounds", "1"], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    #expect(bench.outputLines.first?.hasPrefix("4 tasks, ") == true)
    let digests = bench.outputLines.first { $0.hasPrefix("artifacts with a digest ") }
    #expect(digests?.split(separator: " ").suffix(2) == ["3", "0"], "\(bench.output)")
    let promise = /promise with \/ without <= 1\.05: \d+\.\d{3} \(.*\), (not )?held/
    #expect(bench.output.contains(promise), "\(bench.output)")
  }

  private static let refusals: [(file: String, code: Int32)] = [
    ("tasks: { a: { run: 'true' } }\nspill: { path: other, limit: 1MiB }", 64),
    ("tasks: { a: { run: 'exit 3' } }", 1), ("tasks: [", 65),
  ]

  @Test("what cannot be measured is refused", arguments: refusals)
  func refused(file: String, code: Int32) async throws {
    let project = try TemporaryProject(file)
    let bench = try await CairnBinary.run(
      ["bench", "integrity", "cairn.yaml", "--rounds", "1"], in: project)
    #expect(bench.status == code, "\(bench.errors)")
    #expect(bench.errors.isEmpty == false)
  }

  @Test("no command that runs a project has a way to leave proof out")
  func noOption() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    for command in ["run", "resume"] {
      let help = try await CairnBinary.run([command, "--help"], in: project)
      for word in ["proof", "digest", "integrity"] {
        #expect(!help.output.lowercased().contains(word), "\(command) --help says \(word)")
      }
    }
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.output.contains(/"digest":"[0-9a-f]{32}"/))
  }
}
