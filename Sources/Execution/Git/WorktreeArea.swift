import Glibc

/// Where worktrees of a project lie, and how git is called on them.
///
///     .cairn/workspace/worktrees/<slot>/         files
///     .cairn/workspace/worktrees/<slot>.index    Cairn's index of them
///     .cairn/workspace/worktrees/git/            a folder for git without references
///     <repository>/worktrees/cairn-<project>-<slot>/    what git in a worktree finds by its `.git`
///
/// Cairn itself never follows a worktree's `.git`, nor reads what lies behind it: a task may have made
/// of both what it likes. Its own calls name a folder that holds nothing but excludes, the repository's
/// objects, and an index outside of the worktree.
struct WorktreeArea: Sendable {
  let repository: GitRepository
  private let layout: WorkspaceLayout
  /// Tells projects of one repository from each other.
  private let project: String

  init(_ repository: GitRepository, _ layout: WorkspaceLayout) {
    self.repository = repository
    self.layout = layout
    project = String(Fingerprint.combine([layout.root]).prefix(8))
  }

  /// Absolute.
  private var folder: String { layout.worktrees }

  private var gitFolder: String { "\(folder)/git" }

  func files(_ slot: Int) -> String { layout.worktree(slot) }

  func index(_ slot: Int) -> String { layout.worktreeIndex(slot) }

  func proof(_ slot: Int, part: Int) -> String { "\(folder)/\(slot).proof\(part)" }

  /// The folder in a worktree that stands for the project's root.
  func root(_ slot: Int) -> String {
    repository.prefix.isEmpty ? files(slot) : "\(files(slot))/\(repository.prefix.dropLast())"
  }

  /// What git in a worktree takes for its own.
  func record(_ slot: Int) -> String { "\(repository.common)/worktrees/cairn-\(project)-\(slot)" }
}

extension WorktreeArea {
  /// Deletes the worktree of a slot, and what git knows of it.
  func remove(_ slot: Int) throws(WorkspaceProblem) {
    try layout.removeWorktree(slot)
    try FileTree.remove(record(slot))
  }

  /// Makes what Cairn's calls need, and clears away what a dead Cairn left locked.
  func open() throws(WorkspaceProblem) {
    try FileTree.makeFolders(folder)
    for name in FileTree.plainNames(in: folder)
    where name.hasSuffix(".lock") || name.contains(".proof") {
      try FileTree.remove("\(folder)/\(name)")
    }
    try FileTree.remove(gitFolder)
    for name in ["objects", "refs", "info"] { try FileTree.makeFolders("\(gitFolder)/\(name)") }
    try FileTree.write(Array("ref: refs/heads/none\n".utf8), ifMissing: "\(gitFolder)/HEAD")
    try FileTree.write(Array(try configuration().utf8), ifMissing: "\(gitFolder)/config")
    for name in ["info/exclude", "info/attributes", "shallow"] {
      let source = "\(repository.common)/\(name)"
      guard access(source, F_OK) == 0 else { continue }
      try FileTree.write(try FileTree.content(of: source), ifMissing: "\(gitFolder)/\(name)")
    }
  }

  private func configuration() throws(WorkspaceProblem) -> String {
    let format = try repository.call(["rev-parse", "--show-object-format"]).text
    guard format != "sha1" else { return "[core]\n\trepositoryformatversion = 0\n" }
    return "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = \(format)\n"
  }

  /// Calls git on the worktree of a slot with an index; it runs at the top of the worktree.
  func call(
    _ arguments: [String], slot: Int, index: String, at directory: String? = nil,
    input: String? = nil, with more: [String] = []
  ) throws(WorkspaceProblem) -> Git.Reply {
    try repository.git.call(
      arguments, in: directory ?? files(slot), input: input, with: environment(slot, index) + more)
  }

  /// The same for a call that has to succeed.
  @discardableResult
  func must(
    _ arguments: [String], slot: Int, index: String, input: String? = nil, with more: [String] = []
  ) throws(WorkspaceProblem) -> Git.Reply {
    let reply = try call(arguments, slot: slot, index: index, input: input, with: more)
    guard reply.code == 0 else { throw reply.problem }
    return reply
  }

  private func environment(_ slot: Int, _ index: String) -> [String] {
    repository.settings.environment + [
      "GIT_DIR=\(gitFolder)", "GIT_OBJECT_DIRECTORY=\(repository.common)/objects",
      "GIT_WORK_TREE=\(files(slot))", "GIT_INDEX_FILE=\(index)",
    ]
  }
}
