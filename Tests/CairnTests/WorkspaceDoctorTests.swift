import Foundation
import Testing

/// What `cairn doctor` says of the last run's artifacts.
@Suite(.timeLimit(.minutes(15)))
struct WorkspaceDoctorTests {
  private static func artifacts(_ project: TemporaryProject) async throws -> String {
    let doctor = try await CairnBinary.run(["doctor", "--glyphs", "ascii"], in: project)
    #expect(doctor.status == 0, "\(doctor.output)")
    let line = doctor.outputLines.first { $0.dropFirst(4).hasPrefix("artifacts ") }
    return String(try #require(line, "\(doctor.output)").drop { $0 == " " })
  }

  @Test("what was changed, is gone, or was put there by somebody else is named")
  func unsound() async throws {
    let project = try await WorkspaceListTests.failed()
    let sound = try await Self.artifacts(project)
    #expect(sound.hasSuffix("6 artifacts of run 1, 332 KiB, as the journal says"))
    try project.shell("cd .cairn/workspace/1/2-*/out; chmod u+w .; echo more > y")
    let changed = try await Self.artifacts(project)
    #expect(changed.hasPrefix("!"))
    #expect(
      changed.contains(
        "shard[n=0].out is not what was sealed: it has 16 KiB in 2 files, and had 12 KiB in 1"))
    try project.shell("rm .cairn/workspace/1/2-*/out/y; chmod u-w .cairn/workspace/1/2-*/out")
    #expect(try await Self.artifacts(project).hasPrefix("+"))
    try project.shell("mv .cairn/workspace/1/3-*/out .cairn/workspace/1/4-stranger")
    let gone = try await Self.artifacts(project)
    #expect(gone.contains("shard[n=1].out of run 1 is gone"))
    #expect(gone.contains("1/4-stranger"))
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(try admittedNames(resumed.output) == ["shard[n=1]", "merge", "final"])
  }

  @Test("other blocks of the same content are no complaint, other content in other blocks is")
  func blocks() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.shell(
      """
      cd .cairn/workspace/1/0-fetch/out; chmod u+w .
      cp --sparse=always -p x y && mv -f y x; chmod u-w .
      """)
    #expect(try project.shell("stat -c %b .cairn/workspace/1/0-fetch/out/x") == "0\n")
    #expect(try await Self.artifacts(project).hasPrefix("+"))
    try project.shell(
      """
      cd .cairn/workspace/1/0-fetch/out; chmod u+w . x
      printf a | dd of=x conv=notrunc status=none; chmod a-w . x
      """)
    #expect(try await Self.artifacts(project).contains("fetch.out is not what was sealed"))
  }

  @Test("a hard link into another artifact counts twice in the journal, and is no complaint")
  func linked() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        a: { run: 'head -c 50000 /dev/zero > "$CAIRN_OUT/x"' }
        b: { needs: [a], run: 'ln "$CAIRN_IN_A/x" "$CAIRN_OUT/x"' }
      """)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.output)")
    #expect(try await Self.artifacts(project).hasPrefix("+"))
  }
}
