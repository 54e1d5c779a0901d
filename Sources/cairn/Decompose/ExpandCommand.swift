import ArgumentParser
import Formats
import Foundation
import Project

struct ExpandCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expand", abstract: "Divide tasks of a Task Master file into subtasks.",
    discussion: """
      With an agent (the project's, or --agent) the agent divides them, else lists in their details \
      become subtasks.
      """)

  @Option(name: .shortAndLong, help: "Ids of tasks, as 3 or 3,5.")
  var id: String?
  @Flag(name: .shortAndLong, help: "All open tasks without subtasks.")
  var all = false
  @Option(name: .shortAndLong, help: "About how many subtasks each.")
  var num: Int?
  @Option(name: .shortAndLong, help: "More for the agent to know.")
  var prompt: String?
  @Flag(name: .shortAndLong, help: "Replace subtasks that are there.")
  var force = false
  @Option(help: "Tag; the current one by default.")
  var tag: String?
  @Flag(help: "Read the details' lists, though there is an agent.")
  var outline = false
  @OptionGroup var agent: AgentOptions

  func validate() throws {
    guard (id != nil) != all else { throw ValidationError("give --id or --all") }
    if let num, !(1...AnsweredTask.maximumTasks).contains(num) {
      throw ValidationError("--num: expected 1 to \(AnsweredTask.maximumTasks)")
    }
  }

  func run() async throws {
    let folder = FileManager.default.currentDirectoryPath
    let expansion = try DecompositionExpansion(from: folder, tag: tag)
    let tasks = try chosen(expansion)
    let session = try outline ? nil : agent.session(in: folder, root: expansion.root)
    for task in tasks {
      let parts = try await parts(of: task, expansion, session)
      let count = try expansion.write(parts, as: task)
      News.result(
        "\(task.id) \(task.item.title): \(count == 0 ? "left whole" : "\(count) subtasks")")
    }
    session?.forget()
  }

  private func chosen(
    _ expansion: DecompositionExpansion
  ) throws -> [DecompositionExpansion.Candidate] {
    guard let id else {
      return expansion.candidates.filter { $0.isOpen && (force || !$0.hasSubtasks) }
    }
    let ids = id.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let tasks = try expansion.tasks(ids)
    if !force, let divided = tasks.first(where: \.hasSubtasks) {
      throw ProjectProblem(
        .notAllowed, "task \(divided.id) has subtasks already; --force replaces them")
    }
    return tasks
  }

  private func parts(
    of task: DecompositionExpansion.Candidate, _ expansion: DecompositionExpansion,
    _ session: DecompositionAgent?
  ) async throws -> [AnsweredTask] {
    guard let session else {
      do { return try expansion.outline(of: task) } catch {
        // One of many may say nothing; the one that was asked for may not.
        if !all { throw error }
        return []
      }
    }
    var item = task.item
    if let prompt { item.details += "\n\n\(prompt)" }
    News.say("asking the agent to divide task \(task.id)")
    return try await session.divide(item, of: [], count: num, "task-\(task.id)")
  }
}

struct AnalyzeComplexityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze-complexity",
    abstract: "Have an agent judge the tasks of a Task Master file, and write its report.")

  @Option(name: .shortAndLong, help: "Ids of tasks, as 1,3; all open ones by default.")
  var id: String?
  @Option(help: "The first id.")
  var from: Int?
  @Option(help: "The last id.")
  var to: Int?
  @Option(name: .shortAndLong, help: "From this score on a task should be divided.")
  var threshold: Int = 5
  @Option(name: .shortAndLong, help: "The report's file.")
  var output: String?
  @Option(help: "Tag; the current one by default.")
  var tag: String?
  @OptionGroup var agent: AgentOptions

  func validate() throws {
    guard (1...10).contains(threshold) else {
      throw ValidationError("--threshold: expected 1 to 10")
    }
  }

  func run() async throws {
    let folder = FileManager.default.currentDirectoryPath
    let expansion = try DecompositionExpansion(from: folder, tag: tag)
    let tasks = try chosen(expansion)
    guard let session = try agent.session(in: folder, root: expansion.root) else {
      throw ProjectProblem(.usage, "an agent has to judge; name one with --agent")
    }
    News.say("asking the agent about \(tasks.count) tasks")
    let rows = try await expansion.judge(tasks, by: session)
    let report = try expansion.write(rows, threshold: threshold, to: output, in: folder)
    session.forget()
    for row in rows {
      let advice = row.judged.score >= threshold ? "  divide into \(row.judged.subtasks)" : ""
      News.result("\(row.id)  \(row.judged.score)/10  \(row.title)\(advice)")
    }
    News.result("wrote \(report)")
  }

  private func chosen(
    _ expansion: DecompositionExpansion
  ) throws -> [DecompositionExpansion.Candidate] {
    if let id {
      return try expansion.tasks(
        id.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    }
    let range = (from ?? 0)...max(from ?? 0, to ?? .max)
    return expansion.candidates.filter { candidate in
      candidate.isOpen
        && (from == nil && to == nil || Int(candidate.id).map(range.contains) == true)
    }
  }
}

extension AgentOptions {
  /// The session of the agent that is named here, or in the project; nil without one.
  func session(in folder: String, root: String) throws -> DecompositionAgent? {
    let place = try DecompositionPlace(output: nil, prefers: .taskMaster, from: folder)
    guard let agent = try agentNamed ?? place.agent else { return nil }
    return try session(agent, root: root)
  }
}
