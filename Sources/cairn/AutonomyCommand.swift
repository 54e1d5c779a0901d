import ArgumentParser
import Dashboard
import Foundation
import Model
import Project

struct AutonomyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autonomy", abstract: "Say how much of the work needed no person, and what did.",
    discussion: """
      A = U^0.6 T^0.2 R^0.2. U is the share of tasks that were done without an act of a person, each \
      act with its weight (approval 0.25; retry, skip, answer 0.5; stop, kill 1); T the share of time \
      in which nothing waited for a person; R the share of failures that were got over unattended. A \
      target is claimed only by the lower bound of 95 %. Looking, holding, pausing and stepping weigh \
      nothing.
      """)

  @OptionGroup var project: ProjectArguments
  @Flag(help: "One JSON object.")
  var json = false
  @Option(help: "How many runs of the project are looked back over.")
  var runs = AutonomyHistory.trendRuns

  func validate() throws {
    guard (1...ProjectHistory.maximumAutonomyRuns).contains(runs) else {
      throw ValidationError(
        "--runs takes 1 to \(ProjectHistory.maximumAutonomyRuns), and not \(runs)")
    }
  }

  func run() throws {
    let history = ProjectHistory(try project.location())
    let state = try history.record(nil).state
    let report = AutonomyReport(state)
    let past = history.autonomy(
      before: state.run, runs: runs - 1, facts: ProjectHistory.maximumAutonomyFacts
    ).with(report.record)
    if json { return News.json(try JSONOutput.encode(AutonomyOutput(report, past))) }
    AutonomyText.lines(report, past).forEach(News.result)
  }
}

/// Autonomy in lines for people.
enum AutonomyText {
  static func lines(_ report: AutonomyReport, _ history: AutonomyHistory) -> [String] {
    var lines = ["autonomy of run \(report.record.run)  \(report.line)"]
    for section in AutonomySheet(report, history: history).sections {
      lines += ["", section.title]
      lines += section.rows.map { "  \(padded($0.figure, 6, isRight: true))  \($0.text)" }
    }
    return lines + [""] + table(history)
  }

  /// Run by run, the newest first.
  private static func table(_ history: AutonomyHistory) -> [String] {
    let head = ["run", "A", "at least", "U", "T", "R", "tasks", "touched", "incidents"]
    let rows = history.records.map { record -> [String] in
      guard let score = record.score else {
        return ["\(record.run)", "n/a", "", "", "", "", "0", "", ""]
      }
      return
        ["\(record.run)"]
        + [score.value, score.low, score.untouched, score.timely, score.recovered]
        .map(AutonomyScore.hundredths)
        + ["\(score.units)", "\(record.touched)", "\(score.incidents)"]
    }
    let widths = head.indices.map { column in
      ([head] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([head] + rows).map { row in
      "  " + zip(row, widths).map { padded($0, $1, isRight: true) }.joined(separator: "  ")
    }
  }

  private static func padded(_ text: String, _ width: Int, isRight: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return isRight ? blanks + text : text + blanks
  }
}
