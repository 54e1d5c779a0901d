/// A task that a person writes down.
package struct TaskMasterDraft: Sendable, Equatable {
  package var title: String
  package var description: String
  package var details: String
  package var testStrategy: String
  /// `critical`, `high`, `medium` or `low`.
  package var priority: String
  /// Ids of tasks that come first.
  package var dependencies: [String]

  package static let priorities = ["critical", "high", "medium", "low"]

  package init(
    title: String, description: String, details: String = "", testStrategy: String = "",
    priority: String = "medium", dependencies: [String] = []
  ) {
    self.title = title
    self.description = description
    self.details = details
    self.testStrategy = testStrategy
    self.priority = priority
    self.dependencies = dependencies
  }
}

extension TaskMasterEdit {
  /// Adds a task behind the others, under the number after their highest, and returns its id.
  ///
  /// `time` is as `2026-01-02T03:04:05.678Z`.
  ///
  /// - Throws: `FormatProblem`: `.missing` for a dependency that the tag has not, `.usage` for a draft
  ///   that Task Master could not read.
  package func adding(
    _ draft: TaskMasterDraft, tag: String?, at time: String
  ) throws(FormatProblem) -> (edit: TaskMasterEdit, id: String) {
    let backlog = try backlog(tag: tag)
    do throws(FormatProblem) {
      try draft.check(in: backlog)
    } catch {
      throw error.named(file)
    }
    let id = String(backlog.ids.nextNumber)
    let task = draft.piece(id: backlog.piece(ofID: id), at: time, backlog)
    let change = place(for: task, in: backlog)
    return (try applying(change), id)
  }

  private func place(for task: JSONPiece, in backlog: TaskMasterBacklog) -> [JSONOutline.Change] {
    if let list = backlog.list { return [outline.appending(task, to: list)] }
    let indentation = outline.style.unit
    let tasks = JSONPiece.map([.init(name: "tasks", value: .list([task]))])
    let json = tasks.text(outline.style, indentation: indentation)
    return outline.setting([(name: backlog.tag, json: json)], in: outline.root)
  }
}

extension TaskMasterDraft {
  fileprivate func check(in backlog: TaskMasterBacklog) throws(FormatProblem) {
    func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
    guard !isBlank(title), !isBlank(description) else {
      throw FormatProblem(message: "a task needs a title and a description", code: .usage)
    }
    guard Self.priorities.contains(priority) else {
      throw FormatProblem(
        message: "no priority \(priority.quoted): expected \(Self.priorities.alternatives)",
        hint: Suggestion.hint(for: priority, in: Self.priorities), code: .usage)
    }
    for dependency in dependencies { _ = try backlog.index(of: dependency) }
  }

  /// The keys in the order in which Task Master writes them.
  fileprivate func piece(
    id: JSONPiece, at time: String, _ backlog: TaskMasterBacklog
  ) -> JSONPiece {
    let needs = dependencies.map(backlog.piece(ofID:))
    return .map([
      .init(name: "id", value: id), .init(name: "title", value: .text(title)),
      .init(name: "description", value: .text(description)),
      .init(name: "details", value: .text(details)),
      .init(name: "testStrategy", value: .text(testStrategy)),
      .init(name: "status", value: .text(TaskMasterStatus.pending.rawValue)),
      .init(name: "dependencies", value: .list(needs)),
      .init(name: "priority", value: .text(priority)), .init(name: "subtasks", value: .list([])),
      .init(name: "updatedAt", value: .text(time)),
    ])
  }
}

extension [String] {
  /// Highest id after which others are numbered: JavaScript counts no further.
  private static let highestNumber = 1 << 53

  /// One more than the highest number that an id is or begins with; one that is too high is somebody's
  /// accident, and no number follows it.
  var nextNumber: Int {
    let numbers = compactMap { Int($0.prefix { $0.isNumber }) }
    return (numbers.filter { $0 < Self.highestNumber }.max() ?? 0) + 1
  }
}

extension TaskMasterBacklog {
  /// An id as the file writes its own: one engine writes numbers, the other text.
  fileprivate func piece(ofID id: String) -> JSONPiece {
    let hasNumbers = items.contains { item in
      if item.parent == nil, case .text(_, isQuoted: false) = item.value["id"]?.content {
        true
      } else {
        false
      }
    }
    let isPlain = Int(id).map(String.init) == id
    return isPlain && (hasNumbers || items.isEmpty) ? .word(id) : .text(id)
  }
}

extension TaskMasterEdit {
  /// Adds a note at the end of a task's details, as Task Master marks them.
  ///
  /// `time` is as `2026-01-02T03:04:05.678Z`.
  ///
  /// - Throws: `FormatProblem`: `.missing` for an id that the tag has not.
  package func adding(
    note: String, to id: String, tag: String?, at time: String
  ) throws(FormatProblem) -> TaskMasterEdit {
    let backlog = try backlog(tag: tag)
    do throws(FormatProblem) {
      let value = backlog.items[try backlog.index(of: id)].value
      let old = value["details"]
      guard old?.text != nil || old?.isNull ?? true else {
        throw FormatProblem(
          at: old?.position, "details of \(id.quoted): expected text, found \(old?.found ?? "")")
      }
      let block = "<info added on \(time)>\n\(note)\n</info added on \(time)>"
      let details = [old?.text, block].compactMap { $0 }.filter { !$0.isEmpty }
      return try applying(
        outline.setting(
          [
            (name: "details", json: JSONPiece.quote(details.joined(separator: "\n"))),
            (name: "updatedAt", json: JSONPiece.quote(time)),
          ], in: value))
    } catch {
      throw error.named(file)
    }
  }
}
