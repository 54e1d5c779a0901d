import Foundation
import Testing

/// Targets, `--only`, `--from`, `--dry-run`, `--set`.
@Suite(.timeLimit(.minutes(15)))
struct SelectionTests {
  private static let file = """
    name: path
    params: { WORD: stone }
    tasks:
      a: { run: 'echo "$WORD" > "$CAIRN_OUT/x"' }
      b: { needs: [a], run: 'tr a-z A-Z < "$CAIRN_IN_A/x" > "$CAIRN_OUT/x"', export: b.txt }
      c: { needs: [b], run: 'rev "$CAIRN_IN_B/x" > "$CAIRN_OUT/x"', export: c.txt }
      apart: { run: "true" }
    """

  private func admitted(_ arguments: [String], in project: TemporaryProject) async throws
    -> [String]
  {
    let run = try await CairnBinary.run(["run", "--json"] + arguments, in: project)
    #expect(run.status == 0, "\(run.errors)")
    return try FactLines(run.output).admitted(session: 1).sorted()
  }

  @Test("a target brings what it needs, --only nothing, --from what depends on it")
  func selects() async throws {
    let project = try TemporaryProject(Self.file)
    #expect(try await admitted(["b"], in: project) == ["a", "b"])
    #expect(try await admitted(["--only", "c"], in: project) == ["c"])
    #expect(try project.read("c.txt") == "ENOTS\n")
    #expect(try await admitted([], in: project) == ["a", "apart", "b", "c"])
    #expect(try await admitted(["--from", "b"], in: project) == ["b", "c"])
  }

  @Test("--set reaches the tasks")
  func sets() async throws {
    let project = try TemporaryProject(Self.file)
    _ = try await admitted(["--set", "WORD=trail", "b"], in: project)
    #expect(try project.read("b.txt") == "TRAIL\n")
  }

  @Test("--dry-run says the order and runs nothing")
  func dryRun() async throws {
    let project = try TemporaryProject(Self.file)
    let run = try await CairnBinary.run(["run", "--dry-run", "c"], in: project)
    #expect(run.status == 0)
    #expect(
      run.outputLines == [
        "path: 3 of 4 tasks would run", "1  a", "2  b  ← a", "3  c  ← b",
      ])
    #expect(!project.exists(".cairn"))
  }
}
