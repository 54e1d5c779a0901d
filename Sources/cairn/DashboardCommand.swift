import ArgumentParser
import Formats
import Foundation
import Model
import Project

/// `cairn` alone: the live or the last run on the dashboard, else what to type next.
struct DashboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard", abstract: "Look at the live or the last run; what `cairn` alone does."
  )

  @OptionGroup var project: ProjectArguments
  @OptionGroup var look: LookOptions

  func run() async throws {
    if let word = project.names.first { throw unknown(word) }
    let mode = look.mode(OutputMode.choose(plain: false, json: false))
    let record: RunRecord
    let shelf: ProjectShelf
    do {
      let location = try project.location()
      if mode == .dashboard, let live = await LiveRun.connectIfAny(location) {
        return try await Attachment(AttachedRun(live, at: location), look).show(mode)
      }
      record = try ProjectHistory(location).record(nil)
      shelf = ProjectShelf(location, home: record.state.run)
    } catch let problem as ProjectProblem where problem.code == .missing {
      News.result(problem.description)
      News.result("next: `cairn init`, `cairn run`, or `cairn --help`")
      return
    }
    guard case .dashboard = mode else {
      return Summary.lines(record.state, standing: record.standing).forEach(News.result)
    }
    _ = try await Screen.show(
      record.source, person: .person(source: "dashboard"), look: look.look(), tie: .onlooker,
      shelf: shelf)
  }

  /// A word that is no command and no file was meant for one.
  private func unknown(_ word: String) -> ProjectProblem {
    let commands = Cairn.configuration.subcommands.compactMap { $0.configuration.commandName }
    let hint = Suggestion.nearest(word, in: commands).map { "; did you mean \"\($0)\"?" } ?? ""
    return ProjectProblem(.usage, "there is no command \"\(word)\"\(hint)")
  }
}
