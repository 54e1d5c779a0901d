import Foundation
import Model
import Testing

/// `cairn workspace prune`: what nobody needs goes, and no later run is fooled.
@Suite(.timeLimit(.minutes(15)))
struct WorkspacePruneTests {
  private static func refuses(
    _ project: TemporaryProject, _ name: String, _ message: String
  ) async throws {
    let refused = try await CairnBinary.run(["workspace", "prune", name], in: project)
    #expect(refused.errors == "cairn: \(message)\n")
    #expect(refused.status == 77)
  }

  @Test("a failed run keeps what a resume needs; the rest goes, and is not made again")
  func failedRun() async throws {
    let project = try await WorkspaceListTests.failed()
    let before = try project.content()
    let planned = try await PruneDocument.prune(project, ["--dry-run"])
    #expect(try project.content() == before, "a dry run changes nothing")
    #expect(planned.isDryRun)
    #expect(planned.names == ["fetch", "report"])
    #expect(planned.spared.map(\.task) == ["product"])
    try await Self.refuses(project, "kept", "kept.out stays: keep: true")
    try await Self.refuses(
      project, "shard", "shard[n=0].out stays: kept because merge and 1 more need it")
    #expect(try project.content() == before, "so does what is refused")

    let pruned = try await PruneDocument.prune(project)
    #expect(pruned.names == planned.names)
    #expect(pruned.freedBytes == planned.freedBytes)
    #expect(pruned.freedBytes >= 304_000)
    #expect(!project.exists(".cairn/workspace/1/0-fetch"))
    #expect(try await PruneDocument.prune(project, ["product.out"]).names == ["product"])
    let none = try await CairnBinary.run(["workspace", "prune", "product"], in: project)
    #expect(none.errors == "cairn: nothing of \"product\" lies here\n")
    #expect(none.status == 0)

    let told = try await CairnBinary.run(["workspace", "explain", "fetch"], in: project)
    #expect(told.outputLines.contains("  state     dropped"))
    let status = try await CairnBinary.run(["status"], in: project)
    #expect(status.outputLines.first == "run 1  store  failed  1 failed: merge")
    let doctor = try await CairnBinary.run(["doctor"], in: project)
    #expect(doctor.output.contains("3 artifacts of run 1, 28 KiB, as the journal says"))
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try admittedNames(resumed.output) == ["merge", "final"])
  }

  @Test("the journal says who pruned what, and the run stays closed as it was")
  func journal() async throws {
    let project = try await WorkspaceListTests.failed()
    let before = try project.journalOnDisk().lines
    _ = try await PruneDocument.prune(project)
    let (verdict, lines) = try project.journalOnDisk()
    #expect(verdict == "ok")
    #expect(lines.isWhole)
    let new = lines.facts.dropFirst(before.facts.count)
    let kinds = new.map(\.kind.name)
    #expect(kinds == ["notice", "artifact.dropped", "artifact.dropped", "run.closed"])
    #expect(lines.notices("workspace.pruned").first?.contains("@no tty: 2 entries, ") == true)
    #expect(new.allSatisfy { $0.session == 1 })
    #expect(lines.state.closed == before.state.closed)
    #expect(lines.state.elapsedSeconds == before.state.elapsedSeconds)
    #expect(lines.state.footprintBytes < before.state.footprintBytes)
    #expect(lines.state.reuse.factor == before.state.reuse.factor)
  }

  @Test("a run that is done: its results stay until they are named")
  func doneRun() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.write("", to: "ok")
    _ = try await CairnBinary.run(["resume", "--plain"], in: project)
    let pruned = try await PruneDocument.prune(project)
    #expect(pruned.names == ["fetch", "merge", "report", "shard[n=0]", "shard[n=1]"])
    let left = try await StoreDocument.list(project).rows.compactMap(\.task)
    #expect(left.sorted() == ["final", "kept", "product"])
    #expect(try await PruneDocument.prune(project, ["--all"]).names == ["final", "product"])
    let again = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(try admittedNames(again.output) == [], "done stays done")
    let only = try await CairnBinary.run(["run", "--only", "final", "--plain"], in: project)
    #expect(only.status == 66, "what was deleted is not taken for there")
  }

  @Test("an exported product whose export is gone is all there is of it")
  func exportGone() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.shell("rm r.txt")
    #expect(try await PruneDocument.prune(project).names == ["fetch"])
    #expect(
      try await StoreDocument.list(project).row("report").why
        == "product: kept because r.txt, its export, is not there")
  }

  @Test("what `--only` stands on stays while its run can be resumed; else it goes but for products")
  func earlierRuns() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.write("", to: "ok")
    _ = try await CairnBinary.run(["resume", "--plain"], in: project)
    try project.shell("rm ok")
    let only = try await CairnBinary.run(["run", "--only", "merge", "--plain"], in: project)
    #expect(only.status == 1, "\(only.errors)")
    let open = try await StoreDocument.list(project)
    let base = open.rows.filter { $0.run == 1 && $0.task != "kept" }
    #expect(base.count == 7)
    #expect(base.allSatisfy { $0.why == "kept for the resume of run 2" })
    #expect(try await PruneDocument.prune(project, ["--all"]).deleted == [])
    try await Self.refuses(project, "final", "final.out stays: kept for the resume of run 2")

    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
    #expect(resumed.status == 0, "\(resumed.output)")
    let pruned = try await PruneDocument.prune(project)
    #expect(Set(pruned.deleted.map(\.run)) == [1])
    #expect(pruned.names == ["fetch", "merge", "report", "shard[n=0]", "shard[n=1]"])
    #expect(pruned.spared.compactMap(\.task).sorted() == ["final", "merge", "product"])
    let doctor = try await CairnBinary.run(["doctor"], in: project)
    #expect(doctor.output.contains("1 artifact of run 2, 4 KiB, as the journal says"))
  }

  @Test("leftovers, slots and strangers: the dead's go, what no journal knows only with --all")
  func strangers() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.shell(
      """
      cd .cairn/workspace; mkdir -p 7/0-x/out 1/0-fetch/out.3.part slots/2 ../../outside
      echo a > 7/0-x/out/f; echo a > 1/0-fetch/out.3.part/f; echo b > slots/2/f
      echo c > ../../outside/f; ln -s ../../outside 9; chmod 0 1/0-fetch/out.3.part
      cp -a 1/1-kept/out 1/4-merge-x; mkdir -p 1/4-merge; cp -a 1/1-kept/out 1/4-merge/out
      mkdir "$(printf 'no\\377text')"
      """)
    let pruned = try await PruneDocument.prune(project)
    let gone = pruned.deleted.map { ($0.path as NSString).lastPathComponent }
    #expect(gone.sorted() == ["2", "out", "out", "out", "out.3.part"])
    #expect(project.exists(".cairn/workspace/7/0-x/out/f"))
    let all = try await PruneDocument.prune(project, ["--all"])
    #expect(all.deleted.contains { $0.path.hasSuffix("/9") })
    #expect(try project.read("outside/f") == "c\n", "the link went, not what it leads to")
    #expect(!project.exists(".cairn/workspace/7"))
    let rest = try await StoreDocument.list(project)
    #expect(rest.rows.filter { $0.run != 1 }.map(\.hold) == ["absent"])
  }

  /// A run that needs `a` again behind a task that fails until there is a file `ok`, and has spilled it.
  static func spilling() async throws -> TemporaryProject {
    let project = try TemporaryProject(
      """
      name: skip
      budget: { workspace: 8500KiB, jobs: 2 }
      spill: { path: away, limit: 64MiB }
      tasks:
        a: { run: 'head -c 4194304 /dev/zero > "$CAIRN_OUT/x"', output: 4MiB }
        b: { needs: [a], run: 'head -c 4194304 /dev/zero > "$CAIRN_OUT/x"', output: 4MiB }
        c:
          needs: [b]
          run: 'test -e ok; head -c 1048576 /dev/zero > "$CAIRN_OUT/x"'
          output: 1MiB
        d:
          needs: [a, c]
          run: 'cat "$CAIRN_IN_A/x" "$CAIRN_IN_C/x" | wc -c > "$CAIRN_OUT/n"'
          output: 4KiB
      """)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    return project
  }

  @Test("copies on the spill file system stay for a resume, and go with their run")
  func spilled() async throws {
    let project = try await Self.spilling()
    let store = try await StoreDocument.list(project)
    let copy = try #require(store.rows.first { $0.state == "spilled" }, "\(store.rows)")
    #expect(copy.path.hasPrefix(project.path("away")))
    #expect(copy.hold != "none")
    let inside = store.rows.filter { $0.state != "spilled" }
    #expect(store.workspaceBytes == inside.reduce(0) { $0 + $1.bytes })
    #expect(try await PruneDocument.prune(project, ["--all"]).deleted == [])
    // A run that died as it spilled, and one whose journal is gone.
    try project.shell(
      """
      cd away/project-*; mkdir -p 1/3-d 5; cp -a 1/0-a 5
      cp -a 1/0-a/out 1/0-a/out.part; cp -a 1/0-a/out 1/3-d/out
      """)
    let pruned = try await PruneDocument.prune(project)
    #expect(pruned.deleted.map { $0.state } == ["leftover", "leftover"])
    #expect(try await PruneDocument.prune(project, ["--all"]).deleted.map(\.run) == [5])
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
    #expect(resumed.status == 0, "\(resumed.output)")
    #expect(try project.shell("cat .cairn/workspace/1/3-d/out/n") == "5242880\n")
  }

  @Test("of what was deleted by hand the journal is told, but for what a resume makes again")
  func deletedByHand() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.shell("chmod -R u+w .cairn/workspace; rm -r .cairn/workspace/1/{0,2,7}-*")
    let pruned = try await PruneDocument.prune(project, ["fetch", "product"])
    #expect(pruned.names == ["fetch", "product"])
    #expect(pruned.freedBytes == 0)
    try project.write("", to: "ok")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(try admittedNames(resumed.output) == ["fetch", "shard[n=0]", "merge", "final"])
    #expect(!project.exists(".cairn/workspace/1/7-product/out"), "nobody asked for it any more")
  }

  @Test("a folder that cannot be deleted is named, and nothing is said of it in the journal")
  func undeletable() async throws {
    let project = try await WorkspaceListTests.failed()
    try project.shell("chmod a+rwX -R . && chmod 555 .cairn/workspace/1/0-fetch")
    let before = try project.journalOnDisk().lines.state
    let pruned = try await CairnBinary.runBound(["workspace", "prune", "fetch"], in: project)
    #expect(pruned.status == 74, "\(pruned.errors)")
    #expect(pruned.errors.contains("0-fetch/out\": Permission denied"))
    #expect(try project.journalOnDisk().lines.state.artifacts == before.artifacts)
    #expect(project.exists(".cairn/workspace/1/0-fetch/out/x"))
  }
}
