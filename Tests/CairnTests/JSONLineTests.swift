import Foundation
import Model
import Testing

/// `--json` is a contract.
@Suite(.timeLimit(.minutes(15)))
struct JSONLineTests {
  private static let file = """
    tasks:
      a: { matrix: { n: 0..9 }, run: 'test $CAIRN_ATTEMPT = 2', retries: 1, backoff: 10ms }
      b: { needs: [a], run: exit 1 }
      c: { needs: [b], run: "true" }
    """

  @Test("run --json writes nothing but facts, numbered without gaps over all sessions")
  func noGaps() async throws {
    let project = try TemporaryProject(Self.file)
    let first = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(first.status == 1)
    let facts = try FactLines(first.output).facts
    #expect(facts.count == first.outputLines.count)
    #expect(facts.map(\.sequence) == Array(1...facts.count))
    let second = try await CairnBinary.run(["resume", "--json"], in: project)
    let later = try FactLines(first.output + second.output).facts
    #expect(later.map(\.sequence) == Array(1...later.count))
    #expect(Set(later.map(\.session)) == [1, 2])
    #expect(zip(later, later.dropFirst()).allSatisfy { $0.elapsedSeconds <= $1.elapsedSeconds })
  }

  @Test("each line is flat, versioned, and names its task")
  func flat() async throws {
    let project = try TemporaryProject(Self.file)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    for line in run.outputLines {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["cairn"] as? Int == 1)
      if object["kind"] as? String == "run.opened" { #expect(object["cairnVersion"] is String) }
      for key in ["sequence", "session", "elapsedSeconds", "wallTime", "kind"] {
        #expect(object[key] != nil, "\(key) in \(line)")
      }
      if object["task"] != nil { #expect(object["name"] is String, "\(line)") }
    }
  }

  @Test("status --json has the keys that the design names")
  func status() async throws {
    let project = try TemporaryProject(Self.file)
    _ = try await CairnBinary.run(["run", "--plain"], in: project)
    let status = try await CairnBinary.run(["status", "--json"], in: project)
    #expect(status.status == 0)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
    let keys = [
      "run", "state", "tasks", "footprintBytes", "peakBytes", "budgetBytes", "reuse", "autonomy",
      "elapsedSeconds",
    ]
    for key in keys { #expect(object[key] != nil, "\(key)") }
    let tasks = try #require(object["tasks"] as? [String: Int])
    #expect(tasks["done"] == 10)
    #expect(tasks["failed"] == 1)
    #expect(tasks["skipped"] == 1)
  }

  @Test("graph prints text, DOT and Mermaid", arguments: ["text", "dot", "mermaid"])
  func graph(format: String) async throws {
    let project = try TemporaryProject(Self.file)
    let printed = try await CairnBinary.run(["graph", "--format", format], in: project)
    #expect(printed.status == 0)
    #expect(printed.errors == "")
    for name in ["a[n=0]", "a[n=9]", "b", "c"] { #expect(printed.output.contains(name)) }
  }

  @Test("completions for every shell name the commands", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) async throws {
    let printed = try await CairnBinary.run(["completions", shell], in: try TemporaryProject())
    #expect(printed.status == 0)
    #expect(printed.output.contains("resume"))
    #expect(printed.output.contains("dry-run"))
  }
}
