import Foundation
import Model
import Testing

@testable import Execution

@Suite("A worktree is what its lease says") struct WorktreePoolTests {
  /// What git says of the files that a commit tracks, told by a way of its own: nothing, if all is well.
  private func difference(
    _ repository: TemporaryRepository, _ attempt: WorktreeTry
  ) throws -> String {
    try repository.shell(
      """
      commit=$(git rev-parse '\(attempt.branch.tip)')
      git ls-tree -r -z --name-only $commit | while read -r -d '' name; do
        want=$(git rev-parse "$commit:$name")
        if [ -L "\(attempt.files)/$name" ]; then
          have=$(readlink -n "\(attempt.files)/$name" | git hash-object --stdin)
        else
          have=$(cd '\(attempt.files)' && git hash-object -- "$name" 2>/dev/null) || have=missing
        fi
        [ "$want" = "$have" ] || echo "$name"
      done
      """)
  }

  @Test func theFirstLeaseIsTheCommitAndNothingOfTheCheckout() throws {
    let repository = try TemporaryRepository()
    try repository.write(["a": "edited\n", "new": "x"])
    let attempt = try WorktreeTry(repository.branch())
    #expect(try difference(repository, attempt) == "")
    #expect(try repository.shell("ls -A", in: attempt.root) == ".git\n.gitignore\na\nlib")
    #expect(attempt.fault == nil)
    #expect(repository.folder.read("a") == "edited\n")
  }

  @Test func aProjectInAFolderOfTheRepositoryIsFoundThere() throws {
    let repository = try TemporaryRepository(prefix: "web/app/")
    let attempt = try WorktreeTry(repository.branch())
    #expect(attempt.root.hasSuffix("/.cairn/workspace/worktrees/0/web/app"))
    #expect(try repository.shell("cat a lib/b", in: attempt.root) == "one\ntwo")
  }

  /// What tasks do, and what a task that means harm does.
  private static let deeds = [
    "echo changed > a", "rm -r lib", "rm a; mkdir a; echo x > a/x", "rm -r lib; ln -s /etc lib",
    "rm a; ln -s lib/b a", "chmod 755 a", "echo x > junk; mkdir -p d/e; echo x > d/e/f",
    "mkdir n; git init -q n; echo x > n/f", "git clone -q . n",
    "echo x > x.log; mkdir -p other/build; echo x > other/build/y", "mkfifo pipe",
    "mkdir -p locked; echo x > locked/f; chmod 000 locked", "chmod 000 lib",
    "touch -r a stamp; printf 'ONE\\n' > a; touch -r stamp a; rm stamp",
    "rm .git", "rm .git; mkdir .git", "echo 'gitdir: /nonexistent' > .git",
    "git checkout -q -b mine; echo x > y; git add y",
    "echo '*' > .gitignore; echo x > hidden", "echo '* filter=evil' > .gitattributes",
    "git update-index --assume-unchanged a; echo changed > a",
    "git update-index --skip-worktree lib/b; rm lib/b",
    "touch .git.lock; : > \"$(git rev-parse --git-dir)/index.lock\"",
    "echo garbage > \"$(git rev-parse --git-dir)/commondir\"",
    "echo garbage > ../0.index", "rm ../0.index", "touch ../0.index.lock",
    "cp /dev/null ../0.proof",
    "touch $'new\\nline' '-rf' ' space '",
  ]

  @Test("whatever a task did, the next lease is as it should be", arguments: deeds)
  func restores(_ deed: String) throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let first = try WorktreeTry(branch)
    _ = try? repository.shell(
      "git config --global user.name x 2>/dev/null || true; " + deed, in: first.root)
    let second = try WorktreeTry(branch)
    #expect(try difference(repository, second) == "")
    #expect(try repository.shell("ls -A", in: second.root) == ".git\n.gitignore\na\nlib")
    #expect(try repository.shell("ls -A lib", in: second.root) == "b")
    #expect(try repository.shell("git status --porcelain", in: second.root) == "")
    #expect(try repository.shell("git rev-parse HEAD", in: second.root) == branch.tip)
    let checkout = try repository.shell("git status --porcelain; git symbolic-ref HEAD")
    #expect(checkout == "refs/heads/main")
  }

  @Test func aForgedTimeDoesNotHideAChangeFromTheDigest() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let first = try WorktreeTry(branch)
    // Cairn's own index says that the changed file is the one that was checked out.
    try repository.shell(
      """
      printf 'ONE\\n' > a
      blob=$(git hash-object -w a)
      export GIT_INDEX_FILE=$PWD/../0.index
      git update-index --cacheinfo 100644,$(git rev-parse HEAD:a),a --assume-unchanged a
      """, in: first.root)
    let second = try WorktreeTry(branch)
    #expect(try difference(repository, second) == "")
  }

  @Test func aWorktreeThatCannotBeMendedIsMadeAfreshAndSaysWhy() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    _ = try WorktreeTry(branch)
    try repository.shell("echo garbage > .cairn/workspace/worktrees/0.index")
    let second = try WorktreeTry(branch)
    #expect(second.fault?.isEmpty == false)
    #expect(try difference(repository, second) == "")
  }

  @Test func namedCachesStayAndOthersGo() throws {
    let repository = try TemporaryRepository(prefix: "app/")
    let branch = try repository.branch()
    let caches = ["build", "lib/deep er/[x]/build"]
    let first = try WorktreeTry(branch, caches: caches)
    try repository.shell(
      """
      mkdir -p build/o 'lib/deep er/[x]/build' build2 x/build
      for d in build/o 'lib/deep er/[x]/build' build2 x/build 'lib/deep er'; do echo w > "$d/f"; done
      mkdir build/r; git init -q build/r; echo w > build/r/f
      """, in: first.root)
    let second = try WorktreeTry(branch, caches: caches)
    let found = try repository.shell("find . -name f | sort", in: second.root)
    #expect(found == "./build/o/f\n./build/r/f\n./lib/deep er/[x]/build/f")
    let third = try WorktreeTry(branch)
    #expect(try repository.shell("find . -name f", in: third.root) == "")
  }

  @Test("a cache that git does not ignore, or that holds what it tracks, is refused by name")
  func refusesCaches() throws {
    let repository = try TemporaryRepository(["a": "x", "kept/f": "x"])
    let branch = try repository.branch()
    for (cache, words) in [
      ("node_modules", "the cache \"node_modules\" is not ignored by git"),
      ("kept", "a cache holds \"kept/f\", which git tracks"),
    ] {
      do {
        _ = try WorktreeTry(branch, caches: ["build", cache])
        Issue.record("\(cache) was taken")
      } catch let problem as WorkspaceProblem {
        #expect(problem.description.hasPrefix(words), "\(problem)")
        #expect(problem.isLasting)
      }
    }
  }

  @Test func filesThatFiltersChangeAreProvedThroughThem() throws {
    let repository = try TemporaryRepository([
      ".gitattributes": "*.txt text eol=crlf\n*.up filter=up\n", "a.txt": "x\ny\n",
      "b.up": "shout\n", "mixed.bin": "a\r\nb\n",
    ])
    try repository.shell(
      "git config filter.up.clean 'tr A-Z a-z'; git config filter.up.smudge 'tr a-z A-Z'")
    let branch = try repository.branch()
    let first = try WorktreeTry(branch)
    #expect(try repository.shell("cat b.up", in: first.root) == "SHOUT")
    #expect(try repository.shell("od -An -c a.txt | tr -d ' '", in: first.root) == "x\\r\\ny\\r\\n")
    let second = try WorktreeTry(branch)
    #expect(second.fault == nil)
    #expect(try difference(repository, second) == "")
  }

  @Test func noHookAndNoProgramThatATaskConfiguredRuns() throws {
    let repository = try TemporaryRepository()
    let branch = try repository.branch()
    let first = try WorktreeTry(branch)
    // A task of this session writes the configuration that all worktrees share.
    try repository.shell(
      """
      trap='touch \(repository.folder.path)/caught; false'
      printf '#!/bin/sh\\n%s\\n' "$trap" > ../hook; chmod +x ../hook
      for name in post-checkout pre-commit reference-transaction post-index-change; do
        cp ../hook "$(git rev-parse --git-common-dir)/hooks/$name"
      done
      git config filter.evil.clean "$PWD/../hook"; git config filter.evil.smudge "$PWD/../hook"
      git config core.fsmonitor "$PWD/../hook"; git config merge.evil.driver "$PWD/../hook"
      echo '* filter=evil merge=evil' > .gitattributes; echo changed > a
      """, in: first.root)
    _ = try first.land()
    _ = try WorktreeTry(branch)
    #expect(repository.folder.read("caught") == nil)
  }
}
