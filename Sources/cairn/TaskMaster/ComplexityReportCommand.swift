import ArgumentParser
import Formats
import Foundation
import Project

struct ComplexityReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "complexity-report",
    abstract: "Print Task Master's report on how complex its tasks are.")

  @OptionGroup var options: TaskMasterOptions

  @Option(help: "The report; that of the tag by default.")
  var file: String?

  func run() async throws {
    let place = try options.place()
    let tag = try place.read().backlog(tag: place.tag(options.tag)).tag
    let report = try place.complexity(of: tag, file: file)
    try options.print(lines(report), json: Data(report.json.utf8))
  }

  private func lines(_ report: TaskMasterComplexity) -> [String] {
    let rows = report.rows.map { row in
      let count = row.recommendedSubtasks.map { ", \($0) subtasks recommended" } ?? ""
      return "  \(row.id)  \(row.scoreText) of 10\(count)  \(row.title)"
    }
    return ["\(report.rows.count) tasks judged, the most complex first"] + rows
  }
}
