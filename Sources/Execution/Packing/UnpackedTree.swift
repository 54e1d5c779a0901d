import Glibc

/// Writes a packed tree into an empty folder: names, rights but those to write, times, links, holes.
///
/// Every step goes through the descriptor of the folder above and never through a symbolic link; one
/// descriptor is open a level. What was written before a problem stays: the caller deletes it.
final class UnpackedTree: PackedTreeSink {
  private struct Level {
    var descriptor: Int32
    var entry: PackedTree.Entry
  }

  private let path: String
  private let top: Int32
  /// Folders that are open below the top.
  private var levels: [Level] = []
  private var file: Int32 = -1
  private var entry: PackedTree.Entry?

  /// `top` stays open.
  init(_ top: borrowing OpenFolder) {
    self.top = top.descriptor
    path = top.path
  }

  deinit {
    if file >= 0 { close(file) }
    for level in levels { close(level.descriptor) }
  }

  private func failed(_ entry: PackedTree.Entry?, _ number: Int32 = errno) -> WorkspaceProblem {
    let place = String(decoding: entry?.path ?? [], as: UTF8.self)
    return FileTree.problem("unpack to", "\(path)/\(place)", number)
  }

  private static func terminated(_ bytes: [UInt8]) -> [CChar] {
    bytes.map { CChar(bitPattern: $0) } + [0]
  }

  func add(_ entry: PackedTree.Entry) throws(WorkspaceProblem) {
    while levels.count > entry.depth { try closeFolder() }
    let above = levels.last?.descriptor ?? top
    let name = Self.terminated(entry.name)
    switch entry.kind {
    case .end: break
    case .folder:
      guard mkdirat(above, name, 0o700) == 0 else { throw failed(entry) }
      let inner = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard inner >= 0 else { throw failed(entry) }
      levels.append(Level(descriptor: inner, entry: entry))
    case .link:
      guard symlinkat(Self.terminated(entry.target), above, name) == 0 else {
        throw failed(entry)
      }
      utimensat(above, name, Self.times(entry), AT_SYMLINK_NOFOLLOW)
    case .file:
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      file = openat(above, name, flags, 0o600)
      guard file >= 0 else { throw failed(entry) }
      self.entry = entry
    }
  }

  func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(WorkspaceProblem) {
    var written = 0
    while written < bytes.count {
      let count =
        bytes.baseAddress.map {
          pwrite(file, $0 + written, bytes.count - written, off_t(offset) + off_t(written))
        } ?? 0
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failed(entry) }
      written += count
    }
  }

  func endFile() throws(WorkspaceProblem) {
    guard let entry else { return }
    let isWhole = ftruncate(file, off_t(entry.length)) == 0 && Self.settle(file, as: entry)
    let number = errno
    // A file system on the network may say only now that it had no room.
    let isClosed = close(file) == 0
    file = -1
    guard isWhole, isClosed else { throw failed(entry, isWhole ? errno : number) }
  }

  func end(_ root: PackedTree.Entry) throws(WorkspaceProblem) {
    while !levels.isEmpty { try closeFolder() }
    guard Self.settle(top, as: root) else { throw failed(root) }
  }

  private func closeFolder() throws(WorkspaceProblem) {
    guard let level = levels.popLast() else { return }
    defer { close(level.descriptor) }
    guard Self.settle(level.descriptor, as: level.entry) else { throw failed(level.entry) }
  }

  /// A time is a courtesy to programs that compare them: no digest has it.
  private static func settle(_ file: Int32, as entry: PackedTree.Entry) -> Bool {
    futimens(file, times(entry))
    return fchmod(file, entry.mode) == 0
  }

  private static func times(_ entry: PackedTree.Entry) -> [timespec] {
    [entry.changed, entry.changed]
  }
}
