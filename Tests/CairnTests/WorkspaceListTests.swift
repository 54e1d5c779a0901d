import Foundation
import Testing

/// `cairn workspace` and `cairn workspace explain`: what lies there, and why.
@Suite(.timeLimit(.minutes(15)))
struct WorkspaceListTests {
  /// `merge` fails until there is a file `ok`.
  static let graph = """
    name: store
    tasks:
      fetch: { run: 'head -c 300000 /dev/zero > "$CAIRN_OUT/x"' }
      kept: { run: 'echo 1 > "$CAIRN_OUT/x"', keep: true }
      shard: { matrix: { n: 0..1 }, needs: [fetch], run: 'head -c 9000 /dev/zero > "$CAIRN_OUT/x"' }
      merge: { needs: [shard], run: 'test -e ok; echo 2 > "$CAIRN_OUT/x"' }
      report: { needs: [shard], run: 'echo 3 > "$CAIRN_OUT/x"', export: r.txt }
      final: { needs: [merge, shard], run: 'echo 4 > "$CAIRN_OUT/x"' }
      product: { after: [report], run: 'echo 5 > "$CAIRN_OUT/x"' }
      silent: { needs: [fetch], run: 'true', output: none }
    """

  static func failed() async throws -> TemporaryProject {
    let project = try TemporaryProject(graph)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    return project
  }

  @Test("artifacts of a failed run: who needs them, what is kept, what may go")
  func reasons() async throws {
    let project = try await Self.failed()
    let before = try project.content()
    let store = try await StoreDocument.list(project)
    #expect(try project.content() == before, "looking changes nothing")
    #expect(store.cairn == 1)
    #expect(store.run == 1)
    #expect(store.state == "failed")
    #expect(store.capacityBytes == 10 << 30)
    let fetch = try store.row("fetch")
    #expect(fetch.state == "sealed")
    #expect(fetch.why == "nobody who is left needs it")
    #expect(fetch.hold == "none")
    #expect(fetch.bytes >= 300_000)
    #expect((fetch.files, fetch.attempt) == (1, 1))
    #expect(fetch.path == project.path(".cairn/workspace/1/0-fetch/out"))
    #expect(try store.row("shard[n=1]").why == "kept because merge and 1 more need it")
    #expect(try store.row("kept").why == "keep: true")
    #expect(
      try store.row("product").why == "product: nobody needs it, kept until exported or pruned")
    #expect(try store.row("report").why == "product, exported to r.txt")
    #expect(try store.row("report").hold == "none")
    #expect(!store.rows.contains { ["merge", "final", "silent"].contains($0.task) })
    #expect(store.rows.map(\.bytes) == store.rows.map(\.bytes).sorted(by: >), "the largest first")
    #expect(store.workspaceBytes == store.rows.reduce(0) { $0 + $1.bytes })

    let lines = try await CairnBinary.run(["workspace"], in: project)
    #expect(lines.outputLines.first == "run 1  store  failed")
    #expect(lines.outputLines.contains { $0.hasSuffix("kept because merge and 1 more need it") })
    #expect(lines.outputLines.last?.hasSuffix("of 10 GiB") == true)
  }

  @Test("explain: attempt, readers with their states, and what would free it")
  func explains() async throws {
    let project = try await Self.failed()
    func explain(_ name: String) async throws -> [String] {
      let told = try await CairnBinary.run(["workspace", "explain", name], in: project)
      #expect(told.status == 0, "\(told.errors)")
      return told.outputLines
    }
    let shard = try await explain("shard")
    #expect(shard.filter { !$0.hasPrefix(" ") } == ["shard[n=0].out", "shard[n=1].out"])
    #expect(shard.contains("  reader    merge: failed"))
    #expect(shard.contains("  reader    report: done"))
    #expect(shard.contains { $0.hasPrefix("  frees it  the end of merge, final; then") })
    #expect(shard.contains { $0.hasPrefix("  digest    ") && $0.count == 12 + 32 })
    #expect(try await explain("report.out").contains("  frees it  `cairn workspace prune`"))
    #expect(try await explain("merge").contains("  state     unmade"))
    #expect(
      try await explain("product").contains {
        $0.hasPrefix("  frees it  `cairn workspace prune product.out`")
      })
  }

  @Test(
    "names that mean nothing are refused with what may be meant",
    arguments: [
      (
        "fetsh", Int32(64),
        "no run here has a task or an artifact \"fetsh\"; did you mean \"fetch\"?"
      ),
      (
        "fetch.uot", 64,
        "no run here has a task or an artifact \"fetch.uot\"; did you mean \"fetch.out\"?"
      ),
      ("silent", 66, "\"silent\" makes no artifact: output: none"),
    ])
  func unknown(name: String, status: Int32, message: String) async throws {
    let project = try await Self.failed()
    let told = try await CairnBinary.run(["workspace", "explain", name], in: project)
    #expect(told.errors == "cairn: \(message)\n")
    #expect(told.status == status)
    let other = try await CairnBinary.run(["workspace", "--run", "9"], in: project)
    #expect(other.errors == "cairn: nothing of a run 9 lies here\n")
    #expect(other.status == 66)
  }

  @Test("what no journal knows is told, with names that could harm, and no link is followed")
  func strangers() async throws {
    let project = try await Self.failed()
    try project.shell(
      """
      cd .cairn/workspace
      mkdir -p 7/0-x/out 1/0-fetch/out.3.part slots/2; echo a > 7/0-x/out/f
      head -c 20000 /dev/zero > 1/0-fetch/out.3.part/f; echo b > slots/2/f
      mkdir "$(printf 'two\\nlines\\033[31m')"; ln -s / 9; ln -s / 1/99-gone; ln -s / 1/0-fetch/in
      mkdir "$(printf 'no\\377text')"; mkfifo 1/pipe
      """)
    let before = try project.content()
    let store = try await StoreDocument.list(project)
    #expect(try project.content() == before)
    #expect(try store.row("7/0-x/out").why == "its run is in no journal")
    let part = try store.row("out.3.part")
    #expect((part.state, part.task) == ("leftover", "fetch"))
    #expect(part.why == "written by attempt 3 that is dead")
    #expect(try store.row("slots/2").state == "leftover")
    for name in ["9", "1/99-gone", "0-fetch/in", "1/pipe", "two\nlines\u{1B}[31m"] {
      #expect(try store.row(name).state == "unknown", "\(name)")
      #expect(try store.row(name).bytes < 1 << 20, "\(name): not what it leads to")
    }
    #expect(try store.row("no\u{FFFD}text").hold == "absent")
    let lines = try await CairnBinary.run(["workspace"], in: project)
    #expect(!lines.output.contains("\u{1B}"))
    #expect(lines.outputLines.count == store.rows.count + 4, "no name makes a line of its own")
  }

  @Test("a workspace that is gone, is a link, or cannot be read")
  func vanished() async throws {
    let project = try await Self.failed()
    try project.shell("mv .cairn/workspace ../elsewhere")
    let store = try await StoreDocument.list(project)
    #expect(Set(store.rows.map(\.state)) == ["missing"])
    #expect(store.rows.count == 6)
    #expect(store.workspaceBytes == 0)
    #expect(try store.row("fetch").hold == "none")
    #expect(try store.row("shard[n=0]").hold == "absent")
    try project.shell("ln -s ../../elsewhere .cairn/workspace")
    let linked = try await CairnBinary.run(["workspace"], in: project)
    let path = project.path(".cairn/workspace")
    #expect(linked.errors == "cairn: \"\(path)\" is a link, and none is followed there\n")
    #expect(linked.status == 74)
    try project.shell(
      """
      rm .cairn/workspace; mv ../elsewhere .cairn/workspace
      chmod 0 .cairn/workspace/1/0-fetch/out .cairn/workspace/1/1-kept
      """)
    let bound = try await CairnBinary.runBound(["workspace", "--json"], in: project)
    #expect(bound.status == 0)
    #expect(bound.errors.contains("1-kept\": Permission denied"))
    let half = try JSONDecoder().decode(StoreDocument.self, from: Data(bound.output.utf8))
    #expect(try half.row("fetch").problem?.contains("Permission denied") == true)
    #expect(try half.row("fetch").state == "sealed")
  }

  @Test("while a Cairn lives its attempts are leased, and nothing is pruned")
  func alive() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        first: { run: 'echo 1 > "$CAIRN_OUT/x"' }
        long:
          needs: [first]
          run: |
            head -c 9000 /dev/zero > "$CAIRN_OUT/x"; echo 1 > "$CAIRN_SCRATCH/y"; touch started
            sleep 600
      """)
    let run = try CairnBinary.start(["run", "--plain"], in: project)
    try await poll("the long task") { project.exists("started") ? true : nil }
    let store = try await StoreDocument.list(project)
    #expect(store.state == "running")
    #expect(try store.row("first").why == "kept because long needs it")
    let part = try store.row("out.1.part")
    #expect((part.state, part.task, part.hold) == ("leased", "long", "run"))
    #expect(try store.row("slots/0").task == "long")
    for arguments in [["workspace", "prune"], ["workspace", "prune", "--dry-run"]] {
      let refused = try await CairnBinary.run(arguments, in: project)
      #expect(refused.status == 75)
      #expect(refused.errors.contains("another Cairn holds this project: pid \(run.pid)"))
    }
    let doctor = try await CairnBinary.run(["doctor"], in: project)
    #expect(doctor.output.contains("1 artifact of run 1, 4 KiB, as the journal says"))
    run.send(SIGKILL)
    _ = await run.finished()
    let after = try await StoreDocument.list(project)
    #expect(after.state == "interrupted")
    #expect(try after.row("out.1.part").state == "leftover")
    #expect(try after.row("slots/0").state == "leftover")
  }
}
