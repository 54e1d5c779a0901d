import Glibc

/// The git repository that a project lies in, as it was when a session opened.
package struct GitRepository: Sendable {
  let git: Git
  /// The project's root, absolute.
  let root: String
  /// The root's place in the repository: empty, or with a slash at its end.
  let prefix: String
  /// The folder with objects and references that all worktrees share, absolute.
  let common: String
  /// The commit that the user's checkout is at, in hexadecimal.
  package let head: String
  let settings: GitSettings
  /// Paths that differ from it in the user's checkout, new ones among them.
  package let uncommitted: [String]

  /// What tasks never commit, relative to the project's root.
  static let kept = [".cairn", ".taskmaster"]
  /// Most uncommitted paths that are named to a person.
  package static let shownPaths = 3

  /// Looks at the repository without changing anything.
  ///
  /// - Parameters:
  ///   - root: Absolute path of the project.
  ///   - environment: Cairn's own, `NAME=value`.
  ///   - marks: What tells Cairn's processes from others.
  /// - Throws: `GitProblem` with what to do where there can be no worktrees.
  package init(root: String, environment: [String], marks: [String] = []) throws(GitProblem) {
    git = try Git(environment: environment, marks: marks)
    self.root = root
    let look = Look(git: git, root: root)
    let answers = try look.place()
    guard answers.count >= 3, answers[0] == "false" else {
      throw GitProblem(
        .unusable,
        "\(root) lies in a bare repository, which has no files to work on: clone it, or use "
          + "isolate: slot")
    }
    guard answers[1] == "true" else {
      throw GitProblem(.missing, "\(root) is no working folder of a git repository")
    }
    common = answers[2]
    prefix = answers.count > 3 ? answers[3] : ""
    head = try look.head()
    try look.requireCommitted(prefix, in: head)
    settings = try look.settings()
    uncommitted = try look.uncommitted()
  }

  /// For calls on the user's repository itself, with its configuration.
  static var ownSettings: [String] { GitSettings.overrides }

  func call(_ arguments: [String]) throws(WorkspaceProblem) -> Git.Reply {
    try git.call(arguments, in: root, with: Self.ownSettings)
  }
}

/// Questions about a repository that is not known yet.
private struct Look {
  let git: Git
  let root: String

  private func ask(_ arguments: [String]) throws(GitProblem) -> Git.Reply {
    do throws(WorkspaceProblem) {
      return try git.call(arguments, in: root, with: GitRepository.ownSettings)
    } catch {
      throw GitProblem(.unavailable, error.description)
    }
  }

  /// Whether it is bare, whether we are in its files, its shared folder, and where we are in it.
  func place() throws(GitProblem) -> [String] {
    let reply = try ask([
      "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--path-format=absolute",
      "--git-common-dir", "--show-prefix",
    ])
    guard reply.code != 0 else {
      return reply.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    if reply.complaint.contains("must be run in a work tree") { return ["true"] }
    guard reply.complaint.contains("not a git repository") else {
      throw GitProblem(.unusable, "git refuses \(root): \(reply.complaint)")
    }
    throw GitProblem(
      .missing,
      "isolate: worktree needs a git repository, and \(root) lies in none: `git init`, add and "
        + "commit, or use isolate: slot")
  }

  func head() throws(GitProblem) -> String {
    let reply = try ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    guard reply.code == 0, !reply.text.isEmpty else {
      throw GitProblem(
        .unusable,
        "isolate: worktree needs a commit to begin with, and the repository of \(root) has none: "
          + "`git add -A && git commit`")
    }
    return reply.text
  }

  /// A project in a folder that no commit has would find no folder in its worktrees.
  func requireCommitted(_ prefix: String, in commit: String) throws(GitProblem) {
    guard !prefix.isEmpty else { return }
    guard try ask(["cat-file", "-e", "\(commit):\(prefix.dropLast())"]).code == 0 else {
      throw GitProblem(
        .unusable,
        "the commit that your checkout is at has no folder \(prefix): add and commit it first")
    }
  }

  func settings() throws(GitProblem) -> GitSettings {
    let reply = try ask(["config", "--list", "--includes", "-z"])
    guard reply.code == 0 else {
      throw GitProblem(.unusable, "git cannot read its configuration: \(reply.complaint)")
    }
    // What Cairn gives by the environment is listed with the rest, and given again.
    return try GitSettings(listed: reply.output)
  }

  func uncommitted() throws(GitProblem) -> [String] {
    let spared = GitRepository.kept.map { ":(exclude)\($0)" }
    let reply = try ask(["status", "--porcelain", "--no-renames", "-z", "--", ":/"] + spared)
    guard reply.code == 0 else {
      throw GitProblem(.unusable, "git cannot look at the checkout: \(reply.complaint)")
    }
    return reply.fields.map { String($0.dropFirst(3)) }
  }
}
