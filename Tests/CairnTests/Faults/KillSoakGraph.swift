import Foundation
import Model

/// Sixty tasks that do all that tasks do to whoever has to end them, and tell on themselves.
///
/// Each appends `begin ATTEMPT` and `end ATTEMPT` to a file of its own, and holds a lock meanwhile, so
/// that a second attempt beside the first is seen.
struct KillSoakGraph {
  static let count = 60

  let file: String
  /// Stands in the command line of every daemon.
  private let mark: String
  private let exports: Set<Int>

  init(mark: String, _ random: inout SeededNumbers) {
    self.mark = mark
    var exports: Set<Int> = []
    var text = "name: soak\ndefaults: { retries: 3, backoff: 10ms }\ntasks:\n"
    for number in 0..<Self.count {
      let kind = Kind.allCases[number % Kind.allCases.count]
      let earlier = number == 0 ? 0 : Int.random(in: 0...min(2, number), using: &random)
      let needs = Set(
        (0..<earlier).map { _ in
          Int.random(in: max(0, number - 12)..<number, using: &random)
        }
      ).sorted()
      if kind == .product { exports.insert(number) }
      text += Self.task(number, kind, needs: needs, mark: mark)
    }
    file = text
    self.exports = exports
  }

  private enum Kind: CaseIterable {
    case plain, pipeline, daemon, product, doubleFork, stubborn, retried, sleeper, reader, many
  }

  private static func task(_ number: Int, _ kind: Kind, needs: [Int], mark: String) -> String {
    let needed = needs.map { "t\($0)" }.joined(separator: ", ")
    let export = kind == .product ? "    export: out/t\(number).txt\n" : ""
    return """
        t\(number):
          needs: [\(needed)]
          run: |
            mkdir -p effects
            exec 9>> effects/t\(number).lock
            flock -n 9 || echo "t\(number) $CAIRN_ATTEMPT" >> effects/overlap
            echo "begin $CAIRN_ATTEMPT" >> effects/t\(number)
            \(work(number, kind, mark))
            echo "end $CAIRN_ATTEMPT" >> effects/t\(number)
      \(export)
      """
  }

  private static func work(_ number: Int, _ kind: Kind, _ mark: String) -> String {
    let daemon = "exec -a \(mark) sleep 900"
    return switch kind {
    case .plain: "echo \(number) > \"$CAIRN_OUT/x\""
    case .pipeline: "seq 1 3000 | sort -R | sort -n | tail -n 1 > \"$CAIRN_OUT/x\""
    case .daemon: "setsid -f bash -c '\(daemon)' < /dev/null > /dev/null 2>&1 9>&-"
    case .product: "seq \(number) 30000 > \"$CAIRN_OUT/x\"; sleep 0.02"
    case .doubleFork: "( ( bash -c '\(daemon)' 9>&- & ) & ) > /dev/null 2>&1"
    case .stubborn: "trap '' TERM HUP INT; sleep 0.05"
    case .retried: "test \"$CAIRN_ATTEMPT\" -gt 1; echo \(number) > \"$CAIRN_OUT/x\""
    case .sleeper: "sleep 0.1; head -c 100000 /dev/zero"
    case .reader: "ls -R \"$CAIRN_SCRATCH\"; for i in 1 2 3; do sleep 0.01; echo $i; done"
    case .many: "for i in 1 2 3 4; do sleep 0.05 9>&- & done; wait"
    }
  }
}

// MARK: What is left

extension KillSoakGraph {
  /// Processes of the run: those that know the project's folder, and daemons by their command line,
  /// which also tells those in a namespace of their own.
  func alive(_ project: TemporaryProject) -> Set<Int32> {
    let daemons = ProcessRow.all(withCommand: mark).map(\.pid)
    let own = ProcessRow.all(withEnvironment: project.root + "/.cairn/").map(\.pid)
    return Set(daemons).union(own)
  }
}

// MARK: What has to hold in the end

extension KillSoakGraph {
  func check(_ project: TemporaryProject) throws -> [String] {
    let rows = try project.shell(
      "sqlite3 .cairn/journal.sqlite 'SELECT payload FROM fact ORDER BY run, sequence'")
    let lines = try FactLines(rows)
    return try checkFacts(lines) + checkEffects(lines, project) + checkFiles(project)
  }

  /// Whether nothing failed but for having run at three deaths of Cairn in a row.
  func hasOnlySuspects(_ project: TemporaryProject) throws -> Bool {
    try project.shell(
      """
      sqlite3 .cairn/journal.sqlite "SELECT count(*) FROM fact WHERE kind = 'task.state'
        AND payload LIKE '%\"state\":\"failed\"%' AND payload NOT LIKE '%times in a row%'"
      """) == "0\n"
  }

  /// What failed, for a person who has to find out why.
  func failures(_ project: TemporaryProject) throws -> String {
    try project.shell(
      """
      sqlite3 .cairn/journal.sqlite "SELECT payload FROM fact WHERE kind = 'task.state'" \
        | grep '"failed"' | while read -r fact; do
        task=$(sed 's/.*"task":\\([0-9]*\\).*/\\1/' <<< "$fact")
        echo "$fact"; cat effects/t$task; tail -n 3 .cairn/logs/1/$task-*
        sqlite3 .cairn/journal.sqlite "SELECT payload FROM fact WHERE kind = 'attempt.ended'" \
          | grep "\"task\":$task,"
      done
      cat effects/overlap 2>/dev/null || true
      """)
  }

  private func checkFacts(_ lines: FactLines) -> [String] {
    var problems: [String] = []
    if lines.facts.map(\.sequence) != Array(1...max(1, lines.facts.count)) {
      problems.append("facts with gaps")
    }
    if lines.done.count != Self.count { problems.append("only \(lines.done.count) tasks are done") }
    var done: Set<TaskID> = []
    for fact in lines.facts {
      switch fact.kind {
      case .attemptEnded(let ended) where ended.outcome.isSuccess:
        if !done.insert(ended.task).inserted { problems.append("\(ended.task) was done twice") }
      case .taskAdmitted(let admitted) where done.contains(admitted.task):
        problems.append("\(admitted.task) was done and ran again")
      default: break
      }
    }
    return problems
  }

  private func checkEffects(_ lines: FactLines, _ project: TemporaryProject) throws -> [String] {
    var problems: [String] = []
    if project.exists("effects/overlap") {
      problems.append("two attempts at a time: \(try project.read("effects/overlap"))")
    }
    for number in 0..<Self.count {
      guard let status = lines.status("t\(number)"), project.exists("effects/t\(number)") else {
        problems.append("t\(number) was lost")
        continue
      }
      let text = try project.read("effects/t\(number)")
      var counts: [Substring: Int] = [:]
      for line in text.split(separator: "\n") { counts[line, default: 0] += 1 }
      let admitted = status.attempts.map(\.number)
      let succeeded = status.attempts.filter { $0.outcome?.isSuccess ?? false }.map(\.number)
      let known = Set(admitted.flatMap { ["begin \($0)", "end \($0)"] })
      for (line, count) in counts where count != 1 || !known.contains(String(line)) {
        problems.append("t\(number) wrote \"\(line)\" \(count) times")
      }
      for attempt in succeeded
      where counts["begin \(attempt)"] != 1 || counts["end \(attempt)"] != 1 {
        problems.append("t\(number) is done by attempt \(attempt), which wrote: \(text)")
      }
      if !text.hasSuffix("\n") { problems.append("t\(number) wrote half a line") }
    }
    return problems
  }

  private func checkFiles(_ project: TemporaryProject) throws -> [String] {
    var problems: [String] = []
    for number in exports.sorted() {
      let verdict = try project.shell("seq \(number) 30000 | cmp - out/t\(number).txt 2>&1 || true")
      if !verdict.isEmpty { problems.append("export of t\(number): \(verdict)") }
    }
    let expected = exports.map { "t\($0).txt" }.sorted().joined(separator: "\n")
    let found = try project.shell("ls -A out | LC_ALL=C sort").trimmingCharacters(in: .newlines)
    if found != expected { problems.append("files in out: \(found)") }
    let left = try project.shell(
      """
      find .cairn/workspace -name '*.part' -o -name '*.old' -o -name 'in.*'
      find .cairn/workspace/slots -mindepth 2 2>/dev/null || true
      """)
    if !left.isEmpty { problems.append("left in the workspace: \(left)") }
    return problems
  }
}
