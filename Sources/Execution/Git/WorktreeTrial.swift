/// Leases of worktrees outside of any run, to be measured.
package struct WorktreeTrial {
  private let pool: WorktreePool
  private let repository: GitRepository

  /// `root` is the top of a repository that nobody else uses.
  ///
  /// - Throws: `GitProblem`, `WorkspaceProblem`.
  package init(root: String, environment: [String]) throws {
    repository = try GitRepository(root: root, environment: environment)
    let layout = WorkspaceLayout(root: root)
    try layout.makeStateFolder()
    try FileTree.makeFolders(layout.workspace)
    pool = WorktreePool(WorktreeArea(repository, layout))
    try pool.area.open()
  }

  /// Brings the worktree of a slot to a commit and returns its folder; it must not have to be made
  /// afresh if there is one.
  package func lease(
    _ slot: Int, at commit: String, caches: [String]
  ) throws(WorkspaceProblem) -> String {
    let lease = try pool.lease(slot, at: commit, caches: caches)
    if let fault = lease.fault { throw WorkspaceProblem("a worktree was made afresh: \(fault)") }
    return lease.root
  }

  package func remove(_ slot: Int) throws(WorkspaceProblem) {
    try pool.area.remove(slot)
  }

  /// Allocated bytes of a folder.
  package static func bytes(_ folder: String) throws(WorkspaceProblem) -> Int64 {
    try FileTree.measure(folder).bytes
  }
}
