import Glibc
package import Model

// Artifacts that lie on the spill file system while the workspace needs their room.
//
// A copy is made beside its place, proved by the digest in the journal and renamed; only then the
// original loses its name, and then its bytes. The way back is the same, and leaves the copy. Whenever
// Cairn is killed, the artifact is whole in the workspace, or on the spill file system, or in both;
// what was half done has a name that `isLeftover` knows. As in the workspace nothing is flushed: after
// power loss a damaged copy is found by its digest.
extension Workspace {
  package func spill(
    _ task: TaskGraph.Task, artifact: String, digest: String
  ) throws(WorkspaceProblem) -> Int64 {
    let own = try spillFolder().make()
    let folder = try own.makeFolder("\(run)").makeFolder(
      WorkspaceLayout.folder(task.id, task.name))
    let piece = Piece(task, artifact, digest)
    let bytes =
      if let known = piece.copy(in: folder) { known } else { try copyOut(piece, to: folder, own) }
    let old = try setAside(task, artifact)
    // The copy counts from here on. What cannot be deleted is tried again by the next `prepare` of
    // the task, or session.
    try? FileTree.remove(old)
    return bytes
  }

  package func restore(
    _ task: TaskGraph.Task, artifact: String, digest: String
  ) throws(WorkspaceProblem) -> Int64 {
    let piece = Piece(task, artifact, digest)
    let target = sealed(task, artifact)
    // It was brought back before, and the journal does not know.
    if let (known, found) = try? FileTree.digest(target), found == digest { return known.bytes }
    guard let own = try spillFolder().open(), let copy = try spilled(piece, in: own) else {
      throw WorkspaceProblem("\(piece.words) is missing on the spill file system")
    }
    let part = target + ".restore.part"
    try FileTree.makeFolders(folder(of: task))
    try FileTree.remove(part)
    do throws(WorkspaceProblem) {
      guard mkdir(part, 0o700) == 0, let folder = try OpenFolder.open(part) else {
        throw FileTree.problem("make folder", part)
      }
      let bytes = try piece.fill(
        folder, from: copy,
        orSay: "the spilled copy of \(piece.words) in \"\(copy.path)\" is not what was spilled")
      try replace(target, by: part)
      proofs.note(target)
      return bytes
    } catch {
      try? FileTree.remove(part)
      throw error
    }
  }

  /// Whether a complete copy of an artifact of this run lies on the spill file system, its content
  /// not looked at.
  ///
  /// After a crash one may lie there that the journal knows nothing of.
  package func holdsSpilled(_ task: TaskGraph.Task, artifact: String) -> Bool {
    guard let own = try? spillFolder().open() else { return false }
    return (try? spilled(Piece(task, artifact, ""), in: own)) != nil
  }

  private func spillFolder() throws(WorkspaceProblem) -> SpillFolder {
    guard let spill else { throw WorkspaceProblem("there is no spill file system") }
    return SpillFolder(spill, root: layout.root)
  }

  private func spilled(_ piece: Piece, in own: borrowing OpenFolder) throws(WorkspaceProblem)
    -> OpenFolder?
  {
    guard let runs = try own.folder("\(run)"), let task = try runs.folder(piece.folder) else {
      return nil
    }
    return try task.folder(piece.name)
  }
}

// MARK: Copying

extension Workspace {
  /// One artifact on its way.
  private struct Piece {
    let folder: String
    let name: String
    let digest: String
    let words: String

    init(_ task: TaskGraph.Task, _ artifact: String, _ digest: String) {
      folder = WorkspaceLayout.folder(task.id, task.name)
      name = WorkspaceLayout.encoded(artifact)
      self.digest = digest
      words = Workspace.words(task, artifact)
    }

    /// Allocated bytes of the complete copy that lies in a folder; nil if it is another, or damaged.
    func copy(in folder: borrowing OpenFolder) -> Int64? {
      guard let copy = try? folder.folder(name) else { return nil }
      guard let (measure, found) = try? FileTree.digest(copy.descriptor, of: copy.path) else {
        return nil
      }
      return found == digest ? measure.bytes : nil
    }

    /// Copies into an empty folder and returns the allocated bytes of the copy.
    func fill(
      _ target: borrowing OpenFolder, from source: borrowing OpenFolder, orSay problem: String
    ) throws(WorkspaceProblem) -> Int64 {
      try TreeCopy.copy(source, to: target)
      let (measure, found) = try FileTree.digest(target.descriptor, of: target.path)
      guard found == digest else { throw WorkspaceProblem(problem) }
      return measure.bytes
    }
  }

  /// Copies a sealed artifact within the limit, and returns the allocated bytes of the copy.
  private func copyOut(
    _ piece: Piece, to folder: borrowing OpenFolder, _ own: borrowing OpenFolder
  ) throws(WorkspaceProblem) -> Int64 {
    let path = "\(layout.workspace)/\(run)/\(piece.folder)/\(piece.name)"
    guard let original = try OpenFolder.open(path) else {
      throw WorkspaceProblem("\(piece.words) is not in the workspace of run \(run)")
    }
    try removeStale(piece, in: folder)
    let size = try FileTree.measure(original.descriptor, of: path).bytes
    try takeRoom(size, for: piece, own)
    var bytes: Int64 = 0
    defer { spillRoom.settle(size, lying: bytes) }
    bytes = try copy(original, to: folder, piece) { copied throws(WorkspaceProblem) in
      // Another file system may need more for the same.
      guard copied > size else { return }
      try takeRoom(copied - size, for: piece, own)
      spillRoom.settle(copied - size, lying: 0)
    }
    return bytes
  }

  /// Deletes a copy of an older attempt, or a damaged one.
  private func removeStale(_ piece: Piece, in folder: borrowing OpenFolder)
    throws(WorkspaceProblem)
  {
    if folder.bytes(of: piece.name) > 0 { spillRoom.forget() }
    try folder.remove(piece.name)
  }

  private func copy(
    _ original: borrowing OpenFolder, to folder: borrowing OpenFolder, _ piece: Piece,
    allow: (Int64) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) -> Int64 {
    let part = piece.name + ".part"
    try folder.remove(part)
    do throws(WorkspaceProblem) {
      let bytes = try piece.fill(
        try folder.makeFolder(part), from: original,
        orSay: "\(piece.words) is not spilled: its copy is not what was sealed")
      try allow(bytes)
      guard renameat(folder.descriptor, part, folder.descriptor, piece.name) == 0 else {
        throw FileTree.problem("spill to", "\(folder.path)/\(piece.name)")
      }
      return bytes
    } catch {
      try? folder.remove(part)
      throw error
    }
  }

  private func takeRoom(
    _ bytes: Int64, for piece: Piece, _ own: borrowing OpenFolder
  ) throws(WorkspaceProblem) {
    let limit = spill?.limitBytes ?? 0
    let taken = try spillRoom.take(bytes, of: limit) { isAlone in
      if isAlone { Self.removeParts(in: own) }
      return Self.bytes(in: own)
    }
    guard let taken else { return }
    throw WorkspaceProblem(
      "\(piece.words) is not spilled: its \(ByteText.words(bytes)) and the "
        + "\(ByteText.words(taken)) in \"\(own.path)\" are more than the limit of "
        + ByteText.words(limit))
  }

  /// Allocated bytes of all complete copies of the project.
  private static func bytes(in own: borrowing OpenFolder) -> Int64 {
    var bytes: Int64 = 0
    own.forEachTask { _, _, folder in
      for name in folder.plainNames where !isLeftover(name) { bytes += folder.bytes(of: name) }
    }
    return bytes
  }

  private static func removeParts(in own: borrowing OpenFolder) {
    own.forEachTask { _, _, folder in
      for name in folder.plainNames where isLeftover(name) { try? folder.remove(name) }
    }
  }
}

// MARK: The place

extension Workspace {
  /// Whether what is spilled leaves the workspace's file system; false without a spill place.
  ///
  /// A place that is missing is where the folder lies in which it will be made.
  package var spillIsElsewhere: Bool {
    guard let folder = try? spillFolder() else { return false }
    return folder.isElsewhere(than: layout.workspace)
  }

  /// Makes the folder for spilled copies and deletes what a session that died was copying there.
  ///
  /// For the beginning of a session, so that a place that cannot be used is known in time; nothing
  /// happens without one.
  ///
  /// - Throws: `WorkspaceProblem` naming the folder and what is wrong with it.
  package func openSpill() throws(WorkspaceProblem) {
    guard spill != nil else { return }
    let own = try spillFolder().make()
    guard faccessat(own.descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw FileTree.problem("write in", own.path)
    }
    Self.removeParts(in: own)
  }
}

// MARK: Deleting copies

extension Workspace {
  /// Deletes the spilled copies of a run that has ended, and returns the allocated bytes that this
  /// freed.
  ///
  /// What cannot be deleted stays and counts as nothing. Not while the run spills.
  @discardableResult
  package func removeSpilled(run: Int) -> Int64 {
    defer { removeIfEmpty() }
    return withSpilled { own in
      var freed: Int64 = 0
      own.forEachTask { number, _, folder in
        guard number == "\(run)" else { return }
        for name in folder.plainNames { freed += folder.discard(name) }
      }
      try? own.remove("\(run)")
      return freed
    }
  }

  /// Deletes the spilled copies of all runs but this one, the kept and the inherited ones, and returns
  /// the allocated bytes that this freed.
  ///
  /// Later runs too: their journal was lost. What cannot be deleted stays and counts as nothing.
  package func sweepOldSpills(keeping kept: [ArtifactPlace]) -> Int64 {
    sweepOldSpills(keeping: Set(kept.map(\.path)))
  }

  func sweepOldSpills(keeping kept: Set<String>) -> Int64 {
    let staying = Set(inherited.map(\.run) + [run])
    defer { removeIfEmpty() }
    return withSpilled { own in
      var freed: Int64 = 0
      own.forEachTask { run, task, folder in
        guard let number = Int(run), !staying.contains(number) else { return }
        for name in folder.plainNames where !kept.contains("\(run)/\(task)/\(name)") {
          freed += folder.discard(name)
        }
      }
      for run in own.plainNames { Self.removeIfEmpty(run, in: own) }
      return freed
    }
  }

  private func withSpilled(_ act: (borrowing OpenFolder) -> Int64) -> Int64 {
    guard let spills = try? spillFolder(), let own = try? spills.open() else { return 0 }
    let freed = act(own)
    if freed > 0 { spillRoom.forget() }
    return freed
  }

  private func removeIfEmpty() {
    guard let spills = try? spillFolder() else { return }
    if let top = try? OpenFolder.open(spills.place.path) { top.removeIfEmpty(spills.name) }
  }

  private static func removeIfEmpty(_ run: String, in own: borrowing OpenFolder) {
    guard let folder = try? own.folder(run) else { return }
    for task in folder.plainNames { folder.removeIfEmpty(task) }
    own.removeIfEmpty(run)
  }
}
