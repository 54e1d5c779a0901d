import Foundation
import Model

/// A run that seals, spills and restores all the time: four long-lived artifacts, of which one at a
/// time has room beside what is made of it, each read twice.
///
/// The sum at the end stands on every byte of every artifact.
struct StoreDeathGraph {
  static let budgetBytes: Int64 = 14 << 20
  private static let longBytes = 4 << 20
  private static let wideBytes = 8 << 20
  private static let longs = 4
  private static let wides = 8

  let file: String
  /// What the run exports, made without Cairn.
  let expected: String

  init() throws {
    file = Self.head + Self.tasks
    expected = try TemporaryProject().shell(Self.script)
  }

  private static let head = """
    name: stores
    budget: { workspace: 14MiB, jobs: 2 }
    defaults: { retries: 2, backoff: 10ms }
    spill: { path: away, limit: 64MiB }
    tasks:

    """

  private static var tasks: String {
    var text = ""
    for number in 0..<longs {
      text += task("long\(number)", [], "\(long(number)) > \"$CAIRN_OUT/x\"", "4MiB")
    }
    for number in 0..<wides {
      let earlier = number == 0 ? [] : ["sum\(number - 1)"]
      let files = (["long\(number % longs)"] + earlier).map { "\"$CAIRN_IN_\($0.uppercased())/x\"" }
      text += task(
        "wide\(number)", ["long\(number % longs)"] + earlier,
        "\(wide(number, files)) > \"$CAIRN_OUT/x\"", "8MiB")
      text += task(
        "sum\(number)", ["wide\(number)"],
        "cksum < \"$CAIRN_IN_WIDE\(number)/x\" > \"$CAIRN_OUT/sum\(number)\"", "4KiB",
        more: number == wides - 1 ? ", export: sum\(number)" : "")
    }
    return text.replacingOccurrences(
      of: #"(CAIRN_IN_SUM(\d+))/x"#, with: "$1/sum$2", options: .regularExpression)
  }

  private static func task(
    _ name: String, _ needs: [String], _ command: String, _ size: String, more: String = ""
  ) -> String {
    "  \(name): { needs: [\(needs.joined(separator: ", "))], run: '\(command)', "
      + "output: \(size), pure: true, recompute: never\(more) }\n"
  }

  private static func long(_ number: Int) -> String {
    "head -c \(longBytes) < <(yes long\(number))"
  }

  private static func wide(_ number: Int, _ files: [String]) -> String {
    "head -c \(wideBytes) < <(cat \(files.joined(separator: " ")); yes wide\(number))"
  }

  /// The same commands in one shell.
  private static var script: String {
    var lines = (0..<longs).map { "\(long($0)) > long\($0)" }
    for number in 0..<wides {
      let files = ["long\(number % longs)"] + (number == 0 ? [] : ["sum\(number - 1)"])
      lines.append("\(wide(number, files)) > wide; cksum < wide > sum\(number)")
    }
    return (lines + ["cat sum\(wides - 1)"]).joined(separator: "\n")
  }
}

// MARK: What has to hold in the end

extension StoreDeathGraph {
  func check(_ project: TemporaryProject) async throws -> [String] {
    var problems: [String] = []
    let sum = "sum\(Self.wides - 1)"
    if try project.read(sum) != expected { problems.append("\(sum) is \(try project.read(sum))") }
    let (verdict, lines) = try project.journalOnDisk()
    if verdict != "ok" { problems.append("journal: \(verdict)") }
    if !lines.isWhole { problems.append("facts with gaps") }
    problems += Self.repeats(lines)
    if lines.state.peakBytes > Self.budgetBytes { problems.append("peak \(lines.state.peakBytes)") }
    let doctor = try await CairnBinary.run(["doctor"], in: project)
    let told = doctor.outputLines.filter { $0.contains(" artifacts ") }
    if !told.contains(where: { $0.contains("as the journal says") || $0.contains("none of run") }) {
      problems.append("doctor: \(told)")
    }
    let left = try project.shell(
      """
      find .cairn/workspace -name '*.part' -o -name '*.old' -o -name 'in.*'
      find away -type f
      """)
    if !left.isEmpty { problems.append("left: \(left)") }
    return problems
  }

  /// Facts that say of an artifact what was so already.
  private static func repeats(_ lines: FactLines) -> [String] {
    var state = RunState()
    var problems: [String] = []
    for fact in lines.facts {
      if let key = key(fact.kind), !isNews(fact.kind, key, state) {
        problems.append("fact \(fact.sequence) is no news: \(fact.kind)")
      }
      state.apply(fact)
    }
    return problems
  }

  private static func key(_ kind: Fact.Kind) -> RunState.ArtifactKey? {
    switch kind {
    case .artifactSealed(let fact): RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    case .artifactCompressed(let fact): RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    case .artifactSpilled(let fact), .artifactRestored(let fact), .artifactDropped(let fact),
      .artifactExpanded(let fact):
      RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    default: nil
    }
  }

  private static func isNews(
    _ kind: Fact.Kind, _ key: RunState.ArtifactKey, _ state: RunState
  ) -> Bool {
    let isHere = state.artifacts[key] != nil
    return switch kind {
    case .artifactSealed: !isHere
    case .artifactRestored: !isHere && state.spilled[key] != nil
    case .artifactExpanded: state.compressed[key] != nil
    case .artifactDropped: isHere || state.compressed[key] != nil
    default: isHere
    }
  }
}
