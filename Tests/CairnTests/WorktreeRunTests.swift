import Foundation
import Model
import Testing

/// Tasks in worktrees of a git repository, by the real program.
@Suite(.timeLimit(.minutes(15)))
struct WorktreeRunTests {
  private static let commit =
    "git init -q . && git add -A && git -c user.name=ana -c user.email=a@b commit -qm base"

  private func project(_ file: String) throws -> TemporaryProject {
    let project = try TemporaryProject(file)
    try project.write("build/\n", to: ".gitignore")
    try project.write("one\n", to: "shared")
    try project.shell(Self.commit)
    return project
  }

  /// Names of the tasks whose commits the branch has, the oldest first.
  private func committed(_ project: TemporaryProject) throws -> [String] {
    let format = "%(trailers:key=Cairn-Task,valueonly,separator=)"
    return try project.shell("git log --reverse --format='\(format)' HEAD..cairn/1")
      .split(separator: "\n").map(String.init)
  }

  @Test("merges come in the order of the file, whoever is ready first")
  func order() async throws {
    let project = try project(
      """
      isolate: worktree
      defaults: { output: none }
      budget: { jobs: 3 }
      tasks:
        slow: { run: "until [ -e $PWD/../../../../go ]; do sleep 0.02; done; echo x > slow" }
        quick: { run: "echo x > quick" }
        last: { run: "echo x > last; touch $PWD/../../../../go" }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try committed(project) == ["slow", "quick", "last"])
    #expect(run.errors.contains("`git merge --ff-only cairn/1`"))
    #expect(try FactLines(run.output).notices("branch.ready").count == 1)
    #expect(try project.shell("git status --porcelain") == "?? go\n")
  }

  @Test("a worktree stays with its caches from task to task, and a task sees what came before it")
  func warm() async throws {
    let project = try project(
      """
      isolate: worktree
      defaults: { output: none, caches: [build] }
      budget: { jobs: 1 }
      tasks:
        a: { run: "mkdir -p build; echo a >> build/seen; echo a > a; echo junk > build.tmp2" }
        b: { run: "cat a; echo b >> build/seen; test ! -e x", after: [a] }
        c: { run: "test $(cat build/seen | tr -d '\\\\n') = ab; git log -1 --format=%s", after: [b] }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors) \(run.output)")
    #expect(try project.shell("cat .cairn/logs/1/*c.1.log") == "a\n")
    let lines = try FactLines(run.output)
    #expect(lines.notices("worktree.remade") == [])
    #expect(lines.state.branch?.commits == 1)
  }

  /// Four megabytes a worktree, of which no more than two have room.
  private func tight() async throws -> TemporaryProject {
    let project = try project(
      """
      isolate: worktree
      defaults: { output: none }
      budget: { workspace: 11MiB, jobs: 4 }
      tasks:
        a: { matrix: { n: 1..6 }, run: "echo x > a$n; sleep 0.2" }
        big:
          isolate: slot
          after: [a]
          run: 'head -c 6000000 /dev/urandom > "$CAIRN_OUT/x"'
          output: 6MB
        b: { needs: [big], matrix: { n: 1..2 }, run: "echo x > b$n" }
      """)
    try project.shell(
      """
      head -c 4000000 /dev/urandom > bulk; git add -A
      git -c user.name=a -c user.email=b commit -qm c
      """)
    return project
  }

  @Test("worktrees are within the budget: as many as have room, and gone when it is needed")
  func budget() async throws {
    let project = try await tight()
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let lines = try FactLines(run.output)
    var worktrees: [Int: Int64] = [:]
    for case .slotKept(let kept) in lines.facts.map(\.kind) {
      worktrees[kept.slot] = kept.bytes > 0 ? kept.bytes : nil
      #expect(worktrees.count <= 2, "\(worktrees)")
    }
    #expect(lines.state.peakBytes <= 11 << 20)
    #expect(lines.state.peakBytes > 8_000_000, "two at a time")
    #expect(run.output.contains("its room in the workspace was needed"))
    #expect(try committed(project).count == 8)
    let ledger = lines.state.ledger
    let blocks = try project.shell("find .cairn/workspace/worktrees/? -type f -printf '%b\\n'")
      .split(separator: "\n").compactMap { Int64($0) }
    #expect(ledger[.warm] == blocks.reduce(0, +) * 512)
    #expect(ledger.takenBytes + ledger[.free] == 11 << 20)
    #expect(try !project.shell("git worktree list").contains("prunable"), "git forgets it too")
    // Warm leases are reuse.
    #expect(lines.state.reuse.factor ?? 0 > 0.5)
  }

  @Test("what earlier runs left counts, and a budget that has no room for one worktree is refused")
  func refused() async throws {
    let project = try await tight()
    _ = try await CairnBinary.run(["run", "--json", "a[n=1]"], in: project)
    try project.edit("cairn.yaml", "11MiB", to: "3MiB")
    try project.shell("git -c user.name=a -c user.email=b commit -qam d; git branch -D cairn/1")
    let run = try await CairnBinary.run(["run", "--json", "a[n=1]"], in: project)
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.errors.contains("budget cannot be met"), "\(run.errors)")
    try project.edit("cairn.yaml", "3MiB", to: "7MiB")
    try project.shell("git -c user.name=a -c user.email=b commit -qam e")
    let again = try await CairnBinary.run(["run", "--json", "big"], in: project)
    let lines = try FactLines(again.output)
    let kept = lines.facts.compactMap { fact in
      if case .slotKept(let kept) = fact.kind { kept } else { nil }
    }
    #expect(kept.first?.bytes ?? 0 > 4_000_000, "what lies there: \(again.errors)")
    #expect(kept.first?.task == TaskID(0), "who worked there in the run before")
  }

  @Test("a conflict waits for a person, the rest goes on, and resuming runs it on what is there")
  func conflict() async throws {
    let project = try project(
      """
      isolate: worktree
      defaults: { output: none }
      budget: { jobs: 2 }
      tasks:
        a: { run: "until [ -e $PWD/../../../../go ]; do sleep 0.02; done; echo a >> shared" }
        b: { run: "touch $PWD/../../../../go; echo b >> shared" }
        c: { run: "echo c > c", after: [a] }
        d: { run: "echo d > d", after: [b] }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 2, "\(run.errors)")
    let lines = try FactLines(run.output)
    #expect(lines.status("b")?.state == .waiting)
    #expect(lines.status("b")?.reason?.contains("conflicts with cairn/1 in shared") == true)
    #expect(lines.status("b")?.lastAttempt?.outcome?.class == .conflict)
    #expect(lines.status("d")?.state == .blocked)
    #expect(try committed(project) == ["a", "c"])
    let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try committed(project) == ["a", "c", "b", "d"])
    #expect(try project.shell("git show cairn/1:shared") == "one\na\nb\n")
  }

  @Test("what the checkout has and no commit is told, and no task sees it")
  func uncommitted() async throws {
    let project = try project(
      "isolate: worktree\ntasks: { a: { run: \"cat shared; ls\", output: none } }")
    try project.write("two\n", to: "shared")
    try project.write("x", to: "new")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try FactLines(run.output).notices("checkout.changed")
        == ["shared, new: commit what tasks should work on"])
    #expect(try project.shell("cat .cairn/logs/1/*a.1.log") == "one\ncairn.yaml\nshared\n")
    #expect(try project.read("shared") == "two\n")
  }

  @Test("dir is a folder of the worktree, and GIT_DIR of whoever calls Cairn leads nobody astray")
  func places() async throws {
    let project = try project(
      """
      isolate: worktree
      tasks: { a: { run: "git status --porcelain; pwd", dir: lib, output: none } }
      """)
    try project.write("x", to: "lib/f")
    try project.shell("git add -A; git -c user.name=a -c user.email=a@b commit -qm lib")
    let run = try await CairnBinary.run(
      ["run", "--json"], in: project,
      environment: ["GIT_DIR": "/nonexistent", "GIT_INDEX_FILE": "/nonexistent/index"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try project.shell("cat .cairn/logs/1/*a.1.log")
        == "\(project.root)/.cairn/workspace/worktrees/0/lib\n")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var script: String
    var status: Int32
    var words: String
    var environment: [String: String] = [:]

    var testDescription: String { words }
  }

  @Test(
    "where there can be no worktree nothing starts, and the message says what to do",
    arguments: [
      Refusal(script: "true", status: 66, words: "lies in none: `git init`"),
      Refusal(script: "git init -q .", status: 65, words: "has none: `git add -A && git commit`"),
      Refusal(
        script: "\(commit) && git config core.bare true", status: 65,
        words: "lies in a bare repository"),
      Refusal(
        script: "\(commit) && git branch cairn", status: 74, words: "cannot move branch cairn/1"),
      Refusal(
        script: "\(commit) && git checkout -q -b cairn/1", status: 65,
        words: "branch cairn/1 is checked out in"),
      Refusal(
        script: commit, status: 69, words: "needs git, which is not in PATH",
        environment: ["PATH": "/nonexistent"]),
    ])
  func refused(_ refusal: Refusal) async throws {
    let project = try TemporaryProject(
      "isolate: worktree\ntasks: { a: { run: \"touch ../ran\", output: none } }")
    try project.shell(refusal.script)
    let run = try await CairnBinary.run(
      ["run", "--plain"], in: project, environment: refusal.environment)
    #expect(run.status == refusal.status, "\(run.errors)")
    #expect(run.errors.contains(refusal.words), "\(run.errors)")
    #expect(!project.exists("../ran"))
  }

  @Test("a cache that git does not ignore ends its task by name, without a retry")
  func badCache() async throws {
    let project = try project(
      """
      isolate: worktree
      tasks: { a: { run: x, caches: [node_modules], retries: 3, output: none } }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let status = try #require(try FactLines(run.output).status("a"))
    #expect(status.attempts.count == 1)
    #expect(status.reason?.contains("\"node_modules\" is not ignored by git") == true)
  }

  @Test("tasks without a worktree need no repository")
  func none() async throws {
    let project = try TemporaryProject(
      "tasks: { a: { run: pwd, isolate: none, output: none }, b: { run: pwd, output: none } }")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
  }
}
