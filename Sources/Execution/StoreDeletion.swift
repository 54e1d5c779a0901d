import Glibc

/// Entries of a workspace that have lost their names and not yet their bytes.
///
/// A deletion takes its time, and the journal is told in the middle: in front of that everything can
/// have its name back, behind it what is left is deleted by whoever holds the lock next.
package struct StoreDeletion: Sendable {
  private let layout: WorkspaceLayout
  private let spill: SpillPlace?
  /// What was set aside so far.
  package private(set) var entries: [StoreSurvey.Entry] = []

  /// For whoever holds the project's lock, when no process of a run lives.
  package init(_ layout: WorkspaceLayout, spill: SpillPlace?) {
    self.layout = layout
    self.spill = spill
  }

  /// Takes its name from an entry; one that is gone is fine.
  ///
  /// - Throws: `WorkspaceProblem` naming the entry and the system's reason.
  package mutating func setAside(_ entry: StoreSurvey.Entry) throws(WorkspaceProblem) {
    try inFolder(of: entry) { folder, name throws(WorkspaceProblem) in
      guard !Workspace.isLeftover(name) else { return }
      try folder.remove(name + Self.ending)
      try folder.rename(name, to: name + Self.ending)
    }
    entries.append(entry)
  }

  /// Gives everything its name back; for when the journal takes no facts.
  package func undo() {
    for entry in entries {
      try? inFolder(of: entry) { folder, name throws(WorkspaceProblem) in
        guard !Workspace.isLeftover(name) else { return }
        try folder.rename(name + Self.ending, to: name)
      }
    }
  }

  /// Deletes what was set aside, and the folders that nothing is left in.
  ///
  /// - Returns: What could not be deleted, in words; it has no name any more that counts.
  package func finish() -> [String] {
    entries.compactMap { entry in
      do throws(WorkspaceProblem) {
        try inFolder(of: entry) { folder, name throws(WorkspaceProblem) in
          try folder.remove(Workspace.isLeftover(name) ? name : name + Self.ending)
        }
        try? removeEmptyFolders(above: entry)
        return nil
      } catch { return error.description }
    }
  }

  /// As `Workspace.isLeftover` knows it.
  private static let ending = ".old"
}

extension StoreDeletion {
  /// Goes to the folder of an entry through no link; where one of them is gone nothing happens.
  private func inFolder(
    of entry: StoreSurvey.Entry,
    _ act: (borrowing OpenFolder, String) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) {
    guard let name = entry.names.last, let top = try top(of: entry) else { return }
    try Self.descend(top, entry.names.dropLast()) { folder throws(WorkspaceProblem) in
      try act(folder, name)
    }
  }

  private func top(of entry: StoreSurvey.Entry) throws(WorkspaceProblem) -> OpenFolder? {
    guard entry.isSpilled else { return try OpenFolder.open(layout.workspace) }
    guard let spill else { return nil }
    return try SpillFolder(spill, root: layout.root).open()
  }

  private static func descend(
    _ folder: borrowing OpenFolder, _ names: ArraySlice<String>,
    _ act: (borrowing OpenFolder) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) {
    guard let first = names.first else { return try act(folder) }
    guard let inner = try folder.folder(first) else { return }
    try descend(inner, names.dropFirst(), act)
  }

  private func removeEmptyFolders(above entry: StoreSurvey.Entry) throws(WorkspaceProblem) {
    guard entry.run != nil, let top = try top(of: entry) else { return }
    var names = entry.names.dropLast()
    while let last = names.popLast() {
      try Self.descend(top, names) { folder throws(WorkspaceProblem) in
        folder.removeIfEmpty(last)
      }
    }
    guard entry.isSpilled, let spill else { return }
    let own = SpillFolder(spill, root: layout.root)
    try OpenFolder.open(own.place.path)?.removeIfEmpty(own.name)
  }
}

extension OpenFolder {
  /// A missing one is fine.
  fileprivate func rename(_ name: String, to new: String) throws(WorkspaceProblem) {
    guard renameat(descriptor, name, descriptor, new) == 0 || errno == ENOENT else {
      throw FileTree.problem("delete", "\(path)/\(name)")
    }
  }
}
