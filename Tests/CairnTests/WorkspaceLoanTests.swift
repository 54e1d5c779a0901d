import Foundation
import Model
import Testing

/// `cairn workspace verify --lend`: a checksum in an artifact's own pages.
@Suite(.timeLimit(.minutes(15)))
struct WorkspaceLoanTests {
  /// `big` is lent; what it writes comes again.
  static func graph(lines: Int) -> String {
    """
    name: lend
    loans: on
    tasks:
      big: { run: 'seq 1 \(2 * lines) > "$CAIRN_OUT/x"', pure: true }
      sparse: { run: 'truncate -s 64M "$CAIRN_OUT/x"', pure: true }
      tiny: { run: 'printf x > "$CAIRN_OUT/x"', pure: true }
      part: { matrix: { n: 1..3 }, run: 'seq $n \(lines) > "$CAIRN_OUT/x"', pure: true }
      odd: { needs: [part], run: 'seq 9 \(3 * lines) > "$CAIRN_OUT/x"' }
    """
  }

  static func done(lines: Int = 60_000) async throws -> TemporaryProject {
    let project = try TemporaryProject(graph(lines: lines))
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    return project
  }

  static func sums(_ project: TemporaryProject) throws -> String {
    try project.shell(
      """
      cd .cairn/workspace; find 1 -printf '%p %M\\n' | sort
      find 1 -type f -print0 | sort -z | xargs -0 sha256sum
      """)
  }

  @Test("two vectors are borrowed and given back, and the checksum is the plain one")
  func lends() async throws {
    let project = try await Self.done()
    let before = try Self.sums(project)
    let first = try #require(try await VerifyDocument.verify(project, ["--lend"]).loan)
    #expect(first.task == "big", "the largest that is whole and can be had again")
    #expect((first.isRestored, first.isEqual) == (true, true))
    #expect(first.problems == [])
    #expect((first.artifacts, first.passes) == (6, 4))
    // Six leaves: three levels, so four vectors, of which two levels save one each.
    #expect(first.borrowedBytes == 2 * 65_536)
    #expect(first.plainOwnBytes == 4 * 65_536 + 16_384)
    #expect(first.ownBytes == 2 * 65_536 + 16_384)
    #expect(try Self.sums(project) == before)
    let lines = try project.journalOnDisk().lines
    #expect(
      lines.facts.suffix(4).map(\.kind.name)
        == ["artifact.lent", "run.closed", "artifact.returned", "run.closed"])
    #expect(lines.state.loans.restored == 1)
    let second = try await CairnBinary.run(["workspace", "verify", "--lend"], in: project)
    #expect(second.output.contains(first.checksum ?? "none"), "it comes again")
    #expect(second.outputLines.last == "restored: yes")
  }

  @Test("nothing is lent that is small, has holes, or cannot be had again")
  func refuses() async throws {
    let project = try TemporaryProject(
      """
      loans: on
      tasks:
        tiny: { run: 'printf x > "$CAIRN_OUT/x"', pure: true }
        sparse: { run: 'truncate -s 8M "$CAIRN_OUT/x"', pure: true }
        odd: { run: 'seq 1 90000 > "$CAIRN_OUT/x"' }
      """)
    _ = try await CairnBinary.run(["run", "--plain"], in: project)
    let lent = try await CairnBinary.run(["workspace", "verify", "--lend"], in: project)
    #expect(lent.status == 66)
    #expect(lent.errors.contains("no artifact can be lent: one of a `pure` task"), "\(lent.errors)")
    #expect(try project.journalOnDisk().lines.state.loans.count == 0)
    try project.edit("cairn.yaml", "loans: on", to: "loans: maybe")
    let bad = try await CairnBinary.run(["workspace", "verify", "--lend"], in: project)
    #expect(bad.status == 65)
    #expect(bad.errors.contains("\"loans\": expected on or off, found \"maybe\""), "\(bad.errors)")
  }

  @Test("what a borrower is told by somebody who does not hold the project it does not do")
  func strangers() async throws {
    let project = try await Self.done(lines: 20_000)
    let before = try Self.sums(project)
    let digest = String(repeating: "0", count: 32)
    func order(_ place: String) -> String {
      """
      {"root":"\(project.root)","seed":1,"lent":{"place":"1/0-big/out","digest":"\(digest)"},\
      "pieces":[{"place":"\(place)","digest":"\(digest)"}]}
      """
    }
    for (order, words) in [
      ("{}", "this is for Cairn itself"), (order("1/../../x"), "is no artifact"),
      (order("1/0-big/out"), "cannot be read while it is lent"),
      (order("1/2-tiny/out"), "only who holds the project lends"),
    ] {
      try project.write(order, to: "order")
      let told = try project.shell(
        "'\(CairnBinary.path)' workspace borrow 1<> order < /dev/null 2>&1 >&1 | cat; cat order")
      #expect(told.contains(words), "\(told)")
    }
    #expect(try Self.sums(project) == before)
  }
}
