import ArgumentParser
import Formats
import Foundation

struct NextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Say which task of a Task Master file comes next.",
    discussion: """
      First the subtasks of what is in progress, then the tasks, with all that they depend on done; \
      the most urgent first, then the one with the fewest dependencies.
      """)

  @OptionGroup var options: TaskMasterOptions

  func run() async throws {
    let backlog = try options.backlog()
    try options.print(lines(backlog), json: Data(backlog.nextAnswer().utf8))
  }

  private func lines(_ backlog: TaskMasterBacklog) -> [String] {
    guard let id = backlog.next(), let rows = try? backlog.rows(of: [id], subtasks: nil) else {
      return ["nothing to take up now in \(TaskMasterText.summary(backlog))"]
    }
    return TaskMasterText.details(rows, backlog.prose(of: id))
  }
}
