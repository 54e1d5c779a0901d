import Foundation
import Testing

/// `kill -9` in the middle of `cairn workspace prune`.
@Suite(.timeLimit(.minutes(15)), .enabled(if: Strace.isPossible, "needs strace"))
struct PruneDeathTests {
  @Test(
    "every artifact is whole, gone, or named as gone and made again",
    arguments: [("renameat", 1), ("renameat", 2), ("unlinkat", 1), ("unlinkat", 2)])
  func killed(call: String, number: Int) async throws {
    let project = try await WorkspaceListTests.failed()
    let prune = "'\(CairnBinary.path)' workspace prune fetch product report"
    let ended = try project.shell(
      """
      strace -f -qq -o /dev/null -e trace=\(call) \
        -e inject=\(call):signal=SIGKILL:when=\(number) \(prune) > /dev/null 2>&1 || echo $?
      """)
    #expect(ended == "137\n")
    let (verdict, lines) = try project.journalOnDisk()
    #expect(verdict == "ok")
    #expect(lines.isWhole)
    #expect(lines.notices("workspace.pruned").count == (call == "unlinkat" ? 1 : 0))

    let doctor = try await CairnBinary.run(["doctor"], in: project)
    #expect(doctor.status == 0)
    #expect(!doctor.output.contains("is not what was sealed"))
    let isTold = doctor.output.contains("fetch.out of run 1 is gone")
    #expect(isTold == (call == "renameat" && number == 2), "\(doctor.output)")
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
    #expect(resumed.status == 0, "\(resumed.output)")
    _ = try await PruneDocument.prune(project)
    let after = try await CairnBinary.run(["doctor"], in: project)
    #expect(after.output.contains("as the journal says"))
  }
}
