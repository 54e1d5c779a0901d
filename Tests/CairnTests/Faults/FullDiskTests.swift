import Foundation
import Model
import Testing

/// A project on a disk of a few megabytes, which somebody else fills (F6).
@Suite(
  .timeLimit(.minutes(15)), .enabled(if: SmallDisk.isPossible, "needs root and mount"))
struct FullDiskTests {
  private static let tasks = Soak.isOn ? 2_000 : 300

  @Test("a full disk pauses the run with a notice, and room lets it go on by itself")
  func fills() async throws {
    let outer = try TemporaryProject()
    let disk = try SmallDisk(outer, megabytes: 4 + Self.tasks / 250)
    defer { disk.remove() }
    try outer.write(
      """
      tasks:
        first: { run: 'until test -e ../full; do sleep 0.02; done', output: none }
        many: { matrix: { n: 1..\(Self.tasks) }, after: [first], exec: ["true"], output: none }
      """, to: "disk/cairn.yaml")
    let run = try CairnBinary.start(["run", "--json", "./disk"], in: outer)
    try await poll("the first task") { run.output.contains("attempt.started") ? true : nil }
    try outer.shell("head -c 1G /dev/zero > disk/filler 2> /dev/null || true; touch full")
    try await poll("the notice") { run.output.contains("journal.full") ? true : nil }
    #expect(run.isAlive)
    let status = try await CairnBinary.run(["status", "--json", "./disk"], in: outer)
    #expect(status.output.contains(#""state" : "running""#))
    try outer.shell("rm disk/filler")
    let ended = await run.finished()
    #expect(ended.status == 0, "\(ended.errors)")
    try expectPaused(try FactLines(ended.output))
    let (verdict, journal) = try outer.journalOnDisk(in: "disk")
    #expect(verdict == "ok")
    #expect(journal.isWhole && journal.done.count == Self.tasks + 1)
    #expect(journal.successes.values.allSatisfy { $0 == 1 }, "every task is done once")
    #expect(journal.state.tasks.allSatisfy { $0.attempts.count == 1 }, "and needed one attempt")
  }

  /// Nothing is admitted between a notice of a full disk and the one that there is room.
  private func expectPaused(_ lines: FactLines) throws {
    let text = try #require(lines.notices("journal.full").first)
    #expect(text.contains("the disk is full: paused, goes on when there is room"))
    let full = try #require(lines.noticeSequences("journal.full").first)
    let room = try #require(lines.noticeSequences("journal.room").last)
    #expect(!lines.admissions.contains { (full...room).contains($0) })
    #expect(lines.admissions.contains { $0 > room }, "it went on")
  }
}
