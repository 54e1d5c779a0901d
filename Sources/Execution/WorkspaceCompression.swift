import Glibc
package import Model

// Artifacts that lie compressed in the workspace while nobody reads them.
//
// The compressed form is written beside its place, proved by the digest in the journal without being
// unpacked, and renamed; only then the original loses its name, and then its bytes. The way back is
// unpacked beside its place, proved and renamed before the compressed form goes. Whenever Cairn is
// killed, the artifact is whole, or compressed and whole, or both: then the folder counts, and
// `sweepUnsealed` deletes the other. A dot cannot stand in an encoded name, so no artifact is called
// like a compressed one. As elsewhere nothing is flushed: a damaged form is found by its digest.
extension Workspace {
  package func compress(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact, within limitBytes: Int64
  ) throws(WorkspaceProblem) -> Int64 {
    let target = packed(task, artifact)
    let words = Self.words(task, artifact)
    // It was compressed before, and the journal does not know.
    if !Self.isFolder(sealed(task, artifact)), let bytes = try? Self.proved(target, as: known) {
      return bytes
    }
    let bytes = try pack(sealed(task, artifact), to: target, words, known, limitBytes)
    let old: String
    do throws(WorkspaceProblem) { old = try setAside(task, artifact) } catch {
      try? FileTree.remove(target)
      throw error
    }
    // The compressed form counts from here on, as with what is spilled.
    try? FileTree.remove(old)
    return bytes
  }

  package func expand(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64 {
    let target = sealed(task, artifact)
    // It was brought back before, and the journal does not know.
    if let (measure, found) = try? FileTree.digest(target), found == known.digest {
      try? FileTree.remove(packed(task, artifact))
      return measure.bytes
    }
    let form = packed(task, artifact)
    do throws(WorkspaceProblem) {
      let bytes = try unpack(form, to: target, Self.words(task, artifact), known)
      try? FileTree.remove(form)
      return bytes
    } catch {
      // The artifact is lost then, and nothing counts what is left of it.
      if !error.isPassing { try? FileTree.remove(form) }
      throw error
    }
  }

  /// Whether a compressed form of an artifact of this run lies there, its content not looked at.
  package func holdsCompressed(_ task: TaskGraph.Task, artifact: String) -> Bool {
    compressedBytes(task, artifact: artifact) != nil
  }

  /// Allocated bytes of the compressed form of an artifact of this run; nil if there is none.
  package func compressedBytes(_ task: TaskGraph.Task, artifact: String) -> Int64? {
    Self.allocated(packed(task, artifact))
  }

  /// Where the compressed form of an artifact lies.
  func packed(_ task: TaskGraph.Task, _ artifact: String) -> String {
    sealed(task, artifact) + Self.packedEnding
  }

  static let packedEnding = ".zst"

  /// The name of the folder whose compressed form has this name; nil for any other.
  static func folder(ofPacked name: String) -> String? {
    guard name.hasSuffix(packedEnding) else { return nil }
    let folder = String(name.dropLast(packedEnding.utf8.count))
    return folder.isEmpty || folder.contains(".") ? nil : folder
  }
}

// MARK: There

extension Workspace {
  private func pack(
    _ path: String, to target: String, _ words: String, _ known: RunState.Artifact,
    _ limitBytes: Int64
  ) throws(WorkspaceProblem) -> Int64 {
    guard let folder = try OpenFolder.open(path) else {
      throw WorkspaceProblem("\(words) is not in the workspace of run \(run)")
    }
    // Its room is counted once.
    try FileTree.remove(target)
    let part = target + ".part"
    try FileTree.remove(part)
    do throws(WorkspaceProblem) {
      try Self.write(folder, to: part, words, limitBytes)
      guard let bytes = try Self.proved(part, as: known) else {
        throw WorkspaceProblem(
          "\(words) is not compressed: its compressed form is not what was sealed")
      }
      guard bytes <= limitBytes else {
        throw WorkspaceProblem(
          "\(words) is not compressed: that would take \(ByteText.words(bytes)), and there is room "
            + "for \(ByteText.words(limitBytes))")
      }
      guard rename(part, target) == 0 else { throw FileTree.problem("compress to", target) }
      return bytes
    } catch {
      try? FileTree.remove(part)
      throw error
    }
  }

  private static func write(
    _ folder: borrowing OpenFolder, to path: String, _ words: String, _ limitBytes: Int64
  ) throws(WorkspaceProblem) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o400)
    guard file >= 0 else { throw FileTree.problem("compress to", path) }
    do throws(WorkspaceProblem) {
      try PackedTree.write(
        folder, to: ZstdWriter(file, path: path, limitBytes: limitBytes))
    } catch {
      close(file)
      var problem = error
      problem.description = "\(words) is not compressed: \(error)"
      throw problem
    }
    // A file system on the network may say only now that it had no room.
    guard close(file) == 0 else { throw FileTree.problem("compress to", path) }
  }

  /// Allocated bytes of the form that lies at a path, if it unpacks to what was sealed; nil if not.
  static func proved(
    _ path: String, as known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64? {
    var digest = PackedTreeDigest()
    try Self.read(path, as: known, into: &digest)
    return digest.hexadecimal == known.digest ? Self.allocated(path) : nil
  }

  private static func read(
    _ path: String, as known: RunState.Artifact, into sink: inout some PackedTreeSink
  ) throws(WorkspaceProblem) {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw FileTree.problem("read", path) }
    defer { close(file) }
    let reader = ZstdReader(file, path: path, limitBytes: PackedTree.longest(known))
    try PackedTree.read(reader, into: &sink)
  }

  /// Of a file; nil where there is none.
  static func allocated(_ path: String) -> Int64? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int64(status.st_blocks) * FileTree.blockBytes
  }
}

// MARK: And back

extension Workspace {
  private func unpack(
    _ path: String, to target: String, _ words: String, _ known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64 {
    let part = target + ".expand.part"
    try FileTree.remove(part)
    do throws(WorkspaceProblem) {
      guard mkdir(part, 0o700) == 0, let folder = try OpenFolder.open(part) else {
        throw FileTree.problem("make folder", part)
      }
      var tree = UnpackedTree(folder)
      try Self.read(path, as: known, into: &tree)
      let (measure, found) = try FileTree.digest(folder.descriptor, of: part)
      guard found == known.digest else {
        throw WorkspaceProblem(
          "the compressed form of \(words) in \"\(path)\" is not what was compressed")
      }
      try replace(target, by: part)
      proofs.note(target)
      return measure.bytes
    } catch {
      try? FileTree.remove(part)
      throw error
    }
  }
}
