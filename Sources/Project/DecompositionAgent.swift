import Execution
package import Formats
import Foundation
package import Model

/// Has an agent divide work: it is asked for JSON, and asked again for what it did not call atomic.
package struct DecompositionAgent: Sendable {
  /// Most tries of a question; what was wrong is told in the next.
  package static let maximumTries = 3
  /// Most questions of one decomposition.
  package static let maximumQuestions = 40
  /// Most folders of earlier calls that stay.
  private static let maximumFolders = 10

  private let call: DecompositionCall
  /// Absolute; holds the questions and answers of this call.
  private let folder: String
  private let tell: @Sendable (String) -> Void

  /// `root` is the absolute path of the project, where the agent works; one answer may take
  /// `timeoutSeconds`; `tell` takes news of what is asked, in words.
  ///
  /// - Throws: `ProjectProblem`.
  package init(
    _ agent: TaskGraph.Agent, root: String, timeoutSeconds: Double,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    tell: @escaping @Sendable (String) -> Void
  ) throws {
    call = try DecompositionCall(
      agent, directory: root, environment: environment, timeoutSeconds: timeoutSeconds)
    self.tell = tell
    folder = try Self.makeFolder(root)
  }

  private static func makeFolder(_ root: String) throws -> String {
    let layout = WorkspaceLayout(root: root)
    let parent = layout.stateFolder + "/decompose"
    let files = FileManager.default
    do {
      try layout.makeStateFolder()
      let old = ((try? files.contentsOfDirectory(atPath: parent)) ?? []).sorted()
      for name in old.dropLast(maximumFolders - 1) {
        try? files.removeItem(atPath: parent + "/" + name)
      }
      // Sorted by time: the oldest go first.
      let time = Int(Date.now.timeIntervalSince1970 * 1000)
      let folder = "\(parent)/\(time)-\(ProcessInfo.processInfo.processIdentifier)"
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return folder
    } catch {
      throw ProjectProblem(.storage, "cannot make a folder in \(parent): \(error)")
    }
  }

  /// Removes the questions and answers; for who has got what was asked for.
  package func forget() { try? FileManager.default.removeItem(atPath: folder) }
}

extension DecompositionAgent {
  /// Asks until the answer has the form, at most `maximumTries` times.
  ///
  /// - Throws: `ProjectProblem` (`badData`) with the file of the last answer.
  package func ask<Content>(
    _ prompt: AnswerPrompt, called name: String, as form: AnswerForm<Content>
  ) async throws -> Content {
    var asked = prompt
    var problems: [String] = []
    var files = DecompositionFiles(folder)
    for number in 1...Self.maximumTries {
      files = DecompositionFiles("\(folder)/\(name)-\(number)")
      switch try await call.ask(asked.text, files: files) {
      case .bad(let problem): problems = [problem]
      case .text(let text):
        switch form.read(text) {
        case .good(let content): return content
        case .bad(let found): problems = found
        }
      }
      if number < Self.maximumTries {
        tell("answer \(number) of \(Self.maximumTries) was no good: \(problems[0]); asking again")
      }
      asked = prompt.again(after: problems)
    }
    throw ProjectProblem(
      .badData,
      "no good answer from the agent in \(Self.maximumTries) tries: "
        + problems.joined(separator: "; ") + "; its last answer is in \(files.answer)")
  }
}

extension DecompositionAgent {
  /// Divides the work that a document describes, to atomic tasks or `Decomposition.maximumDepth` levels.
  ///
  /// `count` is about how many tasks there shall be at the top.
  ///
  /// - Throws: `ProjectProblem`.
  package func decompose(
    _ document: String, called name: String, count: Int?
  ) async throws -> Decomposition {
    let form = AnsweredTask.form(atLeast: 1)
    tell("asking the agent to divide \(name)")
    let prompt = AnswerPrompt.document(document, called: name, count: count, schema: form.schema)
    var division = Division(name: name)
    division.add(try await ask(prompt, called: "1", as: form), to: nil)
    var questions = 1
    while let next = division.nextOpen {
      guard questions < Self.maximumQuestions else {
        division.noteLimit(Self.maximumQuestions)
        break
      }
      questions += 1
      tell("asking the agent to divide \(division.title(of: next).quoted)")
      division.add(
        try await divide(division.item(next), of: division.place(of: next), "\(questions)"),
        to: next)
    }
    return division.result
  }

  /// Divides one item; empty if the agent leaves it whole.
  package func divide(
    _ item: Decomposition.Item, of place: [String], count: Int? = nil, _ name: String
  ) async throws -> [AnsweredTask] {
    let form = AnsweredTask.form(atLeast: 0)
    let prompt = AnswerPrompt.item(item, of: place, count: count, schema: form.schema)
    return try await ask(prompt, called: name, as: form)
  }
}

/// A decomposition that grows, level by level.
private struct Division {
  private struct Node {
    var task: AnsweredTask
    var parent: Int?
    var children: [Int] = []
    var depth: Int
    var isSettled: Bool
  }

  private let name: String
  private var nodes: [Node] = []
  private var notes: [FormatProblem] = []

  init(name: String) { self.name = name }

  /// The first that is not atomic and was not asked about.
  var nextOpen: Int? { nodes.firstIndex { !$0.isSettled } }

  func title(of node: Int) -> String { nodes[node].task.item.title }
  func item(_ node: Int) -> Decomposition.Item { nodes[node].task.item }

  func place(of node: Int) -> [String] {
    nodes[node].parent.map { place(of: $0) + [title(of: $0)] } ?? []
  }

  mutating func add(_ tasks: [AnsweredTask], to parent: Int?) {
    let depth = parent.map { nodes[$0].depth + 1 } ?? 1
    let start = nodes.count
    if let parent { nodes[parent].isSettled = true }
    // One part alone is the whole, in other words.
    if parent != nil, tasks.count == 1 { return }
    guard start + tasks.count <= Decomposition.maximumItems else { return }
    for (offset, var task) in tasks.enumerated() {
      task.needs = task.needs.map { $0 + start }
      if task.item.line == nil { task.item.line = parent.flatMap { nodes[$0].task.item.line } }
      if let parent { nodes[parent].children.append(start + offset) }
      nodes.append(
        Node(
          task: task, parent: parent, depth: depth,
          isSettled: task.isAtomic || depth >= Decomposition.maximumDepth))
    }
  }

  mutating func noteLimit(_ limit: Int) {
    let left = nodes.count { !$0.isSettled }
    notes.append(
      FormatProblem(
        message: "\(left) tasks were not divided further: the limit is \(limit) questions"))
  }

  /// Parents in front of their children.
  var result: Decomposition {
    var order: [Int] = []
    func visit(_ node: Int) {
      order.append(node)
      for child in nodes[node].children { visit(child) }
    }
    for node in nodes.indices where nodes[node].parent == nil { visit(node) }
    var place = [Int](repeating: 0, count: nodes.count)
    for (index, node) in order.enumerated() { place[node] = index }
    let items = order.map { node in
      var item = nodes[node].task.item
      item.parent = nodes[node].parent.map { place[$0] }
      item.needs = nodes[node].task.needs.map { place[$0] }.sorted()
      return item
    }
    return Decomposition(name: name, items: items, notes: notes)
  }
}
