import Glibc
import Synchronization

/// Where artifacts lie that have to make room in the workspace for a while.
package struct SpillPlace: Sendable, Equatable {
  /// Absolute; what lies there of other projects is left alone.
  package var path: String
  /// Allocated bytes that the copies of this project may take there.
  package var limitBytes: Int64

  package init(path: String, limitBytes: Int64) {
    self.path = path
    self.limitBytes = limitBytes
  }
}

/// A folder that was reached through no symbolic link; closed when it goes out of scope.
struct OpenFolder: ~Copyable {
  let descriptor: Int32
  /// For words; whatever is done goes through the descriptor.
  let path: String

  private init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Opens a folder; nil if there is none.
  ///
  /// Links on the way to it are followed, one in its own place is a problem.
  static func open(_ path: String) throws(WorkspaceProblem) -> OpenFolder? {
    try open(path, in: AT_FDCWD, as: path)
  }

  /// Opens a folder in this one; nil if there is none.
  func folder(_ name: String) throws(WorkspaceProblem) -> OpenFolder? {
    try Self.open(name, in: descriptor, as: "\(path)/\(name)")
  }

  /// Opens a folder in this one, and makes it, for its owner alone, if it is missing.
  func makeFolder(_ name: String) throws(WorkspaceProblem) -> OpenFolder {
    if mkdirat(descriptor, name, 0o700) != 0 && errno != EEXIST {
      throw FileTree.problem("make folder", "\(path)/\(name)")
    }
    guard let folder = try folder(name) else {
      throw FileTree.problem("open folder", "\(path)/\(name)", ENOENT)
    }
    return folder
  }

  private static func open(_ name: String, in above: Int32, as path: String)
    throws(WorkspaceProblem) -> OpenFolder?
  {
    let descriptor = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor >= 0 { return OpenFolder(descriptor, path) }
    switch errno {
    case ENOENT: return nil
    case ENOTDIR, ELOOP:
      var status = stat()
      let isLink =
        fstatat(above, name, &status, AT_SYMLINK_NOFOLLOW) == 0
        && status.st_mode & S_IFMT == S_IFLNK
      throw WorkspaceProblem(
        "\"\(path)\" is \(isLink ? "a link, and none is followed there" : "not a folder")")
    default: throw FileTree.problem("open folder", path)
    }
  }
}

extension OpenFolder {
  /// Names that are text; empty if they cannot be read.
  var plainNames: [String] {
    let names = (try? FileTree.names(in: descriptor, of: path)) ?? []
    return names.compactMap { String(validating: FileTree.bytes(of: $0), as: UTF8.self) }
  }

  /// Deletes what has this name, whatever it is; a missing one is fine.
  func remove(_ name: String) throws(WorkspaceProblem) {
    try FileTree.remove(Array(name.utf8CString), in: descriptor, as: "\(path)/\(name)")
  }

  /// Deletes what has this name and returns the allocated bytes that this freed: 0 if it stays.
  ///
  /// It loses its name first: were the deletion cut short, what is left must not look complete.
  func discard(_ name: String) -> Int64 {
    let bytes = bytes(of: name)
    let old = name + ".old"
    guard (try? remove(old)) != nil, renameat(descriptor, name, descriptor, old) == 0 else {
      return 0
    }
    return (try? remove(old)) == nil ? 0 : bytes
  }

  func removeIfEmpty(_ name: String) { unlinkat(descriptor, name, AT_REMOVEDIR) }

  /// Allocated bytes of a folder in this one; 0 if it cannot be read.
  func bytes(of name: String) -> Int64 {
    guard let inner = try? folder(name) else { return 0 }
    return (try? FileTree.measure(inner.descriptor, of: inner.path))?.bytes ?? 0
  }

  /// Calls with each folder of a run's task in the folder of a project.
  func forEachTask(_ visit: (_ run: String, _ task: String, borrowing OpenFolder) -> Void) {
    for run in plainNames {
      guard let runFolder = try? folder(run) else { continue }
      for task in runFolder.plainNames {
        if let taskFolder = try? runFolder.folder(task) { visit(run, task, taskFolder) }
      }
    }
  }
}

/// The folder of one project in a spill place.
///
///     <path>/<project>-<digest of its root>/<run>/<task>/<artifact>/       complete
///     <path>/<project>-<digest of its root>/<run>/<task>/<artifact>.part/  being written
///
/// Projects with one root on two machines must not share a place: they would have the same name.
struct SpillFolder {
  let place: SpillPlace
  let name: String

  init(_ place: SpillPlace, root: String) {
    var place = place
    // A slash at the end would have a link followed.
    while place.path.utf8.count > 1, place.path.hasSuffix("/") { place.path.removeLast() }
    self.place = place
    var digest = Digest()
    digest.addField(root)
    let project = root.split(separator: "/").last ?? "root"
    name = "\(WorkspaceLayout.encoded(String(project)))-\(digest.hexadecimal())"
  }

  var path: String { "\(place.path)/\(name)" }

  /// Opens the folder; nil if it is missing.
  func open() throws(WorkspaceProblem) -> OpenFolder? {
    guard let top = try OpenFolder.open(place.path), let own = try top.folder(name) else {
      return nil
    }
    try claim(own)
    return own
  }

  /// Opens the folder, and makes it and those above it if they are missing, for their owner alone.
  func make() throws(WorkspaceProblem) -> OpenFolder {
    guard place.path.hasPrefix("/"), !place.path.utf8.contains(0) else {
      throw WorkspaceProblem("spill path \"\(place.path)\" is not absolute")
    }
    guard let own = try makeOwn() else { throw FileTree.problem("open folder", path, ENOENT) }
    try claim(own)
    return own
  }

  private func makeOwn() throws(WorkspaceProblem) -> OpenFolder? {
    if let top = try OpenFolder.open(place.path) { return try top.makeFolder(name) }
    try FileTree.makeFolders(place.path, mode: 0o700)
    return try OpenFolder.open(place.path)?.makeFolder(name)
  }

  /// In a place that many may write, somebody else may have made the folder, and could change the
  /// copies in it.
  private func claim(_ own: borrowing OpenFolder) throws(WorkspaceProblem) {
    var status = stat()
    guard fstat(own.descriptor, &status) == 0 else { throw FileTree.problem("open folder", path) }
    guard status.st_uid == geteuid() else {
      throw WorkspaceProblem("spill folder \"\(path)\" belongs to another user")
    }
    guard status.st_mode & 0o077 == 0 || fchmod(own.descriptor, 0o700) == 0 else {
      throw FileTree.problem("protect", path)
    }
  }

  /// Whether the place, or what is there of the way to it, is on another file system than a folder.
  func isElsewhere(than folder: String) -> Bool {
    var status = stat()
    guard stat(folder, &status) == 0 else { return false }
    let device = status.st_dev
    var path = place.path
    while stat(path, &status) != 0 {
      guard let slash = path.lastIndex(of: "/"), path != "/" else { return false }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
    return status.st_dev != device
  }
}

/// Counts the bytes that lie in a spill folder and those on their way there.
final class SpillRoom: Sendable {
  private struct Count {
    /// nil: has to be measured.
    var lying: Int64?
    var coming: Int64 = 0
  }

  private let count = Mutex(Count())

  /// Sets room aside for a copy of so many allocated bytes.
  ///
  /// - Parameters:
  ///   - bytes: Of the copy.
  ///   - limit: For all copies.
  ///   - measure: Returns the bytes of all complete copies; true means that no other is being made.
  /// - Returns: nil, or how many bytes lie there, or will, if that leaves too little.
  /// - Throws: What `measure` throws.
  func take(
    _ bytes: Int64, of limit: Int64, measure: (Bool) throws(WorkspaceProblem) -> Int64
  ) throws(WorkspaceProblem) -> Int64? {
    try count.withLock { count throws(WorkspaceProblem) in
      let known = count.lying ?? .max
      // Somebody may have made room by hand.
      if known > limit - count.coming - bytes { count.lying = try measure(count.coming == 0) }
      let taken = (count.lying ?? 0) + count.coming
      guard bytes <= limit - taken else { return taken }
      count.coming += bytes
      return nil
    }
  }

  /// Ends what `take` began.
  ///
  /// - Parameters:
  ///   - bytes: That were taken.
  ///   - lying: Of the copy; 0 if there is none.
  func settle(_ bytes: Int64, lying: Int64) {
    count.withLock { count in
      count.coming -= bytes
      count.lying = count.lying.map { $0 + lying }
    }
  }

  /// Copies were deleted.
  func forget() { count.withLock { $0.lying = nil } }
}
