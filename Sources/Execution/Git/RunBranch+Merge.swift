package import Model

/// What came of bringing an attempt's changes to the branch.
package enum BranchMerge: Sendable, Equatable {
  /// Ready: the branch has only to be moved there.
  case ready(Fact.BranchMerged)
  /// A person has to decide; in words.
  case conflict(String)
}

extension RunBranch {
  /// Most paths that a conflict names.
  static let shownPaths = 8

  /// Commits what an attempt changed in its worktree, on top of the branch's tip, without moving the
  /// branch.
  ///
  /// Where the tip is not the commit that the worktree began with, the two changes are merged in git's
  /// memory: no file is touched, so there is nothing to take back from a conflict, nor after a crash. One
  /// task is one commit, and the branch a line of them in which each can be read, reverted or dropped.
  ///
  /// To be called by one thread at a time.
  func merge(_ place: AttemptPlace) throws(WorkspaceProblem) -> BranchMerge {
    if let checkout = try checkout() {
      return .conflict(
        "branch \(name) is checked out in \(checkout): switch to another one, then retry")
    }
    let base = try base(place.slot)
    let tip = tip
    let own = try RunCommit(place, run: run, base: base, area: area)
    guard let commit = try own.make() else { return .ready(merged(place, tip, tip, 0)) }
    guard tip != base else {
      return .ready(merged(place, tip, commit, try own.files(from: tip, to: commit)))
    }
    switch try own.mergeTree(tip, commit) {
    case .conflicts(let paths): return .conflict(words(paths))
    case .tree(let tree):
      guard try tree != own.tree(of: tip) else { return .ready(merged(place, tip, tip, 0)) }
      let new = try own.commit(tree, on: tip)
      return .ready(merged(place, tip, new, try own.files(from: tip, to: new)))
    }
  }

  /// What a merge of the attempt would bring, without making a commit.
  func changes(_ place: AttemptPlace) throws(WorkspaceProblem) -> WorktreeChanges {
    try RunCommit(place, run: run, base: base(place.slot), area: area).changes()
  }

  /// Moves the branch to what `merge` made.
  func advance(to merged: Fact.BranchMerged) throws(WorkspaceProblem) {
    try move(from: merged.base, to: merged.commit, why: "merged")
    advance(to: merged.commit)
  }

  private func merged(
    _ place: AttemptPlace, _ base: String, _ commit: String, _ files: Int
  ) -> Fact.BranchMerged {
    Fact.BranchMerged(
      task: place.task.id, attempt: place.attempt, commit: commit, base: base, files: files)
  }

  private func words(_ paths: [String]) -> String {
    let shown = paths.prefix(Self.shownPaths).joined(separator: ", ")
    let rest = paths.count - Self.shownPaths
    return "conflicts with \(name) in \(shown)\(rest > 0 ? " and \(rest) more" : ""): "
      + "retry runs it on what is there now"
  }
}
