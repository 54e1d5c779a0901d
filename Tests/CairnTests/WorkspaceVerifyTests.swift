import Foundation
import Model
import Testing

/// `cairn workspace verify`: what is damaged goes, and is made again.
@Suite(.timeLimit(.minutes(15)))
struct WorkspaceVerifyTests {
  @Test("what is not what was sealed is named, deleted, recorded, and made again where needed")
  func damaged() async throws {
    let project = try await WorkspaceListTests.failed()
    let sound = try await CairnBinary.run(["workspace", "verify"], in: project)
    #expect(sound.status == 0, "\(sound.errors)")
    #expect(sound.output.hasPrefix("6 artifacts of run 1, "), "\(sound.output)")
    #expect(sound.output.hasSuffix(": sound\n"))
    try project.shell(
      """
      cd .cairn/workspace/1; for folder in 2-* 7-*; do
        chmod u+w $folder/out/x; printf y | dd of=$folder/out/x conv=notrunc status=none
        chmod u-w $folder/out/x; done
      """)
    let verified = try await CairnBinary.run(["workspace", "verify"], in: project)
    #expect(verified.status == 65, "\(verified.errors)")
    let path = project.path(".cairn/workspace/1/7-product/out")
    #expect(
      verified.outputLines.contains("product.out is not what was sealed, and is deleted: \(path)"))
    #expect(verified.output.hasSuffix(": 2 damaged\n"))
    #expect(verified.errors.contains("`cairn resume` makes again"))
    #expect(!project.exists(".cairn/workspace/1/7-product"))
    let (verdict, lines) = try project.journalOnDisk()
    #expect(verdict == "ok")
    #expect(lines.isWhole)
    #expect(
      lines.facts.suffix(4).map(\.kind.name)
        == ["notice", "artifact.lost", "artifact.lost", "run.closed"])
    #expect(lines.notices("workspace.damaged").first?.hasSuffix("product.out") == true)

    let again = try await VerifyDocument.verify(project)
    #expect(again.damaged == [])
    #expect(again.artifacts == 4)
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(
      try admittedNames(resumed.output).sorted() == ["final", "merge", "product", "shard[n=0]"])
    #expect(try project.read(".cairn/workspace/1/7-product/out/x") == "5\n")
    let last = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(try admittedNames(last.output) == [], "made again is there")
  }

  @Test("a damaged copy on the spill file system is deleted, and what it was a copy of made again")
  func damagedCopy() async throws {
    let project = try await WorkspacePruneTests.spilling()
    try project.shell(
      """
      cd away/project-*/1/0-a; chmod -R u+w .; printf y | dd of=out/x conv=notrunc status=none
      """)
    let verified = try await CairnBinary.run(["workspace", "verify"], in: project)
    #expect(verified.status == 65, "\(verified.errors)")
    #expect(
      verified.outputLines.contains {
        $0.hasPrefix("the spilled copy of a.out is not what was sealed, and is deleted: ")
      }, "\(verified.output)")
    #expect(try project.shell("find away -name x") == "")
    #expect(try project.journalOnDisk().lines.state.spilled.isEmpty)
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try admittedNames(resumed.output).sorted() == ["a", "c", "d"])
    #expect(try project.shell("cat .cairn/workspace/1/3-d/out/n") == "5242880\n")
  }

  @Test("a damaged compressed form is deleted, and what it was a form of made again")
  func damagedForm() async throws {
    let project = try TemporaryProject(
      """
      budget: { workspace: 64MiB, jobs: 2 }
      tasks:
        a: { run: 'head -c 4194304 /dev/zero | tr "\\0" x > "$CAIRN_OUT/x"' }
        b: { needs: [a], run: 'head -c 4194304 /dev/zero > "$CAIRN_OUT/x"' }
        c: { needs: [b], run: 'test -e ok; head -c 1048576 /dev/zero > "$CAIRN_OUT/x"' }
        d:
          needs: [a, c]
          run: 'cat "$CAIRN_IN_A/x" "$CAIRN_IN_C/x" | wc -c > "$CAIRN_OUT/n"'
      """)
    try project.write("", to: "ok")
    let sizes = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(sizes.status == 0, "\(sizes.errors)")
    try project.edit("cairn.yaml", "64MiB", to: "8700KiB")
    try project.shell("rm ok")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    #expect(try await StoreDocument.list(project).rows.contains { $0.state == "compressed" })
    #expect(try await VerifyDocument.verify(project).damaged == [])
    try project.shell(
      """
      cd .cairn/workspace/2/0-a; chmod u+w out.zst
      printf y | dd of=out.zst bs=1 seek=40 conv=notrunc status=none
      """)
    let verified = try await CairnBinary.run(["workspace", "verify"], in: project)
    #expect(verified.status == 65, "\(verified.errors)")
    #expect(
      verified.outputLines.contains {
        $0.hasPrefix("the compressed form of a.out is not what was sealed, and is deleted: ")
      }, "\(verified.output)")
    #expect(!project.exists(".cairn/workspace/2/0-a/out.zst"))
    #expect(try project.journalOnDisk().lines.state.compressed.isEmpty)
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json", "--budget", "64MiB"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try admittedNames(resumed.output).sorted() == ["a", "c", "d"])
    #expect(try project.shell("cat .cairn/workspace/2/3-d/out/n") == "5242880\n")
  }

  @Test("what was pruned is not made again, though it is gone as well")
  func pruned() async throws {
    let project = try await WorkspaceListTests.failed()
    _ = try await PruneDocument.prune(project, ["product"])
    #expect(try await VerifyDocument.verify(project).damaged == [])
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(try admittedNames(resumed.output) == ["merge", "final"])
  }

  @Test("before the first run, and without artifacts, there is nothing to digest")
  func nothing() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true', output: none } }")
    let none = try await CairnBinary.run(["workspace", "verify"], in: project)
    #expect(none.status == 66, "\(none.errors)")
    #expect(!project.exists(".cairn"))
    _ = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(try await VerifyDocument.verify(project).artifacts == 0)
    let lent = try await CairnBinary.run(["workspace", "verify", "--lend"], in: project)
    #expect(lent.status == 77)
    #expect(lent.errors.contains("does not say `loans: on`"), "\(lent.errors)")
  }
}

/// What `cairn workspace verify --json` says.
struct VerifyDocument: Decodable {
  struct Loan: Decodable {
    var task: String?
    var artifacts: Int
    var isRestored: Bool
    var isEqual: Bool
    var checksum: String?
    var ownBytes: Int?
    var borrowedBytes: Int?
    var plainOwnBytes: Int?
    var passes: Int?
    var problems: [String]
  }

  var cairn: Int
  var run: Int
  var artifacts: Int
  var damaged: [StoreDocument.Row]
  var problems: [String]
  var loan: Loan?

  static func verify(
    _ project: TemporaryProject, _ arguments: [String] = []
  ) async throws -> VerifyDocument {
    let verified = try await CairnBinary.run(
      ["workspace", "verify", "--json"] + arguments, in: project)
    #expect(verified.status == 0, "\(verified.errors)")
    return try JSONDecoder().decode(VerifyDocument.self, from: Data(verified.output.utf8))
  }
}
