extension Fact.Notice {
  /// Every notice that Cairn gives: what happened that is no state of a task and no answer to a
  /// request.
  package enum Code: String, Sendable, CaseIterable {
    case artifactUndropped = "artifact.undropped"
    case retriesSpent = "retries.spent"
    case planStepFailed = "plan.step-failed"
    case planInfeasible = "plan.infeasible"
    case workspaceOver = "workspace.over"
    case slotTrespassed = "slot.trespassed"
    case workspacePruned = "workspace.pruned"
    case branchReady = "branch.ready"
    case checkoutChanged = "checkout.changed"
    case worktreeRemade = "worktree.remade"
    case workspaceDamaged = "workspace.damaged"

    /// The head of the line that people see; the notice's own text follows.
    package var words: String {
      switch self {
      case .artifactUndropped: "an artifact could not be deleted"
      case .planStepFailed: "a step of the plan failed"
      case .planInfeasible: "no plan fits the budget any more"
      case .workspaceOver: "the workspace is past its budget"
      case .slotTrespassed: "somebody wrote into a slot that was not theirs"
      case .workspacePruned: "somebody deleted what nobody needs"
      case .branchReady: "what the tasks did is on a branch"
      case .checkoutChanged: "the checkout has changes that no task sees"
      case .worktreeRemade: "a worktree was made anew"
      case .workspaceDamaged: "what is not as it was sealed is deleted"
      case .retriesSpent: "failures are final from now on"
      }
    }
  }

  package init(_ code: Code, _ text: String, task: TaskID? = nil) {
    self.init(code: code.rawValue, text: text, task: task)
  }

  /// The line that people see; what a newer Cairn says stands for itself.
  package var words: String {
    guard let head = Code(rawValue: code)?.words else { return text.isEmpty ? code : text }
    return text.isEmpty ? head : "\(head): \(text)"
  }
}
