import ArgumentParser
import Foundation
import Project

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a cairn.yaml to start from.")

  @Argument(help: "The folder; this one by default.")
  var folder: String = "."

  func run() throws {
    let path = (folder as NSString).appendingPathComponent("cairn.yaml")
    let hasTaskMaster = FileManager.default.fileExists(
      atPath: (folder as NSString).appendingPathComponent(ProjectLocation.taskMasterPath))
    let text = hasTaskMaster ? Self.taskMasterTemplate : Self.template
    guard !FileManager.default.fileExists(atPath: path) else {
      throw ProjectProblem(.notAllowed, "\(path) exists already; it was left as it is")
    }
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    } catch {
      throw ProjectProblem(.storage, "cannot write \(path): \(error.localizedDescription)")
    }
    News.result("wrote \(path); next: `cairn run --dry-run`, then `cairn run`")
  }

  private static let template = """
    name: first-steps
    budget: { jobs: 2 }
    defaults: { timeout: 10m, retries: 1 }
    tasks:
      words:
        run: printf 'cairn\\nstone\\ntrail\\n' > "$CAIRN_OUT/words.txt"
      sorted:
        needs: [words]
        run: sort -r "$CAIRN_IN_WORDS/words.txt" > "$CAIRN_OUT/sorted.txt"
        verify: test -s "$CAIRN_OUT/sorted.txt"
      report:
        needs: [sorted]
        run: nl "$CAIRN_IN_SORTED/sorted.txt" > "$CAIRN_OUT/report.txt"
        export: report.txt

    """

  private static let taskMasterTemplate = """
    from: task-master
    agent: { command: [claude, -p], prompt: stdin }
    verify: "true"   # the command that must pass before a task counts, as in: npm test
    budget: { jobs: 1 }

    """
}
