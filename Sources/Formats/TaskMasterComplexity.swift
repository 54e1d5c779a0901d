/// Task Master's report on how complex the tasks of a tag are.
package struct TaskMasterComplexity: Sendable {
  package struct Row: Sendable, Equatable {
    /// Of the task, as its file calls it.
    package var id: String
    package var title: String
    /// 1 to 10.
    package var score: Double
    package var recommendedSubtasks: Int?

    /// `7`, or `7.5`.
    package var scoreText: String {
      score == score.rounded() ? String(Int(score)) : String(score)
    }
  }

  /// The most complex first.
  package let rows: [Row]
  private let root: Value

  /// Reads a report; rows without an id or a score from 0 to 10 are left out.
  ///
  /// `bytes` are at most 64 MiB of UTF-8; messages call the file `file`.
  package init(_ bytes: [UInt8], file: String) throws(FormatProblem) {
    do throws(FormatProblem) {
      root = try TaskMasterFile.outline(bytes).root
      guard let list = root["complexityAnalysis"]?.list else {
        throw FormatProblem(at: root.position, "expected a report with \"complexityAnalysis\"")
      }
      rows = list.compactMap(Row.init).enumerated().sorted {
        ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
      }.map(\.element)
    } catch {
      throw error.named(file)
    }
  }

  /// Scores above 0 by the tasks' ids.
  package var scores: [String: Double] {
    Dictionary(
      rows.lazy.filter { $0.score > 0 }.map { ($0.id, $0.score) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The whole report, harmless on a terminal.
  package var json: String { root.piece.shown }

  /// File names for the report of a tag, in the order in which they are looked for: one engine writes
  /// the tag as it is, the other as a slug.
  package static func fileNames(tag: String) -> [String] {
    let base = "task-complexity-report"
    guard tag != TaskMasterFile.defaultTag else { return ["\(base).json"] }
    let slug = String(
      tag.lowercased().unicodeScalars.map { scalar in
        let isPlain =
          scalar.isASCII
          && (scalar.properties.isAlphabetic || scalar.value < 0x3A && scalar.value > 0x2F)
        return isPlain || scalar == "_" || scalar == "-" ? Character(scalar) : "-"
      }.prefix(50))
    let names = [tag, slug].filter { !$0.contains("/") }.map { "\(base)_\($0).json" }
    return names.count == 2 && names[0] == names[1] ? [names[0]] : names
  }
}

extension TaskMasterComplexity.Row {
  fileprivate init?(_ value: Value) {
    guard let id = value["taskId"]?.identifier, !id.isEmpty,
      let score = value["complexityScore"]?.text.flatMap(Double.init), (0...10).contains(score)
    else { return nil }
    self.id = id
    self.score = score
    title = value["taskTitle"]?.prose ?? ""
    recommendedSubtasks = value["recommendedSubtasks"]?.text.flatMap { Int($0) }
  }
}
