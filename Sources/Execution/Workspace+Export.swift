import CSpawn
import Glibc
package import Model

extension Workspace {
  /// Copies an artifact out of the workspace: its only file to the path, or, when the path ends in
  /// `/` or there are several files, the folder's content into the folder of that name.
  ///
  /// All files are copied beside their places and flushed before the first is renamed: where one cannot
  /// be written, nothing has changed. A link in a file's place is replaced, not followed. Files of an
  /// older export that this one does not have stay.
  package func export(_ export: TaskGraph.Export, of place: AttemptPlace)
    throws(WorkspaceProblem) -> Fact.ArtifactExported
  {
    guard let source = found(place.task, export.artifact) else {
      throw WorkspaceProblem(
        "artifact \"\(export.artifact)\" of task \"\(place.task.name)\" is missing")
    }
    let target = try ExportTarget(export.path, root: layout.root)
    let only = target.isFolder ? nil : try onlyFile(in: source)
    let copy = FileCopy(mark: ".cairn-\(run)-\(place.task.id.rawValue)")
    let bytes =
      if let only {
        try copy.file("\(source)/\(only)", to: target.path)
      } else {
        try copy.content(of: source, to: target.path)
      }
    return Fact.ArtifactExported(
      task: place.task.id, artifact: export.artifact, bytes: bytes, path: export.path)
  }

  /// The path inside the folder of its only file; nil if it holds anything else.
  private func onlyFile(in folder: String) throws(WorkspaceProblem) -> String? {
    var files: [String] = []
    var others = 0
    try FileTree.walk(folder) { entry throws(WorkspaceProblem) in
      if entry.isFile, let path = String(validating: entry.path, as: UTF8.self) {
        files.append(path)
      } else if !entry.isFolder {
        others += 1
      }
    }
    return files.count == 1 && others == 0 ? files[0] : nil
  }
}

/// Where an export goes; a relative path cannot leave the project.
struct ExportTarget: Equatable {
  let path: String
  let isFolder: Bool

  init(_ text: String, root: String) throws(WorkspaceProblem) {
    var parts: [Substring] = []
    for part in text.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if parts.popLast() == nil {
        throw WorkspaceProblem("cannot export to \"\(text)\": it leads out of the project")
      }
    }
    let isAbsolute = text.hasPrefix("/")
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw WorkspaceProblem("cannot export to \"\(text)\": no path")
    }
    guard isAbsolute || parts.first != ".cairn" else {
      throw WorkspaceProblem("cannot export to \"\(text)\": .cairn belongs to Cairn")
    }
    path = (isAbsolute ? "/" : root + "/") + parts.joined(separator: "/")
    isFolder = text.hasSuffix("/") || parts.isEmpty
  }
}

/// Copies that appear whole or not at all.
struct FileCopy {
  private static let chunkBytes = 1 << 30
  private static let bufferBytes = 1 << 18

  /// Begins the names of files that are not complete; one after a crash is found and replaced by the
  /// next copy with the same mark.
  private let mark: String
  private var staged: [(neighbour: String, target: String)] = []
  /// Folders that were made, those above first.
  private var made: [String] = []

  init(mark: String) { self.mark = mark }

  /// Copies one file: beside its place, flushed, renamed; returns its allocated bytes.
  func file(_ source: String, to target: String) throws(WorkspaceProblem) -> Int64 {
    let file = open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw FileTree.problem("read", source) }
    defer { close(file) }
    try FileTree.makeFolders(Self.parent(of: target))
    return try atOnce { copy throws(WorkspaceProblem) in try copy.stage(file, target) }
  }

  /// Copies everything in a folder into another, which is made if it is missing.
  func content(of source: String, to target: String) throws(WorkspaceProblem) -> Int64 {
    try FileTree.makeFolders(target)
    return try atOnce { copy throws(WorkspaceProblem) in
      var bytes: Int64 = 0
      try FileTree.walk(source) { entry throws(WorkspaceProblem) in
        bytes += try copy.stage(entry, of: source, in: target)
      }
      return bytes
    }
  }

  private func atOnce(
    _ stageAll: (inout FileCopy) throws(WorkspaceProblem) -> Int64
  ) throws(WorkspaceProblem) -> Int64 {
    var copy = self
    do throws(WorkspaceProblem) {
      let bytes = try stageAll(&copy)
      try copy.settle()
      return bytes
    } catch {
      for file in copy.staged { unlink(file.neighbour) }
      for folder in copy.made.reversed() { rmdir(folder) }
      throw error
    }
  }

  private mutating func stage(
    _ entry: FileTree.Entry, of source: String, in target: String
  ) throws(WorkspaceProblem) -> Int64 {
    guard let name = String(validating: entry.path, as: UTF8.self) else {
      throw WorkspaceProblem("cannot export a file in \"\(source)\": its name is not UTF-8")
    }
    let path = "\(target)/\(name)"
    if entry.isFolder {
      if mkdir(path, 0o755) == 0 { made.append(path) } else { try FileTree.makeFolders(path) }
    } else if entry.isLink {
      try stageLink(String(decoding: FileTree.target(of: entry), as: UTF8.self), at: path)
    } else if entry.isFile {
      let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
      let file = openat(entry.folder, entry.name, flags)
      guard file >= 0 else { throw FileTree.problem("read", "\(source)/\(name)") }
      defer { close(file) }
      return try stage(file, path)
    }
    return 0
  }

  /// Names the next file beside its place; what has that name was left by a crash.
  private mutating func neighbour(of target: String) throws(WorkspaceProblem) -> String {
    var status = stat()
    if lstat(target, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw FileTree.problem("write", target, EISDIR)
    }
    let neighbour = "\(Self.parent(of: target))/\(mark)-\(staged.count)"
    unlink(neighbour)
    staged.append((neighbour, target))
    return neighbour
  }

  private mutating func stage(_ source: Int32, _ target: String) throws(WorkspaceProblem) -> Int64 {
    var status = stat()
    guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkspaceProblem("cannot export to \"\(target)\": the source is not a file")
    }
    let neighbour = try neighbour(of: target)
    let mode: mode_t = status.st_mode & 0o111 == 0 ? 0o644 : 0o755
    let copy = open(neighbour, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard copy >= 0 else { throw FileTree.problem("write", target) }
    defer { close(copy) }
    guard Self.pour(source, copy), fsync(copy) == 0 else {
      throw FileTree.problem("write", target)
    }
    fstat(copy, &status)
    return Int64(status.st_blocks) * FileTree.blockBytes
  }

  private mutating func stageLink(_ text: String, at path: String) throws(WorkspaceProblem) {
    let neighbour = try neighbour(of: path)
    guard symlink(text, neighbour) == 0 else { throw FileTree.problem("write", path) }
  }

  /// Gives all files their names and makes those durable.
  private mutating func settle() throws(WorkspaceProblem) {
    var folders: Set<String> = []
    while let next = staged.last {
      guard rename(next.neighbour, next.target) == 0 else {
        throw FileTree.problem("write", next.target)
      }
      staged.removeLast()
      folders.insert(Self.parent(of: next.target))
    }
    for folder in made { folders.insert(Self.parent(of: folder)) }
    made = []
    for folder in folders.sorted() { try Self.flush(folder) }
  }

  /// Copies from where both files stand, up to so many bytes or to the end; false sets `errno`.
  static func pour(_ source: Int32, _ copy: Int32, atMost limit: Int64 = .max) -> Bool {
    var left = limit
    while left > 0 {
      let count = cairn_copy_range(source, copy, Int(min(left, Int64(chunkBytes))))
      if count == 0 { return true }
      if count > 0 { left -= Int64(count) }
      if count > 0 || errno == EINTR { continue }
      // Not on this file system, or not between these two.
      guard errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
        return false
      }
      return pourByHand(source, copy, atMost: left)
    }
    return true
  }

  private static func pourByHand(_ source: Int32, _ copy: Int32, atMost limit: Int64) -> Bool {
    var buffer = [UInt8](repeating: 0, count: Int(min(limit, Int64(bufferBytes))))
    var left = limit
    while left > 0 {
      let count = read(source, &buffer, Int(min(left, Int64(buffer.count))))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return count == 0 }
      left -= Int64(count)
      var written = 0
      while written < count {
        let step = buffer.withUnsafeBytes { bytes in
          bytes.baseAddress.map { write(copy, $0 + written, count - written) } ?? -1
        }
        if step < 0 && errno == EINTR { continue }
        guard step > 0 else { return false }
        written += step
      }
    }
    return true
  }

  private static func parent(of path: String) -> String {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the names in a folder durable.
  private static func flush(_ folder: String) throws(WorkspaceProblem) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileTree.problem("flush", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileTree.problem("flush", folder) }
  }
}
