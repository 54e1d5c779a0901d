// What becomes of the changes that tasks make in worktrees of a git repository.
extension Fact {
  /// The run has a branch of its own; comes before the first merge, and once a run.
  package struct BranchOpened: Sendable, Equatable, Codable {
    /// As `cairn/3`, without `refs/heads/`.
    package var branch: String
    /// The commit that it begins with, in hexadecimal.
    package var commit: String

    package init(branch: String, commit: String) {
      self.branch = branch
      self.commit = commit
    }
  }

  /// The branch has what an attempt changed.
  package struct BranchMerged: Sendable, Equatable, Codable {
    package var task: TaskID
    package var attempt: Int
    /// The branch's tip from here on, in hexadecimal; `base` if the attempt changed nothing.
    package var commit: String
    /// The tip before.
    package var base: String
    /// How many files differ between the two.
    package var files: Int

    package init(task: TaskID, attempt: Int, commit: String, base: String, files: Int) {
      self.task = task
      self.attempt = attempt
      self.commit = commit
      self.base = base
      self.files = files
    }
  }
}

extension RunState {
  /// The branch of a run, as its facts tell.
  package struct Branch: Sendable, Equatable, Codable {
    package let name: String
    /// The commit that it began with.
    package let base: String
    /// Its tip.
    package private(set) var commit: String
    /// Commits from the one to the other.
    package private(set) var commits = 0

    init(_ fact: Fact.BranchOpened) {
      name = fact.branch
      base = fact.commit
      commit = fact.commit
    }

    mutating func merge(_ fact: Fact.BranchMerged) {
      if fact.commit != fact.base { commits += 1 }
      commit = fact.commit
    }

    /// What takes it over into a checkout.
    package var command: String { "git merge --ff-only \(name)" }
  }
}
