import Foundation
import Model
import Testing

/// `loans: on`: a run whose workspace is nearly full lends by itself.
@Suite(.timeLimit(.minutes(15)))
struct RunLoanTests {
  /// With the tenth lease all that is made first lies still, and leaves a sixteenth of the budget free.
  ///
  /// `sums` stands on every byte of it.
  static func graph(mebibytes: Int = 1, loans: String = "on") -> String {
    """
    name: loans
    loans: \(loans)
    budget: { workspace: \(8 * mebibytes * 1024 + 512)KiB, jobs: 2 }
    tasks:
      big:
        run: head -c \(4 * mebibytes)M < <(yes big) > "$CAIRN_OUT/x"
        output: \(4 * mebibytes)MiB
        pure: true
      part:
        matrix: { n: 1..4 }
        run: head -c \(mebibytes)M < <(yes part$n) > "$CAIRN_OUT/x"
        output: \(mebibytes)MiB
        pure: true
      tick:
        matrix: { n: 1..40 }
        after: [big, part]
        run: "true"
        output: none
      sums:
        needs: [big, part]
        after: [tick]
        run: cat "$CAIRN_IN_BIG/x" "$CAIRN_IN_PART"/*/x | cksum > "$CAIRN_OUT/sums"
        output: 4KiB
        pure: true
        export: sums
    """
  }

  static func expected(mebibytes: Int = 1) throws -> String {
    let parts = (1...4).map { "head -c \(mebibytes)M < <(yes part\($0))" }
    return try TemporaryProject().shell(
      "{ head -c \(4 * mebibytes)M < <(yes big); \(parts.joined(separator: "; ")); } | cksum")
  }

  @Test("the largest is lent for the proof of all others, and given back")
  func lends() async throws {
    let project = try TemporaryProject(Self.graph())
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let lines = try project.journalOnDisk().lines
    let kinds = lines.facts.map(\.kind.name)
    #expect(kinds.count { $0 == "artifact.lent" } == 1)
    #expect(kinds.count { $0 == "artifact.returned" } == 1)
    #expect(kinds.filter { $0 == "artifact.lost" } == [])
    #expect((lines.state.loans.restored, lines.state.loans.failed) == (1, 0))
    for fact in lines.facts {
      if case .artifactLent(let lent) = fact.kind {
        #expect(lines.state.graph[lent.task].name == "big" && lent.bytes == 131_072)
        let reason = lent.reason ?? ""
        #expect(reason.hasSuffix("are free: proves 4 dormant artifacts in its memory"), "\(reason)")
      }
      if case .artifactReturned(let back) = fact.kind {
        #expect(back.reason?.hasPrefix("proved 4 dormant artifacts, ") == true, "\(back)")
      }
    }
    #expect(run.output.contains("lent to a proof") && run.output.contains("given back exactly"))
    #expect(try project.read("sums") == Self.expected())
  }

  @Test("what came to harm meanwhile is found by the loan, and made again before anybody reads it")
  func findsDamage() async throws {
    let damage =
      "f=.cairn/workspace/1/2-part%5Bn%3D2%5D/out/x; chmod u+w $f; echo bad | dd of=$f conv=notrunc status=none"
    let text = Self.graph().replacingOccurrences(
      of: "    after: [big, part]\n    run: \"true\"", with: "    after: [harm]\n    run: \"true\"")
    let project = try TemporaryProject(
      text + "\n  harm: { after: [big, part], run: '\(damage)', output: none }\n")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors) \(run.output)")
    let lines = try project.journalOnDisk().lines
    #expect(
      lines.notices("workspace.damaged") == [
        "artifact \"out\" of task \"part[n=2]\" is not what was sealed"
      ])
    #expect(lines.successes["part[n=2]"] == 2 && lines.successes["sums"] == 1)
    #expect(lines.state.loans.failed == 0 && lines.state.lent.isEmpty)
    #expect(try project.read("sums") == Self.expected())
  }

  @Test("without the word nothing is lent")
  func off() async throws {
    let project = try TemporaryProject(Self.graph(loans: "off"))
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.journalOnDisk().lines.state.loans.count == 0)
  }
}
