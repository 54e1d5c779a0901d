import Model

/// Numbers the tasks of a file and ties them together.
struct GraphAssembly {
  private var graph: TaskGraph
  private let definitions: [TaskDefinition]
  /// One a task of the graph: the definition it came from.
  private var origins: [Int] = []
  private var rows: [[TaskGraph.Variable]] = []
  private var tasks: [String: TaskID] = [:]
  /// The instances of each matrix.
  private var families: [String: Family] = [:]
  private var groups: [String: Int] = [:]
  private var dependencies = 0

  private struct Family {
    var axes: [String]
    var members: Range<Int>
  }

  /// What a reference names.
  private struct Target {
    var members: Range<Int>
    var artifact: String?
    /// The name that becomes the variable: without the values of an instance.
    var name: String
    var isFamily: Bool
  }

  static func graph(
    of definitions: [TaskDefinition], name: String, agent: TaskGraph.Agent?
  ) throws(FormatProblem) -> TaskGraph {
    var assembly = GraphAssembly(
      graph: TaskGraph(name: name, agent: agent), definitions: definitions)
    try assembly.checkCount()
    for index in definitions.indices { try assembly.add(index) }
    try assembly.checkGroupNames()
    try assembly.checkExports()
    for index in assembly.graph.tasks.indices { try assembly.tie(index) }
    try assembly.checkCycles()
    return assembly.graph
  }

  private init(graph: TaskGraph, definitions: [TaskDefinition]) {
    self.graph = graph
    self.definitions = definitions
  }

  private func checkCount() throws(FormatProblem) {
    var count = 0
    for definition in definitions {
      count += definition.count
      guard count <= CairnFile.maximumTasks else {
        throw FormatProblem(
          at: definition.position, "more than \(CairnFile.maximumTasks) tasks")
      }
    }
  }

  private mutating func add(_ index: Int) throws(FormatProblem) {
    let definition = definitions[index]
    let outer = definition.group.map { group($0.name, parent: nil) }
    let inner = definition.isMatrix ? group(definition.name, parent: outer) : outer
    let start = graph.tasks.count
    for row in definition.rows() {
      var task = definition.instance(row)
      task.id = TaskID(graph.tasks.count)
      task.group = inner
      if let fault = task.name.faultAsName {
        throw FormatProblem(at: definition.position, "task \(task.name.quoted): \(fault)")
      }
      guard tasks.updateValue(task.id, forKey: task.name) == nil else {
        throw FormatProblem(at: definition.position, "task \(task.name.quoted) is defined twice")
      }
      graph.tasks.append(task)
      origins.append(index)
      rows.append(row)
    }
    guard definition.isMatrix else { return }
    families[definition.name] = Family(
      axes: definition.axes.map(\.key), members: start..<graph.tasks.count)
  }

  private mutating func group(_ name: String, parent: Int?) -> Int {
    if let index = groups[name] {
      // A matrix may come behind the tasks that name its group; it still lies where it says.
      if let parent, parent != index { graph.groups[index].parent = parent }
      return index
    }
    graph.groups.append(TaskGraph.Group(name: name, parent: parent))
    groups[name] = graph.groups.count - 1
    return graph.groups.count - 1
  }
}

extension GraphAssembly {
  private func checkGroupNames() throws(FormatProblem) {
    for definition in definitions {
      guard let group = definition.group else { continue }
      if tasks[group.name] != nil || families[group.name] != nil {
        throw FormatProblem(
          at: group.position, "group \(group.name.quoted) has the name of a task")
      }
    }
  }

  private func checkExports() throws(FormatProblem) {
    var owners: [String: String] = [:]
    for (index, task) in graph.tasks.enumerated() {
      for (export, position) in zip(task.exports, definitions[origins[index]].exportPositions) {
        if let other = owners.updateValue(task.name, forKey: export.path) {
          throw FormatProblem(
            at: position,
            "tasks \(other.quoted) and \(task.name.quoted) both export \(export.path.quoted)")
        }
      }
    }
  }

  private func checkCycles() throws(FormatProblem) {
    guard let cycle = graph.cycle(), let start = cycle.min() else { return }
    throw FormatProblem(
      at: definitions[origins[start.index]].position,
      "tasks wait for each other: \(graph.path(along: cycle))")
  }

  private mutating func tie(_ index: Int) throws(FormatProblem) {
    let definition = definitions[origins[index]]
    let values = rows[index] + definition.parameters
    let name = graph.tasks[index].name
    var variables: [String: String] = [:]
    for reference in definition.needs {
      let target = try target(of: reference, values, task: name)
      let variable = (reference.alias ?? target.name).asVariable
      if let other = variables.updateValue(reference.text, forKey: variable) {
        throw FormatProblem(
          at: reference.position,
          "needs \(other.quoted) and \(reference.text.quoted) of task \(name.quoted) are both "
            + "CAIRN_IN_\(variable)",
          hint: "name them: needs: { a: …, b: … }")
      }
      try count(target.members.count, at: reference.position)
      graph.tasks[index].needs += target.members.map { member in
        TaskGraph.Need(
          task: TaskID(member), artifact: target.artifact, variable: variable,
          folder: target.isFamily ? rows[member].folderName : nil)
      }
    }
    for reference in definition.after {
      let target = try target(of: reference, values, task: name)
      try count(target.members.count, at: reference.position)
      graph.tasks[index].after += target.members.map { TaskID($0) }
    }
  }

  private mutating func count(_ more: Int, at position: Position) throws(FormatProblem) {
    dependencies += more
    guard dependencies <= CairnFile.maximumDependencies else {
      throw FormatProblem(at: position, "more than \(CairnFile.maximumDependencies) dependencies")
    }
  }
}

extension GraphAssembly {
  private func target(
    of reference: TaskDefinition.Reference, _ values: [TaskGraph.Variable], task: String
  ) throws(FormatProblem) -> Target {
    let text = reference.text.filled(with: values)
    if let target = whole(text) { return target }
    // Names may hold dots themselves: the longest that is a task wins.
    var end = text.endIndex
    while let dot = text[..<end].lastIndex(of: ".") {
      if var target = whole(String(text[..<dot])) {
        let artifact = String(text[text.index(after: dot)...])
        let names = graph.tasks[target.members.lowerBound].outputs.map(\.name)
        guard names.contains(artifact) else {
          throw FormatProblem(
            at: reference.position,
            "task \(task.quoted) needs \(text.quoted), but task "
              + "\(String(text[..<dot]).quoted) has no artifact \(artifact.quoted)",
            hint: Suggestion.hint(for: artifact, in: names))
        }
        target.artifact = artifact
        target.name += "." + artifact
        return target
      }
      end = dot
    }
    throw unknown(text, reference, task: task)
  }

  private func whole(_ name: String) -> Target? {
    if let family = families[name] {
      return Target(members: family.members, name: name, isFamily: true)
    }
    guard let id = tasks[name] ?? tasks[inKeyOrder(name)] else { return nil }
    return Target(
      members: id.index..<id.index + 1, name: definitions[origins[id.index]].name, isFamily: false)
  }

  /// `shard[m=1,n=2]` is `shard[n=2,m=1]`.
  private func inKeyOrder(_ name: String) -> String {
    guard name.hasSuffix("]"), let open = name.firstIndex(of: "["),
      let family = families[String(name[..<open])]
    else { return name }
    let pairs = name[name.index(after: open)...].dropLast().split(separator: ",")
    let sorted = family.axes.compactMap { axis in pairs.first { $0.hasPrefix(axis + "=") } }
    guard sorted.count == pairs.count else { return name }
    return "\(name[..<open])[\(sorted.joined(separator: ","))]"
  }

  private func unknown(
    _ text: String, _ reference: TaskDefinition.Reference, task: String
  ) -> FormatProblem {
    if groups[text] != nil {
      return FormatProblem(
        at: reference.position,
        "task \(task.quoted) needs \(text.quoted), which is a group", hint: "name its tasks")
    }
    let names = definitions.map(\.name) + graph.tasks.map(\.name)
    return FormatProblem(
      at: reference.position,
      "task \(task.quoted) needs \(text.quoted), which is not defined",
      hint: Suggestion.hint(for: text, in: names))
  }
}

extension TaskGraph {
  /// Most tasks of a cycle that a message names.
  private static let maximumShownPath = 20

  /// Returns the cycle as `a → b → a`, from the task that was defined first.
  func path(along cycle: [TaskID]) -> String {
    guard let first = cycle.min(), let start = cycle.firstIndex(of: first) else { return "" }
    let turned = cycle[start...] + cycle[..<start]
    var names = turned.prefix(Self.maximumShownPath).map { self[$0].name.withVisibleControls }
    if names.count < cycle.count { names.append("… \(cycle.count - names.count) more …") }
    return (names + [self[first].name.withVisibleControls]).joined(separator: " → ")
  }
}
