import Glibc
package import Model

// Loans: a dormant artifact's own pages are another's memory for a while, and are given back exactly
// (planning, 5.5).
//
// Whoever lends records the intent durably first. The artifact has its rights back when the borrower is
// done, and is digested whole: what does not come to the digest it was sealed with is lost, and never
// read again. A death in between leaves a loan that the journal says is open, and `isIntact` tells.
extension Workspace {
  /// Why an artifact can be no one's memory.
  private static let tooSmall = "has no file with so many bytes of its own"

  /// Lends bytes of a sealed artifact to `borrow`, which must leave them as they were.
  ///
  /// The pages are those of its largest file, shared with the page cache: what the borrower changes is
  /// changed in the artifact. A file with holes, or with a second name, is not lent. To be called where
  /// nobody reads the artifact, and in a process that may die of a file that shrinks (SIGBUS).
  ///
  /// - Returns: What `borrow` returned.
  /// - Throws: `WorkspaceProblem`; the artifact is lost then if `isIntact` says no.
  /// - Complexity: O(bytes of the artifact), for its digest.
  package func lend<Value>(
    _ task: TaskGraph.Task, artifact: String, digest: String, bytes: Int,
    to borrow: (UnsafeMutableRawBufferPointer) throws(WorkspaceProblem) -> Value
  ) throws(WorkspaceProblem) -> Value {
    let path = sealed(task, artifact)
    let words = Self.words(task, artifact)
    proofs.forget(path)
    let result = try Self.lend(path, as: words, bytes: bytes, to: borrow)
    guard isIntact(task, artifact: artifact, digest: digest) else {
      throw WorkspaceProblem("\(words) was lent and not given back as it was")
    }
    return result
  }

  /// The pages alone: what was made of them has to be proved.
  static func lend<Value>(
    _ path: String, as words: String, bytes: Int,
    to borrow: (UnsafeMutableRawBufferPointer) throws(WorkspaceProblem) -> Value
  ) throws(WorkspaceProblem) -> Value {
    guard bytes > 0, let file = try FileTree.lendable(in: path, bytes: Int64(bytes)) else {
      throw WorkspaceProblem("\(words) \(tooSmall): \(bytes) are wanted")
    }
    return try LentFile(path + "/" + file).map(bytes, borrow)
  }

  /// Whether a sealed artifact is what it was when it was sealed.
  ///
  /// Takes the right to write away again where a death has left it.
  package func isIntact(_ task: TaskGraph.Task, artifact: String, digest: String) -> Bool {
    FileTree.isIntact(sealed(task, artifact), digest: digest)
  }
}

extension WorkspaceLayout {
  /// As `Workspace.isIntact`, of any run's.
  package func isIntact(_ place: ArtifactPlace, digest: String) -> Bool {
    FileTree.isIntact("\(workspace)/\(place.path)", digest: digest)
  }

  /// Whether an artifact has a file whose first bytes are all its own.
  package func isLendable(_ place: ArtifactPlace, bytes: Int) -> Bool {
    let path = "\(workspace)/\(place.path)"
    return ((try? FileTree.lendable(in: path, bytes: Int64(bytes))) ?? nil) != nil
  }

  /// Whether a copy on the spill file system is what was sealed.
  package func holdsCopy(_ place: ArtifactPlace, spill: SpillPlace, digest: String) -> Bool {
    let path = "\(SpillFolder(spill, root: root).path)/\(place.path)"
    return (try? FileTree.digest(path))?.digest == digest
  }
}

/// A file of a sealed artifact while it is lent.
private struct LentFile {
  let path: String

  init(_ path: String) { self.path = path }

  func map<Value>(
    _ bytes: Int, _ borrow: (UnsafeMutableRawBufferPointer) throws(WorkspaceProblem) -> Value
  ) throws(WorkspaceProblem) -> Value {
    var status = stat()
    guard lstat(path, &status) == 0, chmod(path, status.st_mode & 0o7777 | S_IWUSR) == 0 else {
      throw FileTree.problem("lend", path)
    }
    defer { chmod(path, status.st_mode & 0o7777) }
    let file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { throw FileTree.problem("lend", path) }
    defer { close(file) }
    guard let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      pages != MAP_FAILED
    else { throw FileTree.problem("lend", path) }
    defer { munmap(pages, bytes) }
    return try borrow(UnsafeMutableRawBufferPointer(start: pages, count: bytes))
  }
}

extension FileTree {
  fileprivate static func isIntact(_ path: String, digest: String) -> Bool {
    (try? seal(path))?.digest == digest
  }

  /// The path, from the folder, of the largest file whose first bytes are all its own; nil if none is
  /// large enough.
  static func lendable(in path: String, bytes: Int64) throws(WorkspaceProblem) -> String? {
    var best: (path: String, bytes: Int64)?
    try walk(path) { entry throws(WorkspaceProblem) in
      guard entry.isFile, entry.status.st_nlink == 1, Int64(entry.status.st_size) >= bytes,
        Int64(entry.status.st_size) > best?.bytes ?? 0,
        let name = String(validating: entry.path, as: UTF8.self), isFilled(entry, to: bytes)
      else { return }
      best = (name, Int64(entry.status.st_size))
    }
    return best?.path
  }

  private static func isFilled(_ entry: Entry, to bytes: Int64) -> Bool {
    let file = openat(entry.folder, entry.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Int64(lseek(file, 0, TreeCopy.nextHole)) >= bytes
  }
}
