import CSpawn
import Glibc
package import Model

extension Workspace {
  /// Copies an artifact out of the workspace: its only file to the path, or, when the path ends in
  /// `/` or there are several files, the folder's content into the folder of that name.
  ///
  /// Each file is copied beside its place, flushed and renamed; files of an older export that this
  /// one does not have stay.
  package func export(_ export: TaskGraph.Export, of place: AttemptPlace)
    throws(WorkspaceProblem) -> Fact.ArtifactExported
  {
    guard let source = found(place.task, export.artifact) else {
      throw WorkspaceProblem(
        "artifact \"\(export.artifact)\" of task \"\(place.task.name)\" is missing")
    }
    let target = try ExportTarget(export.path, root: layout.root)
    let only = target.isFolder ? nil : try onlyFile(in: source)
    let bytes =
      if let only {
        try FileCopy.file("\(source)/\(only)", to: target.path)
      } else {
        try FileCopy.content(of: source, to: target.path)
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
enum FileCopy {
  private static let chunkBytes = 1 << 30
  private static let bufferBytes = 1 << 18

  /// Copies one file: beside its place, flushed, renamed; returns its allocated bytes.
  static func file(_ source: String, to target: String) throws(WorkspaceProblem) -> Int64 {
    let file = open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw FileTree.problem("read", source) }
    defer { close(file) }
    try makeParent(of: target)
    let bytes = try place(file, target)
    try flushParent(of: target)
    return bytes
  }

  /// Copies everything in a folder into another, which is made if it is missing.
  static func content(of source: String, to target: String) throws(WorkspaceProblem) -> Int64 {
    try FileTree.makeFolders(target)
    var bytes: Int64 = 0
    var folders = [target]
    try FileTree.walk(source) { entry throws(WorkspaceProblem) in
      guard let name = String(validating: entry.path, as: UTF8.self) else {
        throw WorkspaceProblem("cannot export a file in \"\(source)\": its name is not UTF-8")
      }
      let path = "\(target)/\(name)"
      if entry.isFolder {
        try FileTree.makeFolders(path)
        folders.append(path)
      } else if entry.isLink {
        try link(String(decoding: FileTree.target(of: entry), as: UTF8.self), at: path)
      } else if entry.isFile {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = openat(entry.folder, entry.name, flags)
        guard file >= 0 else { throw FileTree.problem("read", "\(source)/\(name)") }
        defer { close(file) }
        bytes += try place(file, path)
      }
    }
    for folder in folders { try flush(folder) }
    return bytes
  }

  private static func temporary(_ target: String) -> String { "\(target).cairn-\(getpid())" }

  /// Copies an open file to a path over a temporary neighbour.
  private static func place(_ source: Int32, _ target: String) throws(WorkspaceProblem) -> Int64 {
    var status = stat()
    guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkspaceProblem("cannot export to \"\(target)\": the source is not a file")
    }
    let neighbour = temporary(target)
    unlink(neighbour)
    let mode: mode_t = status.st_mode & 0o111 == 0 ? 0o644 : 0o755
    let copy = open(neighbour, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard copy >= 0 else { throw FileTree.problem("write", target) }
    defer { close(copy) }
    guard pour(source, copy), fsync(copy) == 0, rename(neighbour, target) == 0 else {
      let problem = FileTree.problem("write", target)
      unlink(neighbour)
      throw problem
    }
    fstat(copy, &status)
    return Int64(status.st_blocks) * FileTree.blockBytes
  }

  private static func pour(_ source: Int32, _ copy: Int32) -> Bool {
    while true {
      let count = cairn_copy_range(source, copy, chunkBytes)
      if count == 0 { return true }
      if count > 0 || errno == EINTR { continue }
      // Not on this file system, or not between these two.
      guard errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
        return false
      }
      return pourByHand(source, copy)
    }
  }

  private static func pourByHand(_ source: Int32, _ copy: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: bufferBytes)
    while true {
      let count = read(source, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return count == 0 }
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
  }

  private static func link(_ target: String, at path: String) throws(WorkspaceProblem) {
    let neighbour = temporary(path)
    unlink(neighbour)
    guard symlink(target, neighbour) == 0, rename(neighbour, path) == 0 else {
      let problem = FileTree.problem("write", path)
      unlink(neighbour)
      throw problem
    }
  }

  private static func makeParent(of path: String) throws(WorkspaceProblem) {
    try FileTree.makeFolders(parent(of: path))
  }

  private static func flushParent(of path: String) throws(WorkspaceProblem) {
    try flush(parent(of: path))
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
