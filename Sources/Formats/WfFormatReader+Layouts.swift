extension WfFormatReader {
  /// Versions 1.0 to 1.4: each task holds its files, parents are named by name.
  ///
  /// The ids of those versions are numbers of the workflow system that nothing refers to. Sizes are
  /// bytes in every version: the documents of 1.0 to 1.3 say kilobytes, the traces do not.
  mutating func readFlat(_ tasks: [Value]) throws(FormatProblem) {
    for (name, value) in zip(try number(tasks, by: "name"), tasks) {
      var task = WfFormatContent.Task(name: name, position: value.position)
      task.parents = try parents(of: value, name)
      try readFiles(of: value, into: &task)
      try Self.readRecord(value, into: &task)
      content.tasks.append(task)
    }
  }

  private mutating func readFiles(
    of value: Value, into task: inout WfFormatContent.Task
  ) throws(FormatProblem) {
    let files = try value.traceList("files", of: .task(task.name))
    try count(files.count, at: value.position)
    for file in files {
      let name = try Self.identifier(of: file, "name", what: "file")
      let path = file["path"]?.text ?? ""
      let bytes = try file.traceBytes("sizeInBytes", older: "size", of: .section(name))
      let entry = WfFormatContent.File(
        name: path.isEmpty ? name : path + name,
        bytes: bytes, position: file.position)
      let isInput = try Self.isInput(file, named: name)
      let mention = WfFormatContent.Mention(number: number(entry), position: file.position)
      if isInput { task.inputs.append(mention) } else { task.outputs.append(mention) }
    }
  }

  private static func isInput(_ file: Value, named name: String) throws(FormatProblem) -> Bool {
    let link = file["link"]
    switch link?.text?.lowercased() {
    case "input": return true
    case "output": return false
    default:
      throw FormatProblem(
        at: link?.position ?? file.position,
        "\"link\" of \(name.quoted): expected input or output, found \(link?.found ?? "nothing")",
        hint: "it says whether the task reads or writes the file")
    }
  }

  /// Reads what was measured, under the keys of all versions.
  private static func readRecord(
    _ value: Value, into task: inout WfFormatContent.Task
  ) throws(FormatProblem) {
    let name = task.name
    task.seconds =
      try value.traceSeconds("runtimeInSeconds", older: "runtime", of: .task(name)) ?? 0
    task.cpus = try value.traceCores("coreCount", older: "cores", of: .task(name)) ?? 1
    var memory = try value.traceMemory("memoryInBytes", unit: 1, of: .task(name))
    if memory == nil { memory = try value.traceMemory("memory", unit: 1000, of: .task(name)) }
    // Who measured nothing wrote 0.
    task.memoryBytes = memory == 0 ? nil : memory
  }
}

extension WfFormatReader {
  /// From version 1.5: files are listed once, parents are named by id, measurements stand apart.
  mutating func read(
    _ specification: Value, execution: Value?
  ) throws(FormatProblem) {
    let owner = Owner.section("specification")
    guard specification["tasks"] != nil else {
      throw FormatProblem(
        at: specification.position, "\"specification\": expected \"tasks\", found none")
    }
    try list(try specification.traceList("files", of: owner))
    let tasks = try specification.traceList("tasks", of: owner)
    for (name, value) in zip(try number(tasks, by: "id"), tasks) {
      var task = WfFormatContent.Task(name: name, position: value.position)
      if let title = value["name"]?.text, title != name { task.title = title }
      task.parents = try parents(of: value, name)
      task.inputs = try files("inputFiles", of: value, name)
      task.outputs = try files("outputFiles", of: value, name)
      try count(task.inputs.count + task.outputs.count, at: value.position)
      content.tasks.append(task)
    }
    try readRecords(try execution?.traceList("tasks", of: .section("execution")) ?? [])
  }

  private mutating func list(_ files: [Value]) throws(FormatProblem) {
    content.files.reserveCapacity(files.count)
    content.fileNumbers.reserveCapacity(files.count)
    for file in files {
      let name = try Self.identifier(of: file, "id", what: "file")
      let bytes = try file.traceBytes("sizeInBytes", of: .section(name))
      try add(WfFormatContent.File(name: name, bytes: bytes, position: file.position))
    }
  }

  /// Records may be missing, or stand in another order than the tasks.
  private mutating func readRecords(_ records: [Value]) throws(FormatProblem) {
    for (index, record) in records.enumerated() {
      let name = try Self.identifier(of: record, "id", what: "task")
      let isNext = content.tasks.indices.contains(index) && content.tasks[index].name == name
      guard let number = isNext ? index : content.taskNumbers[name] else {
        warnings.add(
          .records, at: record.position,
          "a record of task \(name.quoted), which the specification does not have, is left out")
        continue
      }
      try Self.readRecord(record, into: &content.tasks[number])
    }
  }
}
