import ArgumentParser
import Formats
import Foundation
import Model
import Project

struct DecomposeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decompose",
    abstract: "Turn a document of requirements into a graph of tasks.",
    discussion: """
      With an agent (the project's, or --agent) the agent divides the work; else the outline of the \
      document does: headings, lists, "after", "depends on". On a terminal the result is shown before \
      it is written; without one, and without --yes, it is printed and nothing is written.

      It goes into Task Master's tasks.json where the project has one or its cairn.yaml says so, else \
      into a new cairn.yaml.
      """)

  @OptionGroup var options: DecomposeOptions

  func run() async throws { try await options.run(prefers: nil) }
}

/// The name that Task Master's users know; without -o it writes their file.
struct ParsePRDCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse-prd", abstract: "The same as decompose, into .taskmaster/tasks/tasks.json.")

  @OptionGroup var options: DecomposeOptions

  func run() async throws { try await options.run(prefers: .taskMaster) }
}

struct DecomposeOptions: ParsableArguments {
  @Argument(help: "The document, in markdown or plain text.")
  var document: String?
  @Option(name: .shortAndLong, help: "The same.")
  var input: String?
  @Option(name: .shortAndLong, help: "The file to write: .json for Task Master, else .yaml.")
  var output: String?
  @Option(name: [.customShort("n"), .long], help: "About how many tasks the agent should make.")
  var numTasks: Int?
  @Flag(name: .shortAndLong, help: "Replace what the file, or its tag, holds.")
  var force = false
  @Flag(help: "Add to what the file holds; new ids follow.")
  var append = false
  @Option(help: "Tag of the Task Master file; the current one by default.")
  var tag: String?
  @Flag(help: "Read the outline, though there is an agent.")
  var outline = false
  @Flag(name: .shortAndLong, help: "Accept the result as it is.")
  var yes = false
  @OptionGroup var agent: AgentOptions
  @OptionGroup var look: LookOptions

  func validate() throws {
    guard document == nil || input == nil else {
      throw ValidationError("give the document once, as an argument or with --input")
    }
    guard document != nil || input != nil else { throw ValidationError("give a document") }
    if force, append { throw ValidationError("--force and --append exclude each other") }
    if let numTasks, !(1...AnsweredTask.maximumTasks).contains(numTasks) {
      throw ValidationError("--num-tasks: expected 1 to \(AnsweredTask.maximumTasks)")
    }
  }
}

extension DecomposeOptions {
  private var arrival: DecompositionPlace.Arrival { force ? .replace : append ? .append : .alone }
  private var name: String { document ?? input ?? "" }

  func run(prefers kind: DecompositionPlace.Kind?) async throws {
    let bytes = try DecompositionPlace.document(name)
    let text = try OutlineFile.text(of: bytes, file: name)
    let place = try DecompositionPlace(
      output: output, prefers: kind, from: FileManager.default.currentDirectoryPath)
    let tag = tag ?? place.tag
    let writes = yes || hasTerminal
    if writes { try place.check(arrival, tag: tag) }
    let result = try await decompose(text, bytes, place)
    for note in result.notes { News.say(note.description) }
    guard let accepted = try await accept(result, place) else { return }
    try place.write(
      accepted, as: arrival, tag: tag, document: name, agent: writtenAgent(place))
    News.result(
      "wrote \(place.name): \(accepted.leaves.count) tasks; next: `cairn plan`, then `cairn run`")
  }

  private var hasTerminal: Bool {
    look.mode(OutputMode.choose(plain: false, json: false)) == .dashboard
  }

  private func decompose(
    _ text: String, _ bytes: [UInt8], _ place: DecompositionPlace
  ) async throws -> Decomposition {
    guard !outline, let command = try agent.agentNamed ?? place.agent else {
      return try OutlineFile.load(bytes, file: name)
    }
    let session = try agent.session(command, root: place.root)
    let result = try await session.decompose(text, called: name, count: numTasks)
    session.forget()
    return result
  }

  /// Lets the person look; nil means that nothing is to be written.
  private func accept(
    _ result: Decomposition, _ place: DecompositionPlace
  ) async throws -> Decomposition? {
    if yes { return result }
    if hasTerminal {
      let left = try await ReviewScreen.show(result, target: place.name, look: look)
      // What follows with && shall not take an old file for this one.
      guard let left else { throw ProjectProblem(.unfinished, "nothing was written") }
      return left
    }
    DecompositionListing(result).lines.forEach(News.result)
    News.say("nothing was written: --yes accepts the result, on a terminal it can be edited first")
    return nil
  }

  /// Prompts need an agent; where nobody named one the file gets the one that `init` writes.
  private func writtenAgent(_ place: DecompositionPlace) throws -> TaskGraph.Agent {
    if let agent = try agent.agentNamed ?? place.agent { return agent }
    if place.kind == .cairn, !append {
      News.say("no agent was named: \(place.name) gets `claude -p`; --agent names another one")
    }
    return TaskGraph.Agent(command: ["claude", "-p"])
  }
}
