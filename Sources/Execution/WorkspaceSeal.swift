import Glibc

// What makes a folder an artifact: a digest of all that is in it, and no right to write any more.
//
// The manifest that is digested holds, in the order of the paths' bytes and each folder in front of
// what lies in it: the path, the type and the rights but those to write; of a link what it names; of
// a file its bytes and their number. Times and owners do not count: a task that writes the same again
// has made the same artifact. Links are not followed: what lies behind one that leads out is neither
// measured nor digested nor kept.
extension FileTree {
  /// Is digested too, so that no digest of an older manifest equals one of this: after an upgrade a
  /// task whose input was made again runs again, though the input be the same.
  static let manifestVersion: UInt64 = 2
  private static let rightsBits: mode_t = 0o7555
  static let writeBits: mode_t = 0o222

  /// Measures and digests a tree.
  ///
  /// - Throws: `WorkspaceProblem` naming what cannot be read, or is no file, folder or link.
  /// - Complexity: O(bytes), in `bufferBytes` of memory.
  static func digest(_ path: String) throws(WorkspaceProblem) -> (Measure, digest: String) {
    try digest(path) { _ throws(WorkspaceProblem) in }
  }

  /// Measures and digests a tree whose folder is open; `path` is what it is called in problems.
  static func digest(_ folder: Int32, of path: String) throws(WorkspaceProblem)
    -> (Measure, digest: String)
  {
    try digest(folder, of: path) { _ throws(WorkspaceProblem) in }
  }

  /// Digests a tree, and shows the content of its files meanwhile, one after another.
  ///
  /// - Complexity: O(bytes), in `buffer` bytes of memory.
  static func digest(
    _ path: String, buffer: Int, content: (UnsafeRawBufferPointer) -> Void
  ) throws(WorkspaceProblem) -> String {
    let folder = openFolder(path)
    guard folder >= 0 else { throw problem("read folder", path) }
    defer { close(folder) }
    return try digest(folder, of: path, buffer: buffer, content: content) {
      _ throws(WorkspaceProblem) in
    }.digest
  }

  /// Takes the rights to write from a tree, measures and digests it.
  ///
  /// A file that also has a name outside keeps its rights, for they are those of that name too.
  ///
  /// - Throws: as `digest`; a link into the tree by its whole path is refused, because the tree is
  ///   about to be renamed.
  static func seal(_ path: String) throws(WorkspaceProblem) -> (Measure, digest: String) {
    var names: [Inode: Int] = [:]
    let result = try digest(path) { entry throws(WorkspaceProblem) in
      if entry.isLink { try refuseLink(entry, into: path) }
      if entry.isFile, entry.status.st_nlink > 1 {
        names[Inode(entry.status), default: 0] += 1
      } else if !entry.isLink {
        try protect(entry, in: path)
      }
    }
    if !names.isEmpty {
      try walk(path) { entry throws(WorkspaceProblem) in
        guard entry.isFile, names[Inode(entry.status)] == Int(entry.status.st_nlink) else { return }
        try protect(entry, in: path)
      }
    }
    var status = stat()
    guard lstat(path, &status) == 0, chmod(path, status.st_mode & 0o7777 & ~writeBits) == 0 else {
      throw problem("seal", path)
    }
    return result
  }

  private static func digest(
    _ path: String, _ visit: (Entry) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) -> (Measure, digest: String) {
    let folder = openFolder(path)
    guard folder >= 0 else { throw problem("read folder", path) }
    defer { close(folder) }
    return try digest(folder, of: path, visit)
  }

  private static func digest(
    _ folder: Int32, of path: String, buffer bytes: Int = bufferBytes,
    content: (UnsafeRawBufferPointer) -> Void = { _ in },
    _ visit: (Entry) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) -> (Measure, digest: String) {
    var total = Measure()
    var seen: Set<Inode> = []
    var digest = Digest()
    beginManifest(&digest)
    var buffer = [UInt8](repeating: 0, count: bytes)
    try walk(folder, of: path) { entry throws(WorkspaceProblem) in
      guard entry.isFile || entry.isFolder || entry.isLink else {
        throw WorkspaceProblem(
          "\"\(name(of: entry, in: path))\" is \(kind(of: entry)); "
            + "only files, folders and links can be kept")
      }
      try visit(entry)
      add(entry, to: &total, &seen)
      addEntry(entry.path, type: entry.type, mode: entry.status.st_mode, to: &digest)
      if entry.isLink { digest.addField(target(of: entry)) }
      if entry.isFile { try addContent(of: entry, in: path, to: &digest, &buffer, content) }
    }
    return (total, digest.hexadecimal())
  }

  static func beginManifest(_ digest: inout Digest) {
    digest.addField("cairn artifact")
    digest.addNumber(manifestVersion)
  }

  /// Adds what a manifest says of an entry in front of what a link names, or a file holds.
  static func addEntry(
    _ path: [UInt8], type: mode_t, mode: mode_t, to digest: inout Digest
  ) {
    digest.addField(path)
    digest.addNumber(UInt64(type) | UInt64(type == S_IFLNK ? 0 : mode & rightsBits))
  }

  private static func protect(_ entry: Entry, in root: String) throws(WorkspaceProblem) {
    let mode = entry.status.st_mode & 0o7777
    guard mode & writeBits != 0 else { return }
    guard fchmodat(entry.folder, entry.name, mode & ~writeBits, 0) == 0 else {
      throw problem("seal", name(of: entry, in: root))
    }
  }

  private static func refuseLink(_ entry: Entry, into root: String) throws(WorkspaceProblem) {
    let target = target(of: entry)
    guard target.starts(with: (root + "/").utf8) || target == Array(root.utf8) else { return }
    throw WorkspaceProblem(
      "link \"\(name(of: entry, in: root))\" names its own artifact by its whole path, "
        + "which changes when it is sealed; make the link relative")
  }

  private static func name(of entry: Entry, in root: String) -> String {
    root + "/" + String(decoding: entry.path, as: UTF8.self)
  }

  private static func kind(of entry: Entry) -> String {
    switch entry.type {
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  private static func addContent(
    of entry: Entry, in root: String, to digest: inout Digest, _ buffer: inout [UInt8],
    _ content: (UnsafeRawBufferPointer) -> Void
  ) throws(WorkspaceProblem) {
    let name = name(of: entry, in: root)
    let file = openat(entry.folder, entry.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw problem("read", name) }
    defer { close(file) }
    try addContent(file, name, to: &digest, &buffer, content: content)
  }
}
