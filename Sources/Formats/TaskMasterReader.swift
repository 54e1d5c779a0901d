import Model

/// Reads the tasks of one tag; one value per load.
struct TaskMasterReader {
  /// A task or subtask of the file.
  struct Item {
    /// The full id, as `5.2`, made unique.
    var name: String
    /// Index into `items`.
    var parent: Int?
    var children: [Int] = []
    var value: Value
    var standing: TaskGraph.Standing
    var priority: Int
  }

  let reference: TaskMasterReference
  /// Parents in front of their subtasks.
  private(set) var items: [Item] = []
  /// The first item with each id.
  private(set) var named: [String: Int] = [:]
  private(set) var warnings: [FormatProblem] = []
  private var counts: [Concern: Int] = [:]
  /// Leaves out with a warning what cannot be read, instead of giving up.
  private var isLenient = false

  /// What a warning is about; each kind is limited on its own.
  enum Concern {
    case identity, status, dependency, standing
  }

  init(reference: TaskMasterReference) { self.reference = reference }

  mutating func graph(of tasks: [Value], tag: String) throws(FormatProblem) -> TaskGraph {
    try collect(tasks, parent: nil)
    settleStandings()
    var graph = TaskGraph(name: tag, agent: reference.agent)
    let ids = number(into: &graph)
    try tie(&graph, ids)
    if let cycle = graph.cycle(), let start = cycle.min() {
      throw FormatProblem(
        line: graph[start].line,
        message: "tasks wait for each other: \(graph.path(along: cycle))")
    }
    for (concern, count) in counts.sorted(by: { $0.value < $1.value })
    where count > TaskMasterFile.maximumWarnings {
      let more = count - TaskMasterFile.maximumWarnings
      warnings.append(FormatProblem(message: "\(more) more about \(concern.words)"))
    }
    return graph
  }

  /// Reads what can be read of a list of tasks.
  mutating func collectLeniently(_ tasks: [Value]) {
    isLenient = true
    // Lenient, it throws nothing.
    try? collect(tasks, parent: nil)
  }

  mutating func warn(_ concern: Concern, at position: Position, _ message: String) {
    counts[concern, default: 0] += 1
    guard counts[concern, default: 0] <= TaskMasterFile.maximumWarnings else { return }
    warnings.append(FormatProblem(at: position, message))
  }
}

extension TaskMasterReader.Concern {
  fileprivate var words: String {
    switch self {
    case .identity: "ids"
    case .status: "statuses"
    case .dependency: "dependencies"
    case .standing: "subtasks of tasks that have ended"
    }
  }
}

extension TaskMasterReader {
  private mutating func collect(_ tasks: [Value], parent: Int?) throws(FormatProblem) {
    for (offset, value) in tasks.enumerated() {
      do throws(FormatProblem) {
        try collect(value, offset: offset, parent: parent)
      } catch {
        guard isLenient else { throw error }
        warn(.identity, at: error.at ?? value.position, "left out: \(error.message)")
      }
    }
  }

  private mutating func collect(
    _ value: Value, offset: Int, parent: Int?
  ) throws(FormatProblem) {
    guard value.map != nil else {
      throw FormatProblem(at: value.position, "expected a task, found \(value.found)")
    }
    let name = try name(of: value, offset: offset, parent: parent.map { items[$0].name })
    guard items.count < CairnFile.maximumTasks else {
      throw FormatProblem(at: value.position, "more than \(CairnFile.maximumTasks) tasks")
    }
    let index = items.count
    items.append(
      Item(
        name: name, parent: parent, value: value, standing: standing(of: value, name),
        priority: value["priority"]?.priority ?? parent.map { items[$0].priority } ?? 0))
    named[name] = index
    if let parent { items[parent].children.append(index) }
    guard let subtasks = value["subtasks"], !subtasks.isNull else { return }
    guard let list = subtasks.list else {
      throw FormatProblem(
        at: subtasks.position, "\"subtasks\": expected a list, found \(subtasks.found)")
    }
    try collect(list, parent: index)
  }

  private mutating func name(
    of value: Value, offset: Int, parent: String?
  ) throws(FormatProblem) -> String {
    var own = value["id"]?.identifier ?? ""
    if own.isEmpty {
      own = String(offset + 1)
      warn(.identity, at: value.position, "a task without an id, taken as \(own.quoted)")
    }
    // Some writers store the full id of a subtask, as 29.1 in task 29.
    let isFull = parent.map { own.hasPrefix($0 + ".") } ?? true
    let full = isFull ? own : "\(parent ?? "").\(own)"
    if let fault = full.faultAsName {
      throw FormatProblem(
        at: value["id"]?.position ?? value.position, "id \(full.quoted): \(fault)")
    }
    guard named[full] != nil else { return full }
    let copy = (2...).lazy.map { "\(full)~\($0)" }.first { named[$0] == nil } ?? full
    warn(
      .identity, at: value["id"]?.position ?? value.position,
      "id \(full.quoted) is taken, this task is called \(copy.quoted)")
    return copy
  }

  private mutating func standing(of value: Value, _ name: String) -> TaskGraph.Standing {
    guard let status = value["status"], let text = status.text else { return .pending }
    switch TaskMasterStatus(written: text) {
    case .pending: return .pending
    case .done, .completed: return .done
    case .inProgress: return value["subtasks"]?.list?.isEmpty == false ? .pending : .external
    case .review: return reference.trust ? .done : .review
    case .deferred: return .deferred
    case .cancelled: return .cancelled
    case .blocked: return .blocked
    case nil:
      // An agent that works on what nobody meant to be worked on costs more than one that waits.
      warn(
        .status, at: status.position,
        "task \(name.quoted) has the unknown status \(text.quoted), taken as blocked")
      return .blocked
    }
  }

  /// Subtasks share the end of their task: Task Master itself offers none of them any more.
  private mutating func settleStandings() {
    for index in items.indices {
      guard let parent = items[index].parent else { continue }
      let above = items[parent].standing
      guard [.done, .cancelled, .deferred].contains(above) else { continue }
      guard [.pending, .external, .blocked].contains(items[index].standing) else { continue }
      items[index].standing = above
      warn(
        .standing, at: items[index].value.position,
        "subtask \(items[index].name.quoted) is open, but its task is \(above.rawValue): "
          + "taken as \(above.rawValue)")
    }
  }

  mutating func block(_ index: Int) {
    if [.pending, .external].contains(items[index].standing) { items[index].standing = .blocked }
    for child in items[index].children { block(child) }
  }
}

extension TaskMasterReader {
  /// Adds tasks and groups, subtasks in front of their parent's last step; returns the number of
  /// each item.
  private func number(into graph: inout TaskGraph) -> [TaskID] {
    var ids = [TaskID](repeating: TaskID(0), count: items.count)
    for index in items.indices where items[index].parent == nil {
      add(index, group: nil, to: &graph, &ids)
    }
    return ids
  }

  private func add(_ index: Int, group: Int?, to graph: inout TaskGraph, _ ids: inout [TaskID]) {
    let item = items[index]
    var inner = group
    if !item.children.isEmpty {
      graph.groups.append(
        TaskGraph.Group(name: item.name, title: item.value["title"]?.prose, parent: group))
      inner = graph.groups.count - 1
      for child in item.children { add(child, group: inner, to: &graph, &ids) }
    }
    ids[index] = TaskID(graph.tasks.count)
    graph.tasks.append(task(item, id: ids[index], group: inner))
  }

  private func task(_ item: Item, id: TaskID, group: Int?) -> TaskGraph.Task {
    var task = reference.template
    task.id = id
    task.name = item.name
    task.title = item.value["title"]?.prose
    task.action = item.children.isEmpty ? .prompt(item.prompt) : .gate
    task.group = group
    task.standing = item.standing
    task.priority = item.priority
    if item.children.isEmpty { task.weight = weight(of: item) }
    task.line = item.value.position.line
    return task
  }

  /// The report's score, else one that a writer has left in the file; nil where there is none.
  ///
  /// Subtasks share their parent's evenly.
  private func weight(of item: Item) -> Double? {
    if let own = reference.complexity[item.name] ?? item.score { return own }
    guard let parent = item.parent.map({ items[$0] }) else { return nil }
    return weight(of: parent).map { $0 / Double(parent.children.count) }
  }
}

extension TaskMasterReader.Item {
  /// What Task Master takes from its report into its file by accident, and what people write there.
  fileprivate var score: Double? {
    (value["complexityScore"] ?? value["complexity"])?.text.flatMap(Double.init)
      .flatMap { (0...10).contains($0) && $0 > 0 ? $0 : nil }
  }

  /// Title, description, details and test strategy, those that there are.
  fileprivate var prompt: String {
    let title = value["title"]?.prose
    let strategy = (value["testStrategy"] ?? value["test_strategy"])?.prose
    let parts: [String?] = [
      ["Task \(name)", title].compactMap { $0 }.joined(separator: ": "),
      value["description"]?.prose,
      value["details"]?.prose.map { "Details:\n\($0)" },
      strategy.map { "Test strategy:\n\($0)" },
    ]
    return parts.compactMap { $0 }.joined(separator: "\n\n") + "\n"
  }
}

extension Value {
  /// Text, or the lines of a list of texts; nil if there is nothing to read.
  var prose: String? {
    let text = self.text ?? list?.compactMap(\.text).joined(separator: "\n") ?? ""
    // No command line and no file name carries a NUL.
    let clean = String(text.unicodeScalars.filter { $0 != "\0" })
    return clean.allSatisfy(\.isWhitespace) ? nil : clean
  }

  /// An id as text; a number that was written as `5.0` is 5.
  var identifier: String? {
    guard case .text(let text, let isQuoted) = content else { return nil }
    if !isQuoted, text.hasSuffix(".0") { return String(text.dropLast(2)) }
    return String(
      text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  fileprivate var priority: Int? {
    switch text?.lowercased() {
    case "critical": 2
    case "high": 1
    case "medium": 0
    case "low": -1
    default: nil
    }
  }
}
