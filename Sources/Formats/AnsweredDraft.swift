/// A task that an agent words.
extension TaskMasterDraft {
  /// Longest id, in characters.
  private static let maximumIDLength = 60
  private static let maximumDependencies = 100

  /// What an agent has to answer, whose dependencies are among `ids`.
  package static func form(ids: Set<String>) -> AnswerForm<TaskMasterDraft> {
    AnswerForm(AnswerSchema(shape: .map(keys))) { value in
      let needs = (value["dependencies"]?.list ?? []).compactMap(\.text)
      let problems = needs.enumerated().filter { !ids.contains($0.element) }.map {
        "$.dependencies[\($0.offset)]: there is no task \($0.element.quoted)"
      }
      guard problems.isEmpty else {
        return .bad(Array(problems.prefix(AnswerSchema.maximumProblems)))
      }
      return .good(TaskMasterDraft(value, needs))
    }
  }

  private static var keys: [AnswerSchema.Key] {
    [
      .init(
        "title", .text(longest: Decomposition.maximumTitleLength, mayBeEmpty: false),
        isRequired: true, "What to do, in a few words."),
      .init(
        "description", .text(longest: 4_000, mayBeEmpty: false), isRequired: true,
        "One or two sentences."),
      .init(
        "details", .text(longest: 100_000, mayBeEmpty: true),
        "All that whoever does it must know."),
      .init(
        "testStrategy", .text(longest: 20_000, mayBeEmpty: true), "How to see that it is done."),
      .init("priority", .word(priorities)),
      .init(
        "dependencies", .list(.id(longest: maximumIDLength), count: 0...maximumDependencies),
        "Ids of tasks there are that must be done first; none if it can begin at once."),
    ]
  }

  private init(_ value: Value, _ needs: [String]) {
    func text(_ key: String) -> String { (value[key]?.text ?? "").trimmed.withoutControls }
    self.init(
      title: text("title"), description: text("description"), details: text("details"),
      testStrategy: text("testStrategy"), priority: value["priority"]?.text ?? "medium")
    add(needs)
  }

  /// Adds ids of tasks that come first, but for those that do already.
  package mutating func add(_ needs: [String]) {
    for need in needs where !dependencies.contains(need) { dependencies.append(need) }
  }
}

extension TaskMasterBacklog {
  /// Most tasks that an agent is told of; those that stand last in the file are the ones that a new task
  /// is likeliest to wait for.
  package static let maximumTold = 300
  /// Longest title of one, in characters.
  private static let maximumToldTitle = 120

  /// The question for a task more.
  package func question(for wish: String, _ schema: AnswerSchema) -> AnswerPrompt {
    let tasks = items.indices.filter { items[$0].parent == nil }
    let told = tasks.suffix(Self.maximumTold).map { index in
      let title = (items[index].value["title"]?.text ?? "").prefix(Self.maximumToldTitle)
      let needs = needs(of: index)
      let after = needs.isEmpty ? "" : ", after \(needs.joined(separator: ", "))"
      let status = items[index].value["status"]?.text ?? TaskMasterStatus.pending.rawValue
      return "\(items[index].name) (\(status)\(after)): \(title)".oneLine
    }
    return AnswerPrompt.task(
      wish, besides: told, more: tasks.count - told.count, schema: schema)
  }
}

extension String {
  fileprivate var oneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
