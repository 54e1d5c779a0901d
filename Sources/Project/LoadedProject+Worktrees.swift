import Execution
import Model

extension LoadedProject {
  /// The git repository that tasks with `isolate: worktree` work on; nil where none of them runs.
  ///
  /// - Throws: `ProjectProblem` where there can be no worktrees.
  func repository(
    for selection: RunConfig.Selection?, token: String
  ) throws(ProjectProblem) -> GitRepository? {
    let selected = try selected(by: selection)
    let asks = graph.tasks.contains { task in
      task.isolation == .worktree && !task.isRemoved && (selected?.contains(task.id) ?? true)
    }
    guard asks else { return nil }
    do throws(GitProblem) {
      return try GitRepository(
        root: location.root, environment: RunSession.environment(),
        marks: ["\(Leftovers.variable)=\(token)"])
    } catch {
      throw ProjectProblem(error)
    }
  }
}

extension ProjectProblem {
  init(_ problem: GitProblem) {
    let code: Code =
      switch problem.code {
      case .unavailable: .unavailable
      case .missing: .missing
      case .unusable: .badData
      }
    self.init(code, problem.description)
  }
}

extension GitRepository {
  func branch(
    of run: Int, in layout: WorkspaceLayout, earlier: RunState.Branch?
  ) throws -> RunBranch {
    do {
      return try RunBranch(self, layout: layout, run: run, earlier: earlier)
    } catch let problem as GitProblem {
      throw ProjectProblem(problem)
    }
  }

  /// What no task sees of the user's checkout; nil where that is nothing.
  var notice: Fact.Notice? {
    guard !uncommitted.isEmpty else { return nil }
    let shown = uncommitted.prefix(Self.shownPaths).joined(separator: ", ")
    let rest = uncommitted.count - Self.shownPaths
    let names = rest > 0 ? "\(shown) and \(rest) more" : shown
    return Fact.Notice(.checkoutChanged, "\(names): commit what tasks should work on")
  }
}
