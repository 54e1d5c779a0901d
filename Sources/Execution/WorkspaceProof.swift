import Glibc
import Model
import Synchronization

// Whether inputs are what was sealed: looked at before an attempt gets them and when it has ended, so
// that nothing that was damaged meanwhile is passed on.
//
// A digest reads every byte. What the file system says of each entry is enough as long as it says the
// same as when the digest was known: nobody sets the time of a file's last change (`ctime`). It is as
// coarse as the kernel's tick, so a change within milliseconds of the seal could be missed.
extension Workspace {
  /// - Throws: `WorkspaceProblem` naming the first input that is missing, or not what was sealed
  ///   (`damaged`), which is deleted then.
  /// - Complexity: O(entries), and O(bytes) for an artifact that is new to this session or has changed.
  func prove(_ place: AttemptPlace) throws(WorkspaceProblem) {
    for (need, task) in zip(place.task.needs, place.needed) {
      for name in need.artifact.map({ [$0] }) ?? task.outputs.map(\.name) {
        try prove(RunState.ArtifactKey(task: task.id, name: name), task, place.digests)
      }
    }
  }

  package func damage(toInputsOf place: AttemptPlace) -> WorkspaceProblem? {
    do throws(WorkspaceProblem) {
      try prove(place)
      return nil
    } catch {
      return error.damaged == nil ? nil : error
    }
  }

  private func prove(
    _ key: RunState.ArtifactKey, _ task: TaskGraph.Task, _ digests: [RunState.ArtifactKey: String]
  ) throws(WorkspaceProblem) {
    // What nobody digested in this run is an earlier run's, and as good as it was.
    guard let digest = digests[key] else { return }
    let words = Self.words(task, key.name)
    guard let path = found(task, key.name) else {
      throw WorkspaceProblem("\(words) is missing", damaged: key)
    }
    let look = try FileTree.look(path)
    guard !proofs.knows(path, look) else { return }
    guard try FileTree.digest(path).digest == digest else {
      proofs.forget(path)
      try FileTree.discard(path)
      throw WorkspaceProblem("\(words) is not what was sealed", damaged: key)
    }
    proofs.note(path, look)
  }
}

/// What sealed artifacts looked like when their digests were known.
final class SealProofs: Sendable {
  /// Digest of the look, by path.
  private let looks = Mutex<[String: String]>([:])

  func knows(_ path: String, _ look: String) -> Bool { looks.withLock { $0[path] == look } }

  /// Of an artifact that has just been proved; one that cannot be looked at is digested when it is read.
  func note(_ path: String) {
    guard let look = try? FileTree.look(path) else { return forget(path) }
    note(path, look)
  }

  func note(_ path: String, _ look: String) { looks.withLock { $0[path] = look } }
  func forget(_ path: String) { looks.withLock { $0[path] = nil } }
}

extension FileTree {
  /// A digest of all that a tree's entries say without being read: names, inodes, rights, sizes, and
  /// when they were changed last.
  ///
  /// - Complexity: O(entries).
  static func look(_ path: String) throws(WorkspaceProblem) -> String {
    var digest = Digest()
    try walk(path) { entry throws(WorkspaceProblem) in
      let status = entry.status
      digest.addField(entry.path)
      digest.addNumber(UInt64(status.st_ino))
      digest.addNumber(UInt64(status.st_mode))
      digest.addNumber(UInt64(bitPattern: Int64(status.st_size)))
      digest.addNumber(UInt64(bitPattern: Int64(status.st_mtim.tv_sec)))
      digest.addNumber(UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)))
      digest.addNumber(UInt64(bitPattern: Int64(status.st_ctim.tv_sec)))
      digest.addNumber(UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)))
    }
    return digest.hexadecimal()
  }

  /// Takes its name from what is worth nothing, and deletes it.
  static func discard(_ path: String) throws(WorkspaceProblem) {
    let old = path + ".old"
    try remove(old)
    guard rename(path, old) == 0 || errno == ENOENT else { throw problem("delete", path) }
    try remove(old)
  }
}
