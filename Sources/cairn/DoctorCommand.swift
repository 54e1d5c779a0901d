import ArgumentParser
import Canvas
import Dashboard
import Execution
import Formats
import Foundation
import Model
import Project
import Terminal

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at the machine and the project, and say what to do.",
    discussion: """
      Changes nothing. Exits with 0 if runs work, warnings or not, else with the code with which a \
      run would end: 65, 66 or 78 for the file, 69 for the machine, 74 for disk and journal.
      """)

  @OptionGroup var project: ProjectArguments
  @Option(help: "auto, unicode or ascii.")
  var glyphs: Look.GlyphChoice = .auto
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    let survey = TerminalSurvey.take()
    let report = DoctorReport(
      DoctorMachine(MachineSurvey.take()).diagnoses + (try diagnoses())
        + DoctorTerminal(DoctorTerminal.Survey(survey), smallest: Self.smallest).diagnoses)
    if json {
      News.json(try JSONOutput.encode(DoctorDocument(report)))
    } else {
      let isUnicode = glyphs == .unicode || (glyphs == .auto && survey.isUnicode)
      DoctorText(report, isUnicode: isUnicode).lines.forEach(News.result)
    }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  private static var smallest: (columns: Int, rows: Int) {
    (Layout.smallest.columns, Layout.smallest.rows)
  }

  /// Storage and project; without a project, the storage of this folder.
  private func diagnoses() throws -> [Diagnosis] {
    do {
      let location = try project.location()
      return storage(location) + DoctorProject(location, bytes: Figures.bytes).diagnoses()
    } catch let problem as ProjectProblem {
      // Asked for by name, it has to be there.
      if project.path != nil { throw problem }
      return storage(FileManager.default.currentDirectoryPath)
        + [
          .fine(.project, "file", "none in this folder or above; `cairn init` writes one")
        ]
    }
  }

  private func storage(_ location: ProjectLocation) -> [Diagnosis] {
    let hasState = FileManager.default.fileExists(atPath: location.stateFolder)
    return storage(hasState ? location.stateFolder : location.root)
  }

  private func storage(_ folder: String) -> [Diagnosis] {
    guard let survey = StorageSurvey.take(folder) else { return [] }
    return DoctorStorage(survey, folder: folder, bytes: Figures.bytes).diagnoses
  }
}

extension DoctorTerminal.Survey {
  fileprivate init(_ survey: TerminalSurvey) {
    let environment = ProcessInfo.processInfo.environment
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
      .first { !$0.isEmpty }
    self.init(
      isTerminal: survey.isTerminal, type: survey.type, known: survey.known,
      colors: survey.colors, columns: survey.size?.columns ?? 0, rows: survey.size?.rows ?? 0,
      isUnicode: survey.isUnicode, locale: locale ?? "",
      isInTmux: !(environment["TMUX"] ?? "").isEmpty)
  }
}

/// The report as lines for people.
struct DoctorText {
  private let report: DoctorReport
  private let isUnicode: Bool

  init(_ report: DoctorReport, isUnicode: Bool) {
    self.report = report
    self.isUnicode = isUnicode
  }

  var lines: [String] {
    var lines: [String] = []
    let width = report.diagnoses.map(\.name.count).max() ?? 0
    for section in Diagnosis.Section.allCases {
      let diagnoses = report.diagnoses.filter { $0.section == section }
      if diagnoses.isEmpty { continue }
      lines.append(section.rawValue)
      for diagnosis in diagnoses {
        let name = diagnosis.name.padding(toLength: width, withPad: " ", startingAt: 0)
        lines.append("  \(mark(diagnosis.level)) \(name)  \(diagnosis.finding)")
        guard let advice = diagnosis.advice else { continue }
        lines.append(String(repeating: " ", count: width + 6) + "\(arrow) \(advice)")
      }
    }
    return lines + [report.verdict]
  }

  private func mark(_ level: Diagnosis.Level) -> String {
    switch level {
    case .fine: isUnicode ? "✓" : "+"
    case .warning: "!"
    case .problem: isUnicode ? "✗" : "x"
    }
  }

  private var arrow: String { isUnicode ? "→" : "->" }
}

/// `cairn doctor --json`: a contract, see the README.
struct DoctorDocument: Encodable {
  struct Check: Encodable {
    var section: String
    var name: String
    /// `fine`, `warning` or `problem`.
    var level: String
    var finding: String
    var advice: String?
  }

  var cairn = Fact.version
  var version = Cairn.version
  var warnings: Int
  var problems: Int
  var exitCode: Int32
  var checks: [Check]

  init(_ report: DoctorReport) {
    warnings = report.count(.warning)
    problems = report.count(.problem)
    exitCode = report.exitCode
    checks = report.diagnoses.map {
      Check(
        section: $0.section.rawValue, name: $0.name, level: $0.level.rawValue,
        finding: $0.finding, advice: $0.advice)
    }
  }
}
