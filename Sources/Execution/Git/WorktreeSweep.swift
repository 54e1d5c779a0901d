import Glibc

/// Deletes what git does not see: pipes, sockets and devices, which a task may have left anywhere.
struct WorktreeSweep {
  /// Paths below the top that are left alone, with all that is in them.
  private let spared: Set<String>

  init(sparing paths: [String]) { spared = Set(paths) }

  /// - Complexity: O(entries of the worktree but for what is spared).
  func callAsFunction(_ root: String) throws(WorkspaceProblem) {
    let folder = FileTree.openFolder(root)
    guard folder >= 0 else { throw FileTree.problem("read folder", root) }
    defer { close(folder) }
    try sweep(folder, "", of: root, depth: 0)
  }

  private func sweep(
    _ folder: Int32, _ path: String, of root: String, depth: Int
  ) throws(WorkspaceProblem) {
    guard depth < FileTree.maximumDepth else {
      throw WorkspaceProblem(
        "folder \"\(root)\" is nested deeper than \(FileTree.maximumDepth) levels")
    }
    for name in try FileTree.names(in: folder, of: root) {
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFREG, S_IFLNK: continue
      case S_IFDIR:
        let inner = path + String(decoding: FileTree.bytes(of: name), as: UTF8.self)
        if !spared.contains(inner) {
          try enter(folder, name, inner + "/", of: root, depth: depth)
        }
      default:
        guard unlinkat(folder, name, 0) == 0 else { throw FileTree.problem("delete in", root) }
      }
    }
  }

  private func enter(
    _ folder: Int32, _ name: [CChar], _ path: String, of root: String, depth: Int
  ) throws(WorkspaceProblem) {
    let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard inner >= 0 else { throw FileTree.problem("read folder in", root) }
    defer { close(inner) }
    try sweep(inner, path, of: root, depth: depth + 1)
  }
}
