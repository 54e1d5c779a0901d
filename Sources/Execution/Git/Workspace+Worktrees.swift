package import Model

extension Workspace {
  /// Gives an attempt a worktree, where its task asks for one.
  func leaseWorktree(
    _ place: AttemptPlace, _ folders: inout AttemptFolders
  ) throws(WorkspaceProblem) {
    guard place.task.isolation == .worktree else { return }
    let lease = try requireBranch().lease(place)
    folders.worktree = lease.root
    if let fault = lease.fault {
      folders.news.append(
        Fact.Notice(.worktreeRemade, "slot \(place.slot): \(fault)", task: place.task.id))
    }
  }
}

extension Workspace {
  package func merge(_ place: AttemptPlace) throws(WorkspaceProblem) -> BranchMerge {
    try requireBranch().merge(place)
  }

  package func advance(to merged: Fact.BranchMerged) throws(WorkspaceProblem) {
    try requireBranch().advance(to: merged)
  }

  private func requireBranch() throws(WorkspaceProblem) -> RunBranch {
    guard let branch else { throw WorkspaceProblem("the run has no git repository to work in") }
    return branch
  }
}
