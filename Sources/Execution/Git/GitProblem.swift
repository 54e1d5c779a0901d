/// Why a project cannot have worktrees, and what to do about it.
package struct GitProblem: Error, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// No git, or one that is too old.
    case unavailable
    /// No repository.
    case missing
    /// A repository with which nothing can be done: bare, without a commit, with a branch in the way.
    case unusable
  }

  package var code: Code
  package var description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
