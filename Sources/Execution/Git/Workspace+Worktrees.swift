package import Model

extension Workspace {
  /// Gives an attempt a worktree, where its task asks for one.
  func leaseWorktree(
    _ place: AttemptPlace, _ folders: inout AttemptFolders
  ) throws(WorkspaceProblem) {
    guard place.task.isolation == .worktree else { return }
    let lease = try requireBranch().lease(place)
    folders.worktree = lease.root
    folders.worktreeBytes = worktreeBytes(place.slot)
    if let fault = lease.fault {
      folders.news.append(
        Fact.Notice(.worktreeRemade, "slot \(place.slot): \(fault)", task: place.task.id))
    }
  }
}

extension Workspace {
  package func worktreeBytes(_ slot: Int) -> Int64 { layout.worktreeBytes(slot) }

  package func removeWorktree(_ slot: Int) throws(WorkspaceProblem) {
    // A run without worktrees does not know the repository; git forgets by itself what is gone.
    guard let branch else { return try layout.removeWorktree(slot) }
    try branch.area.remove(slot)
  }

  package func merge(_ place: AttemptPlace) throws(WorkspaceProblem) -> BranchMerge {
    try requireBranch().merge(place)
  }

  package func changes(_ place: AttemptPlace) throws(WorkspaceProblem) -> WorktreeChanges? {
    guard place.task.isolation == .worktree else { return nil }
    return try requireBranch().changes(place)
  }

  package func advance(to merged: Fact.BranchMerged) throws(WorkspaceProblem) {
    try requireBranch().advance(to: merged)
  }

  private func requireBranch() throws(WorkspaceProblem) -> RunBranch {
    guard let branch else { throw WorkspaceProblem("the run has no git repository to work in") }
    return branch
  }
}

extension WorkspaceLayout {
  func worktree(_ slot: Int) -> String { "\(worktrees)/\(slot)" }

  func worktreeIndex(_ slot: Int) -> String { worktree(slot) + ".index" }

  func removeWorktree(_ slot: Int) throws(WorkspaceProblem) {
    // Without an index it is taken for half made, should its deletion be cut short.
    for path in [worktreeIndex(slot), worktree(slot)] { try FileTree.remove(path) }
  }

  /// Allocated bytes of a slot's worktree; 0 without one.
  func worktreeBytes(_ slot: Int) -> Int64 {
    (try? FileTree.measure(worktree(slot)))?.bytes ?? 0
  }

  /// Allocated bytes of the worktrees that lie in the workspace, by slot.
  ///
  /// - Complexity: O(entries).
  package func worktreeBytes() -> [Int: Int64] {
    let slots = FileTree.plainNames(in: worktrees).compactMap { Int($0) }
      .filter { (0..<Self.maximumSlots).contains($0) }
    let sizes = slots.map { ($0, worktreeBytes($0)) }
    return Dictionary(sizes, uniquingKeysWith: { first, _ in first }).filter { $0.value > 0 }
  }

  /// More than jobs can be.
  private static let maximumSlots = 1 << 16
}
