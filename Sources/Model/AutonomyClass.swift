extension TaskGraph {
  /// What the instances of a matrix have in common: the name in front of the values.
  package static func matrixName(of name: String) -> String {
    name.hasSuffix("]") ? String(name.prefix { $0 != "[" }) : name
  }

  /// What a task is compared with over runs: its matrix, the Task Master task that it is a step of, or
  /// itself.
  ///
  /// A `group:` of a Cairn file is no class: what is shown together need not be alike.
  package func taskClass(of task: TaskID) -> String {
    let task = tasks[task.index]
    if task.name.hasSuffix("]") { return Self.matrixName(of: task.name) }
    guard let group = task.group, groups.indices.contains(group),
      task.name.hasPrefix(groups[group].name + ".")
    else { return task.name }
    return groups[group].name
  }

  /// The name as part of a sentence: that of a Task Master task is a number, and reads like one.
  package static func spoken(_ name: String) -> String {
    name.allSatisfy { $0.isNumber || $0 == "." } ? "task \(name)" : name
  }

  /// Who carries a task out: the agent's program and model, or `commands`.
  package func worker(of task: TaskID) -> String {
    guard case .prompt = tasks[task.index].action, let agent, let program = agent.command.first
    else { return "commands" }
    let name = program.split(separator: "/").last.map(String.init) ?? program
    return agent.model.map { "\(name) \($0)" } ?? name
  }
}

extension TaskGraph.Agent {
  /// What follows `--model` in its command; nil where nothing says it.
  var model: String? {
    for (word, next) in zip(command, command.dropFirst()) where word == "--model" || word == "-m" {
      return next
    }
    return command.first { $0.hasPrefix("--model=") }.map { String($0.dropFirst(8)) }
  }
}
