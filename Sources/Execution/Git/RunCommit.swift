import Model

/// The commit that Cairn makes of a worktree's files.
struct RunCommit {
  private let place: AttemptPlace
  private let run: Int
  /// The commit that the worktree began with.
  private let base: String
  private let area: WorktreeArea

  init(_ place: AttemptPlace, run: Int, base: String, area: WorktreeArea)
    throws(WorkspaceProblem)
  {
    self.place = place
    self.run = run
    self.base = base
    self.area = area
  }

  private var slot: Int { place.slot }
  private var index: String { area.index(slot) }

  enum Tree: Equatable {
    case tree(String)
    case conflicts([String])
  }

  /// Commits all that changed, whoever staged or committed it, but for what is nobody's work; nil where
  /// nothing did.
  func make() throws(WorkspaceProblem) -> String? {
    try stage()
    let tree = try area.must(["write-tree"], slot: slot, index: index).text
    guard try tree != self.tree(of: base) else { return nil }
    try requireNoRepository(in: tree)
    return try commit(tree, on: base)
  }

  /// What would be committed, as a diff.
  func changes() throws(WorkspaceProblem) -> WorktreeChanges {
    try stage()
    let tree = try area.must(["write-tree"], slot: slot, index: index).text
    let diff = try area.must(
      ["diff-tree", "-p", "--no-color", "--no-ext-diff", "--no-textconv", "--stat", base, tree],
      slot: slot, index: index)
    return WorktreeChanges(files: try files(from: base, to: tree), text: diff.output)
  }

  /// Puts into the index all that changed.
  private func stage() throws(WorkspaceProblem) {
    let kept = GitRepository.kept + place.task.caches
    let prefix = area.repository.prefix
    try FileTree.remove("\(index).lock")
    try area.must(["add", "-A", "--", "."], slot: slot, index: index)
    // Afterwards: where they are ignored, leaving them out by name is an error for `add`.
    try area.must(
      ["reset", "-q", base, "--"] + kept.map { ":(top,literal)\(prefix)\($0)" }, slot: slot,
      index: index)
  }

  func tree(of commit: String) throws(WorkspaceProblem) -> String {
    try area.must(["rev-parse", "\(commit)^{tree}"], slot: slot, index: index).text
  }

  /// Of a repository in a worktree git would take the number of its commit, and no file.
  private func requireNoRepository(in tree: String) throws(WorkspaceProblem) {
    let reply = try area.must(
      ["diff-tree", "-r", "-z", "--diff-filter=AT", base, tree], slot: slot, index: index)
    let fields = reply.fields
    // `:<mode> <mode> <id> <id> <status>` and a path, in turn.
    for (line, path) in zip(fields, fields.dropFirst())
    where line.hasPrefix(":") && line.split(separator: " ").dropFirst().first == "160000" {
      throw WorkspaceProblem(
        "task \"\(place.task.name)\" left a git repository of its own at \"\(path)\", of which "
          + "nothing can be committed: delete its .git, or ignore the folder")
    }
  }

  func commit(_ tree: String, on parent: String) throws(WorkspaceProblem) -> String {
    let (name, email) = area.repository.settings.identity
    let people = ["AUTHOR", "COMMITTER"].flatMap { role in
      ["GIT_\(role)_NAME=\(name)", "GIT_\(role)_EMAIL=\(email)"]
    }
    return try area.must(
      ["commit-tree", tree, "-p", parent, "-m", message], slot: slot, index: index, with: people
    ).text
  }

  /// Merges two commits; the attributes that say how are those of the worktree.
  func mergeTree(_ tip: String, _ own: String) throws(WorkspaceProblem) -> Tree {
    let reply = try area.call(
      ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", tip, own], slot: slot,
      index: index)
    var fields = reply.fields
    guard reply.code == 0 || reply.code == 1, !fields.isEmpty else { throw reply.problem }
    let tree = fields.removeFirst()
    return reply.code == 0 ? .tree(tree) : .conflicts(fields)
  }

  /// How many files differ.
  func files(from old: String, to new: String) throws(WorkspaceProblem) -> Int {
    try area.must(
      ["diff-tree", "-r", "--name-only", "--no-renames", "-z", old, new], slot: slot, index: index
    ).fields.count
  }
}

extension RunCommit {
  /// Longest subject, in characters.
  static let maximumSubject = 100

  /// The task's name and, if it has one, its title, and whose commit it is.
  var message: String {
    let task = place.task
    let title = task.title.map { ": " + $0 } ?? ""
    return Self.subject(task.name + title) + "\n\n" + Self.line(run: run)
      + "\nCairn-Task: \(task.name)\nCairn-Attempt: \(place.attempt)\n"
  }

  /// By this line a commit of the run is known.
  static func line(run: Int) -> String { "Cairn-Run: \(run)" }

  /// One line of words that came from a file: no control character, no end of a line.
  static func subject(_ text: String) -> String {
    let line = String(text.map { $0.isWhitespace ? " " : $0 })
    let clean = String(String.UnicodeScalarView(line.unicodeScalars.filter { !isControl($0) }))
    return clean.count > maximumSubject ? "\(clean.prefix(maximumSubject - 1))…" : clean
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
