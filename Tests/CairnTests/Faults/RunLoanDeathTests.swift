import Foundation
import Model
import Testing

/// `kill -9` of a run, or of its borrower, in the middle of a loan: 50 times with `CAIRN_SOAK=1`, else 3.
@Suite(.timeLimit(.minutes(60)))
struct RunLoanDeathTests {
  private static let rounds = Soak.isOn ? 50 : 3
  /// A loan that was over before it was seen is tried again.
  private static let tries = 6 * rounds
  /// Four times as much is proved in a fifth of a second.
  private static let mebibytes = 4
  private static let longestMicroseconds: UInt32 = 60_000

  /// Kills the run or its borrower after a while in the loan; nil if there was no time to, else how the
  /// run ended.
  private static func strike(
    _ project: TemporaryProject, atRun: Bool, microseconds: UInt32
  ) async throws -> Finished? {
    let run = try CairnBinary.start(["run", "--json"], in: project)
    guard let borrower = LoanDeathTests.caught(run, "/0-big/out/x") else {
      _ = await run.finished()
      return nil
    }
    kill(borrower.pid, SIGCONT)
    usleep(microseconds)
    let isThere = borrower.isAlive
    if atRun { run.send(SIGKILL) } else { kill(borrower.pid, SIGKILL) }
    let finished = await run.finished()
    return isThere ? finished : nil
  }

  @Test("what was lent is whole, or lost and made again, and the result is right")
  func killed() async throws {
    let expected = try RunLoanTests.expected(mebibytes: Self.mebibytes)
    var numbers = SeededNumbers(seed: 0xCA1E_0604)
    var (struck, tried, lost) = (0, 0, 0)
    while struck < Self.rounds, tried < Self.tries {
      tried += 1
      let isAtRun = !tried.isMultiple(of: 3)
      let project = try TemporaryProject(RunLoanTests.graph(mebibytes: Self.mebibytes))
      let microseconds = UInt32.random(in: 0...Self.longestMicroseconds, using: &numbers)
      guard
        let ended = try await Self.strike(project, atRun: isAtRun, microseconds: microseconds)
      else { continue }
      struck += 1
      #expect(isAtRun ? ended.signal == SIGKILL : ended.status == 0, "\(ended.errors)")
      if isAtRun {
        let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("which was lent to a proof,"), "\(resumed.errors)")
      }
      let (verdict, lines) = try project.journalOnDisk()
      #expect(verdict == "ok" && lines.isWhole)
      #expect(lines.state.lent.isEmpty && lines.state.loans.open == 0)
      #expect(try project.read("sums") == expected, "round \(struck), \(microseconds) µs")
      lost += lines.state.loans.failed
    }
    #expect(struck == Self.rounds, "\(tried) tries")
    print("killed in a loan of a run: \(struck) times, \(lost) artifacts lost and made again")
  }
}
