/// Reads the workflow of a trace; one value per load.
///
/// Two layouts have been in use: one list of tasks that hold all of their own (1.0 to 1.4), and a
/// specification beside an execution (from 1.5). Which one it is, the keys say, not the version.
struct WfFormatReader {
  var content = WfFormatContent()
  var warnings = WfFormatWarnings()
  let version: String
  /// Of the workflow.
  let name: String?
  private let limits: WorkflowTraceFile.Limits
  private var dependencies = 0
  /// One a task, in file order.
  private var taskNames: [String] = []
  /// The first file that no task has been seen to name.
  private var nextFile = 0

  init(_ root: Value, limits: WorkflowTraceFile.Limits) throws(FormatProblem) {
    self.limits = limits
    version = try Self.version(of: root)
    name = root["name"]?.text
    try read(root)
  }

  private static func version(of root: Value) throws(FormatProblem) -> String {
    let known = WorkflowTraceFile.schemaVersions
    guard root.map != nil else {
      throw FormatProblem(at: root.position, "expected a WfFormat trace, found \(root.found)")
    }
    guard let value = root["schemaVersion"] else {
      throw FormatProblem(
        at: root.position, "expected a \"schemaVersion\", found none",
        hint: "a WfFormat trace says \(known.alternatives)")
    }
    guard let version = value.text, known.contains(version) else {
      throw FormatProblem(
        at: value.position,
        "\"schemaVersion\": expected \(known.alternatives), found \(value.found)",
        hint: "a later format needs a later Cairn")
    }
    return version
  }

  private mutating func read(_ root: Value) throws(FormatProblem) {
    guard let workflow = root["workflow"] else {
      throw FormatProblem(
        at: root.position, "expected a \"workflow\", found none",
        hint: "it holds the tasks of a WfFormat trace")
    }
    guard workflow.map != nil else {
      throw Field(key: "workflow", owner: .file, value: workflow).expected("a map")
    }
    if let specification = workflow["specification"] {
      try read(specification, execution: workflow["execution"])
    } else if let key = ["tasks", "jobs"].first(where: { workflow[$0] != nil }) {
      try readFlat(try workflow.traceList(key, of: .section("workflow")))
    } else {
      throw FormatProblem(
        at: workflow.position,
        "\"workflow\": expected \"specification\" (from 1.5), \"tasks\" (1.3 and 1.4) or \"jobs\" "
          + "(up to 1.2), found none of them")
    }
  }
}

extension WfFormatReader {
  /// Numbers the tasks, so that parents can be found wherever they stand; returns their names.
  mutating func number(_ tasks: [Value], by key: String) throws(FormatProblem) -> [String] {
    guard tasks.count <= limits.tasks else {
      throw FormatProblem(
        at: tasks[limits.tasks].position, "more than \(limits.tasks) tasks")
    }
    var names: [String] = []
    names.reserveCapacity(tasks.count)
    content.tasks.reserveCapacity(tasks.count)
    content.taskNumbers.reserveCapacity(tasks.count)
    for value in tasks {
      let name = try Self.identifier(of: value, key, what: "task")
      if let first = content.taskNumbers.updateValue(names.count, forKey: name) {
        throw FormatProblem(
          at: value[key]?.position ?? value.position, "task \(name.quoted) is defined twice",
          hint: "\(key.quoted) tells tasks apart; the first is in line "
            + "\(tasks[first].position.line)")
      }
      names.append(name)
    }
    taskNames = names
    return names
  }

  /// Returns the id of a task or file: a text or number that is not empty.
  static func identifier(
    of value: Value, _ key: String, what: String
  ) throws(FormatProblem) -> String {
    guard value.map != nil else {
      throw FormatProblem(at: value.position, "expected a \(what), found \(value.found)")
    }
    guard let name = value[key] else {
      throw FormatProblem(
        at: value.position, "expected a \(what) with \(key.quoted), found none",
        hint: "every \(what) needs one")
    }
    guard let text = name.text, !text.isEmpty else {
      throw FormatProblem(
        at: name.position,
        "\(key.quoted) of a \(what): expected text, found \(name.text?.quoted ?? name.found)",
        hint: "every \(what) needs one")
    }
    return text
  }

  mutating func parents(
    of value: Value, _ task: String
  ) throws(FormatProblem) -> [WfFormatContent.Mention] {
    let list = try value.traceList("parents", of: .task(task))
    try count(list.count, at: value.position)
    var mentions: [WfFormatContent.Mention] = []
    mentions.reserveCapacity(list.count)
    for parent in list {
      guard let number = parent.text.flatMap({ content.taskNumbers[$0] }) else {
        throw unknown(parent, of: task, named: "parent", in: taskNames)
      }
      mentions.append(WfFormatContent.Mention(number: number, position: parent.position))
    }
    return mentions
  }

  /// Stops a trace with too many dependencies as soon as that is known.
  mutating func count(_ more: Int, at position: Position) throws(FormatProblem) {
    dependencies += more
    guard dependencies <= limits.dependencies else {
      throw FormatProblem(at: position, "more than \(limits.dependencies) dependencies")
    }
  }
}

extension WfFormatReader {
  /// Most names that are compared with a wrong one, and the longest name that is.
  private static let maximumCandidates = 10_000
  private static let maximumSuggestionLength = 200

  /// Returns what is wrong with something that a task names and the trace does not have.
  private func unknown(
    _ mention: Value, of task: String, named what: String, in names: some Sequence<String>
  ) -> FormatProblem {
    guard let text = mention.text else {
      return FormatProblem(
        at: mention.position,
        "\(what) of task \(task.quoted): expected a name, found \(mention.found)")
    }
    let near =
      text.utf8.count <= Self.maximumSuggestionLength
      ? Suggestion.hint(for: text, in: Array(names.prefix(Self.maximumCandidates))) : nil
    let section = what == "parent" ? "the trace" : "\"files\""
    return FormatProblem(
      at: mention.position,
      "\(what) \(text.quoted) of task \(task.quoted) is not in \(section)",
      hint: near ?? "add it there or take it out here")
  }

  /// Returns the numbers of files that a task of the specification names.
  mutating func files(
    _ key: String, of value: Value, _ task: String
  ) throws(FormatProblem) -> [WfFormatContent.Mention] {
    let list = try value.traceList(key, of: .task(task))
    var mentions: [WfFormatContent.Mention] = []
    mentions.reserveCapacity(list.count)
    for file in list {
      guard let number = file.text.flatMap({ fileNumber($0) }) else {
        throw unknown(file, of: task, named: "file", in: content.files.lazy.map(\.name))
      }
      mentions.append(WfFormatContent.Mention(number: number, position: file.position))
    }
    return mentions
  }

  /// Most writers list the files as they come upon them in the tasks: often it is the next one.
  private mutating func fileNumber(_ name: String) -> Int? {
    if nextFile < content.files.count, content.files[nextFile].name == name {
      nextFile += 1
      return nextFile - 1
    }
    return content.fileNumbers[name]
  }

  /// Lists a file of the specification.
  mutating func add(_ file: WfFormatContent.File) throws(FormatProblem) {
    if let first = content.fileNumbers.updateValue(content.files.count, forKey: file.name) {
      throw FormatProblem(
        at: file.position, "file \(file.name.quoted) is listed twice",
        hint: "take one out; the first is in line \(content.files[first].position.line)")
    }
    content.files.append(file)
  }

  /// Returns the number of a file that a task brings along (up to 1.4).
  ///
  /// Where sizes differ, the last one is taken.
  mutating func number(_ file: WfFormatContent.File) -> Int {
    guard let number = content.fileNumbers[file.name] else {
      content.fileNumbers[file.name] = content.files.count
      content.files.append(file)
      return content.files.count - 1
    }
    guard let bytes = file.bytes else { return number }
    if let other = content.files[number].bytes, other != bytes {
      warnings.add(
        .sizes, at: file.position,
        "file \(file.name.quoted) has \(bytes) bytes here and \(other) before, taken as \(bytes)")
    }
    content.files[number].bytes = bytes
    return number
  }
}
