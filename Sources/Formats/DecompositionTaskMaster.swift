extension Decomposition {
  /// The tasks as Task Master writes them; `id` names one by its place, from 0.
  func taskMasterPieces(document: String, id: (Int) -> String) -> [JSONPiece] {
    let layout = DecompositionTasks(self)
    return layout.tasks.enumerated().map { number, task in
      let own = id(number)
      let subtasks = task.subtasks.indices.map { index in
        piece(
          task.subtasks[index], id: "\(index + 1)", document,
          needs: task.subtaskNeeds[index].pieces(id))
      }
      return piece(
        task.item, id: own, document,
        needs: task.needs.pieces(id), subtasks: subtasks)
    }
  }

  private func piece(
    _ index: Int, id: String, _ document: String, needs: [JSONPiece],
    subtasks: [JSONPiece]? = nil
  ) -> JSONPiece {
    let item = items[index]
    let title = item.title.withoutControls
    let description = item.description.isEmpty ? title : item.description.withoutControls
    var entries: [JSONPiece.Entry] = [
      .init(name: "id", value: JSONPiece.id(id)),
      .init(name: "title", value: .text(title)),
      .init(name: "description", value: .text(description)),
      .init(
        name: "details",
        value: .text(fullDetails(of: index, document: document))),
      .init(name: "testStrategy", value: .text(item.testStrategy.withoutControls)),
      .init(name: "priority", value: .text(item.priority.rawValue)),
      .init(name: "dependencies", value: .list(needs)),
      .init(name: "status", value: .text(item.isDone ? "done" : "pending")),
    ]
    if let subtasks { entries.append(.init(name: "subtasks", value: .list(subtasks))) }
    return .map(entries)
  }
}

extension JSONPiece {
  /// A number where it is one.
  fileprivate static func id(_ id: String) -> JSONPiece {
    Int(id).map { .word(String($0)) } ?? .text(id)
  }
}

extension [DecompositionTasks.Target] {
  /// As dependencies; dotted ones mean the same wherever they stand.
  fileprivate func pieces(_ id: (Int) -> String) -> [JSONPiece] {
    sorted { $0.place < $1.place }.map { target in
      switch target {
      case .task(let number): JSONPiece.id(id(number))
      case .subtask(let task, let number): .text("\(id(task)).\(number + 1)")
      }
    }
  }
}

extension TaskMasterEdit {
  /// What becomes of tasks that a tag has already.
  package enum Arrival: Sendable {
    /// There may be none.
    case alone
    case append
    case replace
  }

  /// What a tag needs beside its tasks: `time` is as `2026-01-02T03:04:05.678Z`.
  package struct Origin: Sendable {
    package var document: String
    package var time: String

    package init(document: String, time: String) {
      self.document = document
      self.time = time
    }
  }

  /// Adds a decomposition to a tag, which is made where there is none.
  ///
  /// - Throws: `FormatProblem`: with `.alone` the tag has tasks.
  package func adding(
    _ decomposition: Decomposition, to tag: String, as arrival: Arrival, from origin: Origin
  ) throws(FormatProblem) -> TaskMasterEdit {
    guard let list = taskList(tag) else { return try makingTag(tag, decomposition, origin) }
    let count = list.list?.count ?? 0
    if case .alone = arrival, count > 0 {
      throw FormatProblem(
        file: file, line: list.position.line, message: "tag \(tag.quoted) has \(count) tasks",
        hint: "--append adds to them, --force replaces them", code: .usage)
    }
    if case .append = arrival, count > 0 {
      let next = list.nextID
      let pieces = decomposition.taskMasterPieces(document: origin.document) {
        "\($0 + next)"
      }
      return try applying(pieces.map { outline.appending($0, to: list) })
    }
    let pieces = decomposition.taskMasterPieces(document: origin.document) { "\($0 + 1)" }
    let unit = outline.style.unit
    let isFlat = outline.root["tasks"]?.list != nil && outline.root[tag]?.map == nil
    let text = JSONPiece.list(pieces).text(
      outline.style, indentation: isFlat ? unit : unit + unit)
    return try applying([JSONOutline.Change(range: list.bytes, text: text)])
  }

  /// The tasks of a tag, or of a file without tags.
  private func taskList(_ tag: String) -> Value? {
    if let tasks = outline.root[tag]?["tasks"], tasks.list != nil { return tasks }
    guard tag == TaskMasterFile.defaultTag, let tasks = outline.root["tasks"], tasks.list != nil
    else { return nil }
    return tasks
  }

  private func makingTag(
    _ tag: String, _ decomposition: Decomposition, _ origin: Origin
  ) throws(FormatProblem) -> TaskMasterEdit {
    let pieces = decomposition.taskMasterPieces(document: origin.document) { "\($0 + 1)" }
    let metadata = JSONPiece.map([
      .init(name: "created", value: .text(origin.time)),
      .init(name: "updated", value: .text(origin.time)),
      .init(name: "description", value: .text("Tasks from \(origin.document)")),
    ])
    let content = JSONPiece.map([
      .init(name: "tasks", value: .list(pieces)), .init(name: "metadata", value: metadata),
    ])
    if outline.root.map?.isEmpty == true {
      let style = JSONStyle(newline: "\n", unit: "  ", gap: " ")
      let whole = JSONPiece.map([.init(name: tag, value: content)]).text(style)
      return try applying([JSONOutline.Change(range: outline.root.bytes, text: whole)])
    }
    let text = content.text(outline.style, indentation: outline.style.unit)
    return try applying(outline.setting([(name: tag, json: text)], in: outline.root))
  }
}

extension Value {
  /// The number of a task more in a list of tasks.
  fileprivate var nextID: Int { (list ?? []).compactMap { $0["id"]?.identifier }.nextNumber }
}

// What expands tasks that are there.
extension TaskMasterBacklog {
  /// A task that may be divided or judged.
  package struct Candidate: Sendable {
    package var id: String
    package var item: Decomposition.Item
    package var isOpen: Bool
    package var hasSubtasks: Bool
  }

  /// The tasks of the tag without their subtasks, in file order.
  package var candidates: [Candidate] {
    items.filter { $0.parent == nil }.map { item in
      func text(_ key: String) -> String { item.value[key]?.text ?? "" }
      let status = text("status").lowercased()
      return Candidate(
        id: item.name,
        item: Decomposition.Item(
          title: text("title"), description: text("description"), details: text("details"),
          testStrategy: text("testStrategy"), line: item.value.position.line),
        isOpen: !["done", "completed", "cancelled", "deferred"].contains(status),
        hasSubtasks: !item.children.isEmpty)
    }
  }
}

extension TaskMasterEdit {
  /// Replaces the subtasks of a task.
  ///
  /// - Throws: `FormatProblem`, `.missing`: there is no such task.
  package func settingSubtasks(
    of id: String, to tasks: [AnsweredTask], tag: String?, document: String
  ) throws(FormatProblem) -> TaskMasterEdit {
    let backlog = try backlog(tag: tag)
    let task = backlog.items[try backlog.index(of: id)].value
    let parent = Decomposition.Item(title: task["title"]?.text ?? id)
    let parts = tasks.map { task in
      var item = task.item
      item.parent = 0
      item.needs = task.needs.map { $0 + 1 }
      return item
    }
    let whole = Decomposition(name: id, items: [parent] + parts)
    let layout = whole.taskMasterPieces(document: document) { _ in id }
    guard case .map(let entries)? = layout.first,
      let subtasks = entries.last(where: { $0.name == "subtasks" })?.value
    else { return self }
    // `appending` knows how a list is indented: an empty one is put there first.
    let cleared = try applying(outline.setting([(name: "subtasks", json: "[]")], in: task))
    guard case .list(let pieces) = subtasks, !pieces.isEmpty else { return cleared }
    return try cleared.fillingSubtasks(of: id, with: pieces, tag: tag)
  }

  private func fillingSubtasks(
    of id: String, with pieces: [JSONPiece], tag: String?
  ) throws(FormatProblem) -> TaskMasterEdit {
    var edit = self
    for piece in pieces {
      let backlog = try edit.backlog(tag: tag)
      let task = backlog.items[try backlog.index(of: id)].value
      guard let list = task["subtasks"] else { break }
      edit = try edit.applying([edit.outline.appending(piece, to: list)])
    }
    return edit
  }
}

/// Task Master's report on how hard its tasks are.
package struct ComplexityReport {
  private let entries: [JSONPiece]
  private let meta: [JSONPiece.Entry]

  /// `time` is as `2026-01-02T03:04:05.678Z`, `total` the number of tasks of the tag.
  package init(
    _ rows: [(id: String, title: String, judged: AnsweredComplexity)], total: Int, threshold: Int,
    project: String, time: String
  ) {
    func number(_ value: Int) -> JSONPiece { .word(String(value)) }
    entries = rows.map { row in
      .map([
        .init(name: "taskId", value: Int(row.id).map(number) ?? .text(row.id)),
        .init(name: "taskTitle", value: .text(row.title)),
        .init(name: "complexityScore", value: number(row.judged.score)),
        .init(name: "recommendedSubtasks", value: number(row.judged.subtasks)),
        .init(name: "expansionPrompt", value: .text(row.judged.prompt)),
        .init(name: "reasoning", value: .text(row.judged.reasoning)),
      ])
    }
    meta = [
      .init(name: "generatedAt", value: .text(time)),
      .init(name: "tasksAnalyzed", value: number(rows.count)),
      .init(name: "totalTasks", value: number(total)),
      .init(name: "analysisCount", value: number(rows.count)),
      .init(name: "thresholdScore", value: number(threshold)),
      .init(name: "projectName", value: .text(project)),
      .init(name: "usedResearch", value: .word("false")),
    ]
  }

  package var text: String {
    JSONPiece.map([
      .init(name: "meta", value: .map(meta)),
      .init(name: "complexityAnalysis", value: .list(entries)),
    ]).text(JSONStyle(newline: "\n", unit: "  ", gap: " "))
  }
}
