import Execution
import Formats
import Model
package import Planning

extension LoadedProject {
  /// Definitions' fingerprints, one a task.
  ///
  /// - Throws: `WorkspaceProblem` when a declared input cannot be read.
  func fingerprints() throws(WorkspaceProblem) -> [String] {
    try graph.tasks.map { task throws(WorkspaceProblem) in
      let inputs: String? =
        task.inputs.isEmpty ? nil : try Fingerprint.inputs(task.inputs, root: location.root)
      return Fingerprint.definition(of: task, in: graph, inputs: inputs)
    }
  }

  func selected(by selection: RunConfig.Selection?) throws(ProjectProblem) -> Set<TaskID>? {
    do { return try graph.selected(by: selection) } catch { throw problem(error) }
  }

  /// The words for a task name that the file does not have.
  package func problem(_ unknown: UnknownSelection) -> ProjectProblem {
    let near = Suggestion.nearest(unknown.name, in: graph.tasks.map(\.name))
    let hint = near.map { "; did you mean \"\($0)\"?" } ?? ""
    return ProjectProblem(
      .usage, "\(location.displayName) defines no task \"\(unknown.name)\"\(hint)")
  }

  /// Refuses what can be planned and not run.
  package func requireCommands() throws(ProjectProblem) {
    guard isTrace else { return }
    throw ProjectProblem(
      .badData,
      "\(location.displayName): a recorded workflow has no commands to run; `cairn plan` and "
        + "`cairn simulate` read it")
  }

  /// A prompt without an agent can never run.
  func requireAgent() throws(ProjectProblem) {
    guard graph.agent == nil else { return }
    let first = graph.tasks.first { task in
      if case .prompt = task.action { task.standing == .pending } else { false }
    }
    guard let first else { return }
    throw ProjectProblem(
      .notBuilt,
      "\(location.displayName): task \"\(first.name)\" is a prompt and no agent is named: "
        + "give --agent claude (or codex, gemini, opencode, aider), or write a cairn.yaml with "
        + "`from: task-master` and `agent: { command: […] }` (`cairn init`)"
    )
  }

  /// `--only` and `--from` build on artifacts of the last run.
  func requireInputs(of selection: RunConfig.Selection?, in workspace: Workspace)
    throws(ProjectProblem)
  {
    guard selection?.needsEarlierRun == true, let selected = try selected(by: selection) else {
      return
    }
    for task in selected.sorted() {
      for need in graph[task].needs where !selected.contains(need.task) {
        let names = need.artifact.map { [$0] } ?? graph[need.task].outputs.map(\.name)
        for name in names where !workspace.holds(graph[need.task], artifact: name) {
          throw ProjectProblem(
            .missing,
            "task \"\(graph[task].name)\" needs the artifact \"\(name)\" of "
              + "\"\(graph[need.task].name)\", which no earlier run left; run that task first")
        }
      }
    }
  }
}

/// What a session runs and why, for people.
struct Explanation {
  private let opening: EngineOpening
  private let run: Int

  init(_ opening: EngineOpening, run: Int) {
    self.opening = opening
    self.run = run
  }

  var lines: [String] {
    guard let plan = opening.plan else {
      let count = opening.selection?.count ?? opening.graph.tasks.count
      return ["run \(run) is new: \(count) tasks have not run yet"]
    }
    let again = plan.again
    let kept = opening.graph.tasks.count { !$0.isRemoved } - again.count
    return ["run \(run) goes on: \(kept) tasks stay as they are, \(again.count) run"]
      + again.map { "  \(opening.graph[$0.task].name): \(plan.text($0.reason))" }
  }
}
