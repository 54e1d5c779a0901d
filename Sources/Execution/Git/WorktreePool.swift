import Glibc
import Synchronization

/// Worktrees of a project's repository, one a slot, kept from one attempt and one run to the next.
///
/// A lease brings the worktree to a commit: files that git tracks are as the commit has them, proved by
/// digests of all of them that are computed anew; nothing else is there but the caches that are asked
/// for. Whatever a task has done to it before, a worktree that cannot be proved is made afresh.
final class WorktreePool: Sendable {
  let area: WorktreeArea
  /// Caches of which is known that the commit ignores them.
  private let ignored = Mutex<(commit: String, caches: Set<String>)>(("", []))

  init(_ area: WorktreeArea) { self.area = area }

  struct Lease: Sendable, Equatable {
    /// The project's root in the worktree, absolute.
    var root: String
    /// Why the worktree had to be made afresh though there was one; nil if it had not.
    var fault: String?
  }

  /// Brings the worktree of a slot to a commit.
  ///
  /// `caches` are relative to the project's root.
  ///
  /// - Complexity: O(bytes that the commit tracks).
  func lease(_ slot: Int, at commit: String, caches: [String]) throws(WorkspaceProblem) -> Lease {
    let isKept = Workspace.isFolder(area.files(slot)) && access(area.index(slot), F_OK) == 0
    let fault = isKept ? try refresh(slot, commit, caches) : nil
    if !isKept || fault != nil { try make(slot, commit) }
    try requireIgnored(caches, slot, commit)
    try present(slot, commit)
    return Lease(root: area.root(slot), fault: fault)
  }

  /// Restores and proves; returns why the worktree is no good, nil if it is.
  private func refresh(
    _ slot: Int, _ commit: String, _ caches: [String]
  ) throws(WorkspaceProblem) -> String? {
    do throws(WorkspaceProblem) {
      return try restore(slot, commit, caches)
    } catch {
      guard !error.isPassing, !error.isDiskFull else { throw error }
      return error.description
    }
  }

  private func make(_ slot: Int, _ commit: String) throws(WorkspaceProblem) {
    for path in [area.files(slot), area.index(slot)] { try FileTree.remove(path) }
    try FileTree.makeFolders(area.files(slot))
    let proof = try checkOut(slot, commit)
    if let fault = try proof.fault(after: {}) {
      throw WorkspaceProblem(
        "a new worktree of \(area.repository.root) is not what commit \(commit.prefix(12)) says: "
          + "\(fault)")
    }
  }

  /// Brings tracked files to the commit, deletes all else but the caches, and proves the files; returns
  /// what is not as the commit says.
  private func restore(
    _ slot: Int, _ commit: String, _ caches: [String]
  ) throws(WorkspaceProblem) -> String? {
    let worktrees = area
    let proof = try checkOut(slot, commit)
    let paths = caches.map { area.repository.prefix + $0 }
    let spared = paths.flatMap { ["-e", "/" + Self.pattern($0)] }
    return try proof.fault { () throws(WorkspaceProblem) in
      try worktrees.must(["clean", "-ffdxq"] + spared, slot: slot, index: worktrees.index(slot))
      try WorktreeSweep(sparing: paths)(worktrees.files(slot))
    }
  }

  /// Brings tracked files to the commit, by an index that a task may have written, and makes what proves
  /// them meanwhile.
  private func checkOut(_ slot: Int, _ commit: String) throws(WorkspaceProblem) -> WorktreeProof {
    try FileTree.remove("\(area.index(slot)).lock")
    let area = area
    let (proof, files) = OwnThread.both(
      {
        Result { () throws(WorkspaceProblem) in
          try WorktreeProof(area, slot: slot, of: commit)
        }
      },
      {
        Result { () throws(WorkspaceProblem) in
          try area.must(
            ["read-tree", "--reset", "-u", commit], slot: slot, index: area.index(slot))
        }
      })
    _ = try files.get()
    return try proof.get()
  }

  /// A path as a pattern that matches it and nothing else.
  static func pattern(_ path: String) -> String {
    String(path.flatMap { "\\*?[ ".contains($0) ? ["\\", $0] : [$0] })
  }
}

extension WorktreePool {
  /// A cache of tracked files would bring one task's work into another's.
  private func requireIgnored(
    _ caches: [String], _ slot: Int, _ commit: String
  ) throws(WorkspaceProblem) {
    let known = ignored.withLock { $0.commit == commit ? $0.caches : [] }
    let unknown = caches.filter { !known.contains($0) }
    guard !unknown.isEmpty else { return }
    let (index, root) = (area.index(slot), area.root(slot))
    let tracked = try area.call(
      ["ls-files", "-z", "--"] + unknown.map { ":(literal)\($0)" }, slot: slot, index: index,
      at: root)
    if let file = tracked.fields.first {
      throw WorkspaceProblem(
        "a cache holds \"\(file)\", which git tracks: no cache may", isLasting: true)
    }
    // With a slash too: a pattern may be of folders alone, and there may be none yet.
    let reply = try area.call(
      ["check-ignore", "--no-index", "--"] + unknown.flatMap { [$0, $0 + "/"] }, slot: slot,
      index: index, at: root)
    let found = Set(reply.text.split(separator: "\n").map(String.init))
    for cache in unknown where !found.contains(cache) && !found.contains(cache + "/") {
      throw WorkspaceProblem(
        "the cache \"\(cache)\" is not ignored by git: add it to .gitignore and commit that",
        isLasting: true)
    }
    ignored.withLock { $0 = (commit, known.union(unknown)) }
  }

  /// Makes the worktree one for whoever uses git in it: at the commit, on no branch.
  ///
  /// See gitrepository-layout(5) for what lies there.
  private func present(_ slot: Int, _ commit: String) throws(WorkspaceProblem) {
    let (record, files) = (area.record(slot), area.files(slot))
    try FileTree.remove(record)
    try FileTree.makeFolders(record)
    let texts = [("HEAD", commit), ("commondir", "../.."), ("gitdir", "\(files)/.git")]
    for (name, text) in texts {
      try FileTree.write(Array("\(text)\n".utf8), ifMissing: "\(record)/\(name)")
    }
    let index = try FileTree.content(of: area.index(slot))
    try FileTree.write(index, ifMissing: "\(record)/index")
    try FileTree.remove("\(files)/.git")
    try FileTree.write(Array("gitdir: \(record)\n".utf8), ifMissing: "\(files)/.git")
  }
}
