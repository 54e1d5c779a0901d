/// What an answer must be, and how it is read.
package struct AnswerForm<Content: Sendable>: Sendable {
  package enum Reading: Sendable {
    case good(Content)
    /// What is wrong, for the next try.
    case bad([String])
  }

  package let schema: AnswerSchema
  /// Returns the content, or what does not fit together in spite of the schema.
  private let content: @Sendable (Value) -> Reading

  init(_ schema: AnswerSchema, _ content: @escaping @Sendable (Value) -> Reading) {
    self.schema = schema
    self.content = content
  }

  /// Reads what an agent printed.
  package func read(_ text: String) -> Reading {
    switch AnswerText.object(in: text, with: schema.requiredKeys) {
    case .nothing(let problem): return .bad([problem])
    case .value(let value):
      let problems = schema.problems(of: value)
      return problems.isEmpty ? content(value) : .bad(problems)
    }
  }
}

/// A task as an agent describes it.
package struct AnsweredTask: Sendable, Equatable {
  package var item: Decomposition.Item
  /// It is not to be divided further.
  package var isAtomic: Bool
  /// Indices of others in the same answer.
  package var needs: [Int]

  package init(item: Decomposition.Item, isAtomic: Bool, needs: [Int]) {
    self.item = item
    self.isAtomic = isAtomic
    self.needs = needs
  }
}

extension AnsweredTask {
  /// Most tasks of one answer.
  package static let maximumTasks = 100

  /// Tasks, at least `least` of them.
  package static func form(atLeast least: Int) -> AnswerForm<[AnsweredTask]> {
    AnswerForm(AnswerSchema(shape: .map([tasks(least)]))) { value in
      let values = value["tasks"]?.list ?? []
      let tasks = values.map(AnsweredTask.init)
      let problems = needProblems(tasks.map(\.needs))
      return problems.isEmpty ? .good(tasks) : .bad(problems)
    }
  }

  private static func tasks(_ least: Int) -> AnswerSchema.Key {
    typealias Key = AnswerSchema.Key
    let task = AnswerSchema.Shape.map([
      Key(
        "title", .text(longest: Decomposition.maximumTitleLength, mayBeEmpty: false),
        isRequired: true, "What to do, in a few words."),
      Key(
        "description", .text(longest: 4_000, mayBeEmpty: false), isRequired: true,
        "One or two sentences."),
      Key(
        "details", .text(longest: 100_000, mayBeEmpty: true), "All that whoever does it must know."),
      Key("testStrategy", .text(longest: 20_000, mayBeEmpty: true), "How to see that it is done."),
      Key("priority", .word(Decomposition.Priority.allCases.map(\.rawValue))),
      Key(
        "dependencies", .list(.integer(1...maximumTasks), count: 0...maximumTasks),
        "Numbers of tasks of this answer, from 1, that come first; no cycles."),
      Key(
        "atomic", .flag, isRequired: true,
        "true if one agent can do it in one sitting and it need not be divided."),
      Key("estimate", .text(longest: 60, mayBeEmpty: true), "As in: 2 hours."),
      Key("line", .integer(1...10_000_000), "The line of the document that it comes from."),
    ])
    return Key("tasks", .list(task, count: least...maximumTasks), isRequired: true)
  }

  private init(_ value: Value) {
    func text(_ key: String) -> String { value[key]?.text ?? "" }
    item = Decomposition.Item(
      title: text("title").trimmed, description: text("description").trimmed,
      details: text("details").trimmed, testStrategy: text("testStrategy").trimmed,
      priority: Decomposition.Priority(rawValue: text("priority")) ?? .medium,
      estimate: text("estimate").isEmpty ? nil : text("estimate"),
      line: value["line"]?.text.flatMap { Int($0) })
    isAtomic = value["atomic"]?.text == "true"
    needs = (value["dependencies"]?.list ?? []).compactMap { $0.text.flatMap { Int($0) } }.map {
      $0 - 1
    }
  }

  private static func needProblems(_ needs: [[Int]]) -> [String] {
    var order = DecompositionOrder(parents: needs.map { _ in nil })
    var problems: [String] = []
    for (index, own) in needs.enumerated() {
      for (place, need) in own.enumerated() where problems.count < AnswerSchema.maximumProblems {
        let path = "$.tasks[\(index)].dependencies[\(place)]"
        if !needs.indices.contains(need) {
          problems.append("\(path): there is no task \(need + 1)")
        } else if !order.add(need, to: index) {
          problems.append("\(path): task \(index + 1) and task \(need + 1) wait for each other")
        }
      }
    }
    return problems
  }
}

/// What an agent thinks of how hard a task is.
package struct AnsweredComplexity: Sendable, Equatable {
  /// 1 to 10.
  package var score: Int
  package var subtasks: Int
  package var prompt: String
  package var reasoning: String

  package static let form = AnswerForm<AnsweredComplexity>(
    AnswerSchema(
      shape: .map([
        .init("complexityScore", .integer(1...10), isRequired: true, "1 is trivial, 10 a project."),
        .init(
          "recommendedSubtasks", .integer(0...50), isRequired: true, "0 if it need not be divided."),
        .init(
          "expansionPrompt", .text(longest: 8_000, mayBeEmpty: true), isRequired: true,
          "What to tell whoever divides it."),
        .init("reasoning", .text(longest: 8_000, mayBeEmpty: false), isRequired: true),
      ]))
  ) { value in
    func number(_ key: String) -> Int { value[key]?.text.flatMap { Int($0) } ?? 0 }
    return .good(
      AnsweredComplexity(
        score: number("complexityScore"), subtasks: number("recommendedSubtasks"),
        prompt: value["expansionPrompt"]?.text ?? "", reasoning: value["reasoning"]?.text ?? ""))
  }
}
