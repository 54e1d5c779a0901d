extension TaskMasterBacklog {
  /// A listing in Task Master's shape: `tasks`, each with what it `blocks`, and `metadata`.
  ///
  /// What the file says of a task is all there, unknown keys too; ids are text. `backlogs` has a row a
  /// tag; of several each task names its `tag`.
  package static func listing(
    _ backlogs: [TaskMasterBacklog], _ filter: TaskMasterFilter, withSubtasks: Bool
  ) -> String {
    let isOne = backlogs.count == 1
    var tasks: [JSONPiece] = []
    var total = 0
    for backlog in backlogs {
      total += backlog.items.count { $0.parent == nil }
      tasks += backlog.selection(filter).map { index in
        let tag = JSONPiece.Entry(name: "tag", value: .text(backlog.tag))
        return backlog.piece(index, withSubtasks: withSubtasks, more: isOne ? [] : [tag])
      }
    }
    let tag = isOne ? backlogs.first.map { JSONPiece.text($0.tag) } : nil
    return JSONPiece.map([
      .init(name: "tasks", value: .list(tasks)),
      .init(
        name: "metadata",
        value: .map([
          .init(name: "total", value: .word(String(total))),
          .init(name: "filtered", value: .word(String(tasks.count))),
          .init(name: "tag", value: tag ?? .word("null")),
          .init(name: "storageType", value: .text("file")),
          .init(name: "allTags", value: .word(String(!isOne))),
        ])),
    ]).shown
  }

  /// What `next` answers: the task or null, and whether there is any.
  package func nextAnswer() -> String {
    let index = next().flatMap { named[$0] }
    return JSONPiece.map([
      .init(name: "task", value: index.map { piece($0, withSubtasks: true) } ?? .word("null")),
      .init(name: "found", value: .word(String(index != nil))),
      .init(name: "tag", value: .text(tag)),
      .init(name: "storageType", value: .text("file")),
      .init(name: "hasAnyTasks", value: .word(String(!items.isEmpty))),
    ]).shown
  }

  /// What `show` answers: `task` and `found` for one id, `tasks` and `notFound` for several.
  package func answer(of ids: [String], subtasks: Set<TaskMasterStatus>? = nil) -> String {
    let found = ids.compactMap { named[$0] }
    let pieces = found.map { piece($0, withSubtasks: true, of: subtasks) }
    let storage = JSONPiece.Entry(name: "storageType", value: .text("file"))
    if ids.count == 1 {
      return JSONPiece.map([
        .init(name: "task", value: pieces.first ?? .word("null")),
        .init(name: "found", value: .word(String(!pieces.isEmpty))), storage,
      ]).shown
    }
    let missing = ids.filter { named[$0] == nil }.map(JSONPiece.text)
    return JSONPiece.map([
      .init(name: "tasks", value: .list(pieces)), .init(name: "notFound", value: .list(missing)),
      storage,
    ]).shown
  }
}

extension TaskMasterBacklog {
  /// A task as it stands in the file, with ids as text and what it blocks.
  private func piece(
    _ index: Int, withSubtasks: Bool, of statuses: Set<TaskMasterStatus>? = nil,
    more: [JSONPiece.Entry] = []
  ) -> JSONPiece {
    let children = withSubtasks ? items[index].children.filter { isIn(statuses, $0) } : []
    let own: [JSONPiece.Entry] = [
      .init(name: "id", value: .text(items[index].name)),
      .init(name: "status", value: .text(items[index].value["status"]?.text ?? "pending")),
      .init(name: "priority", value: .text(priority(of: index))),
      .init(name: "dependencies", value: .list(needs(of: index).map(JSONPiece.text))),
      .init(
        name: "subtasks",
        value: .list(children.map { piece($0, withSubtasks: true, of: statuses) })),
      .init(name: "blocks", value: .list(blocks[index].map { .text(items[$0].name) })),
    ]
    let entries = (items[index].value.piece.entries ?? []).map { entry in
      own.first { $0.name == entry.name } ?? entry
    }
    let names = Set(entries.map(\.name))
    return .map(entries + (own + more).filter { !names.contains($0.name) })
  }
}

extension JSONPiece {
  fileprivate var entries: [Entry]? {
    if case .map(let entries) = self { entries } else { nil }
  }

  /// The value in lines, for people and programs: what could steer a terminal is escaped.
  var shown: String {
    text(JSONStyle(newline: "\n", unit: "  ", gap: " ")).unicodeScalars.reduce(into: "") {
      text, scalar in
      switch scalar.properties.generalCategory {
      case .control where scalar != "\n", .format, .lineSeparator, .paragraphSeparator:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Value {
  /// The same value to be written; of repeated keys the last, as JavaScript reads them.
  var piece: JSONPiece {
    switch content {
    case .null: .word("null")
    case .text(let text, let isQuoted): isQuoted ? .text(text) : .word(text)
    case .list(let values): .list(values.map(\.piece))
    case .map(let entries): .map(Self.pieces(entries))
    }
  }

  private static func pieces(_ entries: [Entry]) -> [JSONPiece.Entry] {
    var places: [String: Int] = [:]
    var pieces: [JSONPiece.Entry] = []
    for entry in entries {
      if let place = places[entry.name] {
        pieces[place].value = entry.value.piece
      } else {
        places[entry.name] = pieces.count
        pieces.append(.init(name: entry.name, value: entry.value.piece))
      }
    }
    return pieces
  }
}
