package import Model

/// One artifact of one run.
package struct ArtifactPlace: Sendable, Hashable {
  package var run: Int
  package var task: TaskID
  /// The task's name.
  package var name: String
  package var artifact: String

  package init(run: Int, task: TaskID, name: String, artifact: String) {
    self.run = run
    self.task = task
    self.name = name
    self.artifact = artifact
  }

  /// Below the workspace, and below the project's folder in a spill place.
  package var path: String {
    "\(run)/\(WorkspaceLayout.folder(task, name))/\(WorkspaceLayout.encoded(artifact))"
  }
}

extension Workspace {
  /// Deletes the artifacts of all runs before this one but the kept and inherited ones, those on the
  /// spill file system too, and returns the allocated bytes that this freed in the workspace.
  ///
  /// What cannot be deleted stays and counts as nothing.
  package func sweepOldRuns(keeping kept: [ArtifactPlace]) -> Int64 {
    let kept = Set(kept.map(\.path))
    let inherited = Set(inherited.map(\.run))
    _ = sweepOldSpills(keeping: kept)
    var freed: Int64 = 0
    for name in FileTree.plainNames(in: layout.workspace) {
      guard let old = Int(name), old < run, !inherited.contains(old) else { continue }
      freed += sweep(run: name, keeping: kept)
    }
    return freed
  }

  private func sweep(run: String, keeping kept: Set<String>) -> Int64 {
    var freed: Int64 = 0
    for task in FileTree.plainNames(in: "\(layout.workspace)/\(run)") {
      for artifact in FileTree.plainNames(in: "\(layout.workspace)/\(run)/\(task)") {
        let path = "\(run)/\(task)/\(Self.folder(ofPacked: artifact) ?? artifact)"
        if !kept.contains(path) {
          freed += delete("\(layout.workspace)/\(run)/\(task)/\(artifact)")
        }
      }
      removeIfEmpty("\(layout.workspace)/\(run)/\(task)")
    }
    removeIfEmpty("\(layout.workspace)/\(run)")
    return freed
  }

  private func delete(_ path: String) -> Int64 {
    let bytes = (try? FileTree.measure(path))?.bytes ?? Self.allocated(path) ?? 0
    return (try? FileTree.remove(path)) == nil ? 0 : bytes
  }

  private func removeIfEmpty(_ folder: String) {
    guard FileTree.plainNames(in: folder).isEmpty else { return }
    try? FileTree.remove(folder)
  }
}

extension WorkspaceLayout {
  /// Deletes what attempts of dead sessions wrote and never sealed, compressed forms of what is there
  /// as a whole, and what lies in the slots.
  ///
  /// For whoever holds the lock, when no process of an earlier session lives. What cannot be deleted
  /// stays until `prepare` says so.
  package func sweepUnsealed() {
    for run in FileTree.plainNames(in: workspace) where Int(run) != nil {
      for task in FileTree.plainNames(in: "\(workspace)/\(run)") {
        let folder = "\(workspace)/\(run)/\(task)"
        for name in FileTree.plainNames(in: folder) {
          let isDouble =
            Workspace.folder(ofPacked: name).map { Workspace.isFolder("\(folder)/\($0)") } ?? false
          guard Workspace.isLeftover(name) || isDouble else { continue }
          try? FileTree.remove("\(folder)/\(name)")
        }
      }
    }
    for slot in FileTree.plainNames(in: "\(workspace)/slots") {
      try? FileTree.empty("\(workspace)/slots/\(slot)")
    }
  }
}
