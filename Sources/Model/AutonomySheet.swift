/// All that there is to tell of autonomy, in lines under headings: for the terminal and the dashboard.
package struct AutonomySheet: Sendable, Equatable {
  /// Losses, groups and lessons of one section.
  package static let maximumRows = 12

  package struct Section: Sendable, Equatable {
    package var title: String
    package var rows: [Row]
  }

  package struct Row: Sendable, Equatable {
    /// A number of at most six columns, or nothing.
    package var figure: String
    package var text: String
    /// It keeps the target from being met, or asks for something to be done.
    package var isWarning = false
  }

  package private(set) var sections: [Section] = []

  /// `history` may be of other runs only; the report's own is added.
  package init(_ report: AutonomyReport, history: AutonomyHistory) {
    let history = history.with(report.record)
    add("run \(report.record.run)", Self.parts(report))
    let lost = report.score.map { AutonomyScore.thousandths(1 - $0.value) } ?? ""
    add(
      "lost \(lost)",
      report.losses.map { Row(figure: AutonomyScore.thousandths($0.amount), text: $0.what) })
    let window = AutonomyWindow(history)
    if let score = window.score {
      let runs = window.runs == 1 ? "1 run" : "\(window.runs) runs"
      add(
        "last \(score.units) tasks, of \(runs)",
        [Self.row(score, "A", report.target)] + Self.pieces(score))
      add("by agent", window.byWorker.map { Self.row($0.score, $0.name, report.target) })
      add(
        "by class, the lowest first",
        window.byClass.map { Self.row($0.score, TaskGraph.spoken($0.name), report.target) })
    }
    let count = history.records.count
    add("learned from \(count == 1 ? "1 run" : "\(count) runs")", Self.lessons(history))
  }

  private mutating func add(_ title: String, _ rows: [Row]) {
    guard !rows.isEmpty else { return }
    var shown = Array(rows.prefix(Self.maximumRows))
    if rows.count > shown.count {
      shown.append(Row(figure: "", text: "and \(rows.count - shown.count) more"))
    }
    sections.append(Section(title: title, rows: shown))
  }
}

extension AutonomySheet {
  private static func parts(_ report: AutonomyReport) -> [Row] {
    guard let score = report.score else {
      return [Row(figure: "n/a", text: String(report.words.dropFirst(5)))]
    }
    var rows = [
      row(score, "A", report.target),
      Row(figure: "", text: report.verdict, isWarning: !score.claims(report.target)),
    ]
    rows += pieces(score)
    if report.tally.tooShort > 0 {
      rows.append(
        Row(
          figure: "", text: "\(AutonomyTally.grouped(report.tally.tooShort)) too short to count"))
    }
    return rows
  }

  /// What A is made of.
  private static func pieces(_ score: AutonomyScore) -> [Row] {
    let incidents = score.incidents == 1 ? "incident" : "incidents"
    var rows = [
      Row(
        figure: AutonomyScore.hundredths(score.untouched),
        text: "U of A = U^0.6 T^0.2 R^0.2: done without a person's act"
          + (score.untouchedByTime.map { "; \(AutonomyScore.hundredths($0)) by time" } ?? "")),
      Row(
        figure: AutonomyScore.hundredths(score.timely),
        text: "T: time not spent waiting for a person"),
      Row(
        figure: AutonomyScore.hundredths(score.recovered),
        text: "R: got over \(score.recoveries) of \(score.incidents) \(incidents) unattended"),
    ]
    if let words = score.unevenWords { rows.append(Row(figure: "!", text: words, isWarning: true)) }
    return rows
  }

  private static func row(_ score: AutonomyScore, _ name: String, _ target: Double) -> Row {
    Row(
      figure: AutonomyScore.hundredths(score.value),
      text: "\(name) (at least \(AutonomyScore.hundredths(score.low)), n=\(score.units))",
      isWarning: score.value < target)
  }

  private static func lessons(_ history: AutonomyHistory) -> [Row] {
    let lessons = history.lessons
    guard lessons.isEmpty else {
      return lessons.map { Row(figure: "!", text: $0.words, isWarning: true) }
    }
    let few = history.records.count < AutonomyLesson.minimumRuns
    return [
      Row(
        figure: "",
        text: few
          ? "nothing yet: that takes \(AutonomyLesson.minimumRuns) runs"
          : "no class of tasks is flaky or keeps needing a person")
    ]
  }
}
