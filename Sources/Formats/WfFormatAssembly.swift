import Model

/// Makes a graph of what a trace says.
struct WfFormatAssembly {
  private let content: WfFormatContent
  private(set) var warnings: WfFormatWarnings
  /// The task that writes each file; nil if none does.
  private var producers: [Int?]
  private var taskNames: [String] = []
  private var fileNames: [String] = []
  /// The last task for which each file, or task, was seen: so nothing is taken twice.
  private var seenFiles: [Int]
  private var seenTasks: [Int]

  init(_ content: WfFormatContent, warnings: WfFormatWarnings) {
    self.content = content
    self.warnings = warnings
    producers = Array(repeating: nil, count: content.files.count)
    seenFiles = Array(repeating: -1, count: content.files.count)
    seenTasks = Array(repeating: -1, count: content.tasks.count)
  }

  mutating func graph(name: String) throws(FormatProblem) -> TaskGraph {
    try findProducers()
    taskNames = WfFormatNames.names(for: content.tasks.map(\.name), content.taskNumbers)
    fileNames = WfFormatNames.names(for: content.files.map(\.name), content.fileNumbers)
    var graph = TaskGraph(name: name)
    graph.tasks.reserveCapacity(content.tasks.count)
    for index in content.tasks.indices { graph.tasks.append(task(index)) }
    try checkCycles(graph)
    return graph
  }
}

extension WfFormatAssembly {
  private mutating func findProducers() throws(FormatProblem) {
    var total: Int64 = 0
    for (index, task) in content.tasks.enumerated() {
      for output in task.outputs where producers[output.number] != index {
        let file = content.files[output.number]
        if let other = producers[output.number] {
          throw FormatProblem(
            at: output.position,
            "tasks \(content.tasks[other].name.quoted) and \(task.name.quoted) both write "
              + file.name.quoted,
            hint: "a file has one writer; let the second one write another")
        }
        producers[output.number] = index
        // No sum of two overflows, for each is at most 2⁵³.
        total += file.bytes ?? 0
        guard total <= WorkflowTraceFile.maximumBytes else {
          throw FormatProblem(
            at: file.position,
            "with file \(file.name.quoted) the trace holds more than "
              + "\(WorkflowTraceFile.maximumBytes) bytes",
            hint: "sizes are in bytes")
        }
      }
    }
  }

  private func checkCycles(_ graph: TaskGraph) throws(FormatProblem) {
    guard !isInOrder, let cycle = graph.cycle(), let start = cycle.min() else { return }
    throw FormatProblem(
      at: content.tasks[start.index].position,
      "tasks wait for each other: \(graph.path(along: cycle))",
      hint: "take one of the parents or files out")
  }

  /// Whether each task stands behind all that it waits for, as in most traces: then there is no cycle.
  private var isInOrder: Bool {
    content.tasks.enumerated().allSatisfy { index, task in
      task.parents.allSatisfy { $0.number < index }
        && task.inputs.allSatisfy { (producers[$0.number] ?? -1) <= index }
    }
  }

  private mutating func task(_ index: Int) -> TaskGraph.Task {
    let recorded = content.tasks[index]
    var task = TaskGraph.Task(id: TaskID(index), name: taskNames[index], action: .gate)
    task.title = recorded.title?.asTraceTitle
    task.outputs = outputs(of: index)
    task.needs = needs(of: index)
    task.after = after(index)
    task.cpus = recorded.cpus
    task.memoryBytes = recorded.memoryBytes
    task.line = recorded.position.line
    return task
  }
}

extension WfFormatAssembly {
  private mutating func outputs(of index: Int) -> [TaskGraph.Output] {
    var outputs: [TaskGraph.Output] = []
    outputs.reserveCapacity(content.tasks[index].outputs.count)
    for output in content.tasks[index].outputs where seenFiles[output.number] != index {
      seenFiles[output.number] = index
      outputs.append(
        TaskGraph.Output(
          name: fileNames[output.number], expectedBytes: content.files[output.number].bytes))
    }
    return outputs
  }

  /// What the task takes from others; runs behind `outputs(of:)`, which has marked its own files.
  ///
  /// Variables count the needs: file names are long, and many would be the same in upper case.
  private mutating func needs(of index: Int) -> [TaskGraph.Need] {
    var needs: [TaskGraph.Need] = []
    needs.reserveCapacity(content.tasks[index].inputs.count)
    for input in content.tasks[index].inputs {
      guard let producer = producers[input.number] else { continue }
      if producer == index {
        warnings.add(
          .ownFiles, at: input.position,
          "task \(content.tasks[index].name.quoted) reads "
            + "\(content.files[input.number].name.quoted), which it writes itself; "
            + "taken as written only")
      }
      guard seenFiles[input.number] != index else { continue }
      seenFiles[input.number] = index
      seenTasks[producer] = index
      needs.append(
        TaskGraph.Need(
          task: TaskID(producer), artifact: fileNames[input.number],
          variable: String(needs.count + 1)))
    }
    return needs
  }

  /// Parents that hand nothing over; runs behind `needs(of:)`, which has marked those that do.
  private mutating func after(_ index: Int) -> [TaskID] {
    var after: [TaskID] = []
    for parent in content.tasks[index].parents where seenTasks[parent.number] != index {
      seenTasks[parent.number] = index
      after.append(TaskID(parent.number))
      warnings.add(
        .parents, at: parent.position,
        "task \(content.tasks[index].name.quoted) reads no file of its parent "
          + "\(content.tasks[parent.number].name.quoted); it only comes after it")
    }
    return after
  }
}
