import Foundation
import Model
import Testing

/// `kill -9` in the middle of a write, while others read (F3).
@Suite(.timeLimit(.minutes(20)))
struct ReadersAtDeathTests {
  private static let rounds = Soak.isOn ? 20 : 2
  private static let tasks = 400

  /// Every row holds how many facts there are and the number of the newest: the same, without a gap.
  private static let counting = """
    until test -e dead; do
      sqlite3 -readonly .cairn/journal.sqlite \
        'SELECT count(*), max(sequence) FROM fact WHERE run = 1' || true
    done > ../out/counts 2> ../out/counts.err
    """

  @Test("readers see the beginning of what is durable, without a gap, and the journal stays whole")
  func killed() async throws {
    var random = SeededNumbers(seed: Soak.seed ?? 0xF3)
    for _ in 0..<Self.rounds {
      let project = try TemporaryProject(
        """
        tasks:
          gate: { run: "until test -e go; do sleep 0.02; done", output: none }
          many: { matrix: { n: 1..\(Self.tasks) }, after: [gate], exec: ["true"], output: none }
          last: { after: [many], run: "until test -e dead; do sleep 0.02; done", output: none }
        """)
      let run = try CairnBinary.start(["run", "--json", "--jobs", "4"], in: project)
      try await poll("an open run") { run.output.contains("\n") ? true : nil }
      let readers = try (0..<2).map { _ in
        try CairnBinary.start(["attach", "--json"], in: project)
      }
      for reader in readers {
        try await poll("a reader") { reader.output.contains("attempt.started") ? true : nil }
      }
      let counter = try Child(
        "/bin/bash", ["-c", Self.counting], in: project.root, environment: project.environment,
        files: project.newFiles())
      try project.write("", to: "go")
      // After so many facts, whatever their writer and readers are at then.
      let facts = Int.random(in: Self.tasks..<Self.tasks * 4, using: &random)
      try await poll("\(facts) facts") {
        let told = run.output.utf8.count { $0 == UInt8(ascii: "\n") }
        return told >= facts ? true : nil
      }
      // It lives: its last task waits for its death.
      run.send(SIGKILL)
      #expect(await run.finished().signal == SIGKILL)
      try project.write("", to: "dead")
      _ = await counter.finished()
      try await check(project, readers)
    }
  }

  private func check(_ project: TemporaryProject, _ readers: [Child]) async throws {
    let (verdict, journal) = try project.journalOnDisk()
    #expect(verdict == "ok")
    #expect(journal.isWhole)
    for reader in readers {
      let ended = await reader.finished()
      let seen = try FactLines(ended.output)
      #expect(ended.status == 69, "\(ended.errors)")
      #expect(seen.isWhole)
      #expect(seen.facts.elementsEqual(journal.facts.prefix(seen.facts.count)), "only what is true")
    }
    let rows = try project.shell("cat ../out/counts").split(separator: "\n").filter { $0 != "0|" }
    for row in rows {
      let numbers = row.split(separator: "|")
      #expect(numbers.count == 2 && numbers.first == numbers.last, "a gap: \(row)")
    }
    #expect(!rows.isEmpty, "a reader that never read proves nothing")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let after = try project.journalOnDisk().lines
    #expect(after.facts.starts(with: journal.facts), "what was durable stays as it was")
    #expect(after.successes.count == Self.tasks + 2)
    #expect(after.successes.values.allSatisfy { $0 == 1 })
  }
}
