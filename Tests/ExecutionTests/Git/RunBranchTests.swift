import Foundation
import Model
import Testing

@testable import Execution

@Suite("A run's branch") struct RunBranchTests {
  /// Subjects of its commits, the oldest first.
  private func subjects(_ repository: TemporaryRepository, _ branch: RunBranch) throws -> [String] {
    try repository.shell("git log --reverse --format=%s main..\(branch.name)")
      .split(separator: "\n").map(String.init)
  }

  /// What a journal that has these facts says.
  private func journal(_ branch: RunBranch, _ base: String, _ facts: [Fact.BranchMerged] = [])
    -> RunState.Branch?
  {
    var state = RunState()
    let kinds =
      [Fact.Kind.branchOpened(.init(branch: branch.name, commit: base))]
      + facts.map { .branchMerged($0) }
    for (index, kind) in kinds.enumerated() {
      state.apply(
        Fact(sequence: index + 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: kind))
    }
    return state.branch
  }

  @Test func eachTaskIsOneCommitOnTopOfTheOthers() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let (one, two) = (try WorktreeTry(branch, "one"), try WorktreeTry(branch, "two", slot: 1))
    try repository.shell("echo x > x; git rm -q lib/b", in: one.root)
    try repository.shell(
      "echo y > y; git add y; git -c user.name=z -c user.email=z commit -qm z", in: two.root)
    let first = try #require(try one.land())
    let second = try #require(try two.land())
    #expect(first.files == 2)
    #expect(second.base == first.commit)
    #expect(try subjects(repository, branch) == ["one", "two"])
    let names = try repository.shell("git ls-tree -r --name-only \(branch.name)")
    #expect(names == ".gitignore\na\nx\ny")
    #expect(try repository.shell("git log --merges --oneline \(branch.name)") == "")
    let who = try repository.shell("git log -1 --format='%an %ae %cn %ce' \(branch.name)")
    #expect(who == "Cairn cairn@localhost Cairn cairn@localhost")
    let checkout = try repository.shell("git branch --show-current; git status --porcelain; ls")
    #expect(checkout == "main\na\nlib")
  }

  @Test func whomTheRepositoryNamesCommits() throws {
    let repository = try TemporaryRepository()
    try repository.shell("git config user.name Ana; git config user.email ana@example.org")
    let attempt = try WorktreeTry(repository.branch())
    try repository.shell("echo x > x", in: attempt.root)
    let fact = try #require(try attempt.land())
    #expect(
      try repository.shell("git log -1 --format='%an <%ae> %cn' \(fact.commit)")
        == "Ana <ana@example.org> Ana")
  }

  @Test func whatIsNobodysWorkIsLeftOut() throws {
    let repository = try TemporaryRepository(
      prefix: "app/", ["a": "x", ".taskmaster/tasks/tasks.json": "{}\n"])
    let attempt = try WorktreeTry(repository.branch(), caches: ["build"])
    try repository.shell(
      """
      echo changed > .taskmaster/tasks/tasks.json; echo x > .taskmaster/new
      mkdir .cairn build; echo x > .cairn/x; echo x > build/x; rm ../.gitignore .gitignore || true
      """, in: attempt.root)
    let fact = try #require(try attempt.land())
    let changed = try repository.shell("git diff --name-only \(fact.base) \(fact.commit)")
    #expect(changed == "app/.gitignore")
  }

  @Test func aTaskThatChangedNothingHasNoCommit() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let attempt = try WorktreeTry(branch)
    let fact = try #require(try attempt.land())
    #expect(fact.commit == fact.base)
    #expect(fact.files == 0)
    #expect(try subjects(repository, branch) == [])
  }

  @Test func theSameChangeTwiceIsOneCommit() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let (one, two) = (try WorktreeTry(branch, "one"), try WorktreeTry(branch, "two", slot: 1))
    for attempt in [one, two] { try repository.shell("echo same > a", in: attempt.root) }
    _ = try one.land()
    #expect(try two.land()?.files == 0)
    #expect(try subjects(repository, branch) == ["one"])
  }

  @Test func aConflictChangesNothingAndNamesItsFiles() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let (one, two) = (try WorktreeTry(branch, "one"), try WorktreeTry(branch, "two", slot: 1))
    try repository.shell("echo 1 > a", in: one.root)
    try repository.shell("echo 2 > a; echo 2 > c", in: two.root)
    let first = try #require(try one.land())
    guard case .conflict(let words) = try branch.merge(two.place) else {
      Issue.record("merged")
      return
    }
    #expect(words == "conflicts with cairn/1 in a: retry runs it on what is there now")
    #expect(try repository.shell("git rev-parse cairn/1") == first.commit)
    let again = try WorktreeTry(branch, "two", slot: 1)
    #expect(try repository.shell("cat a; ls", in: again.root) == "1\na\nlib")
    try repository.shell("echo 2 >> a", in: again.root)
    #expect(try again.land() != nil)
    #expect(try subjects(repository, branch) == ["one", "two"])
  }

  @Test func attributesSayHowToMerge() throws {
    let repository = try TemporaryRepository([
      ".gitattributes": "NEWS merge=union\n", "NEWS": "first\n",
    ])
    let branch = try repository.branch()
    let (one, two) = (try WorktreeTry(branch, "one"), try WorktreeTry(branch, "two", slot: 1))
    try repository.shell("echo one >> NEWS", in: one.root)
    try repository.shell("echo two >> NEWS", in: two.root)
    _ = try one.land()
    _ = try #require(try two.land())
    #expect(try repository.shell("git show \(branch.name):NEWS") == "first\none\ntwo")
  }

  @Test func aRepositoryInTheWorktreeIsNoWorkThatCanBeCommitted() throws {
    let repository = try TemporaryRepository()
    let attempt = try WorktreeTry(repository.branch(), "clone")
    try repository.shell(
      "git init -q inner; git -C inner -c user.name=x -c user.email=x commit -q --allow-empty -m x",
      in: attempt.root)
    #expect {
      _ = try attempt.land()
    } throws: {
      "\($0)".hasPrefix("task \"clone\" left a git repository of its own at \"inner\"")
    }
  }

  @Test func aMergeThatWasNotRecordedIsTakenBack() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let base = branch.tip
    let one = try WorktreeTry(branch, "one")
    try repository.shell("echo x > x", in: one.root)
    let recorded = try #require(try one.land())
    let two = try WorktreeTry(branch, "two")
    try repository.shell("echo y > y", in: two.root)
    _ = try #require(try two.land())
    try repository.shell(
      "touch .git/refs/heads/cairn/1.lock .cairn/workspace/worktrees/0.index.lock")
    let resumed = try repository.branch(earlier: journal(branch, base, [recorded]))
    #expect(resumed.opened == nil)
    #expect(resumed.tip == recorded.commit)
    #expect(try subjects(repository, resumed) == ["one"])
    // And nothing at all was recorded.
    let fresh = try repository.branch(earlier: journal(branch, base))
    #expect(fresh.tip == base)
    #expect(try subjects(repository, fresh) == [])
  }

  @Test func aBranchThatSomebodyDeletedComesBack() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let attempt = try WorktreeTry(branch)
    try repository.shell("echo x > x", in: attempt.root)
    let fact = try #require(try attempt.land())
    try repository.shell("git branch -q -D cairn/1")
    _ = try repository.branch(earlier: journal(branch, fact.base, [fact]))
    #expect(try repository.shell("git rev-parse cairn/1") == fact.commit)
  }

  @Test("what is in somebody's hands is refused, and nothing is lost")
  func refusesForeignBranches() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let base = branch.tip
    try repository.shell(
      "git checkout -q cairn/1; git -c user.name=x -c user.email=x commit -q --allow-empty -m mine")
    for (earlier, words) in [
      (nil, "branch cairn/1 is checked out in"),
      (journal(branch, base), "branch cairn/1 is checked out in"),
    ] {
      #expect { _ = try repository.branch(earlier: earlier) } throws: { "\($0)".hasPrefix(words) }
    }
    try repository.shell("git checkout -q main")
    let mine = try repository.shell("git rev-parse cairn/1")
    for (earlier, words) in [
      (nil, "there is a branch cairn/1 with commits that your checkout has not"),
      (journal(branch, base), "branch cairn/1 has commits that are not of run 1"),
    ] {
      #expect { _ = try repository.branch(earlier: earlier) } throws: { "\($0)".hasPrefix(words) }
    }
    #expect(try repository.shell("git rev-parse cairn/1") == mine)
  }

  @Test func aBranchThatAPersonTookIntoTheirHandsMeanwhileIsNotMoved() throws {
    let repository = try TemporaryRepository()
    let attempt = try WorktreeTry(repository.branch())
    try repository.shell("git checkout -q cairn/1")
    try repository.shell("echo x > x", in: attempt.root)
    guard case .conflict(let words) = try attempt.branch.merge(attempt.place) else {
      Issue.record("merged")
      return
    }
    #expect(words.hasPrefix("branch cairn/1 is checked out in"))
    #expect(try repository.shell("git status --porcelain") == "")
  }

  @Test(arguments: [
    ("plain", "plain"), ("a: b\nc\tJ", "a: b c J"), ("x\u{1B}[31my\u{202E}z", "x[31myz"),
    (String(repeating: "é", count: 101), String(repeating: "é", count: 99) + "…"),
  ])
  func subjectsAreOneLineOfWords(_ text: String, _ subject: String) {
    #expect(RunCommit.subject(text) == subject)
  }
}
