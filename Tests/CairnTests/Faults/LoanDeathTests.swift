import Foundation
import Model
import Testing

/// `kill -9` in the middle of `cairn workspace verify --lend`.
@Suite(.timeLimit(.minutes(30)))
struct LoanDeathTests {
  private static let rounds = getenv("CAIRN_SOAK") != nil ? 50 : 4
  /// A loan that was over before it was seen is tried again.
  private static let tries = 6 * rounds
  private static let longestMicroseconds: UInt32 = 20_000

  /// The borrower of a running command, stopped while it has the lent file in its memory; nil if it was
  /// over before.
  static func caught(_ parent: Child, _ file: String) -> ProcessRow? {
    while let row = ProcessRow(parent.pid), row.isAlive {
      for child in ProcessRow.children(of: parent.pid) {
        let maps = FileManager.default.contents(atPath: "/proc/\(child.pid)/maps") ?? Data()
        guard maps.range(of: Data(file.utf8)) != nil else { continue }
        kill(child.pid, SIGSTOP)
        return child
      }
    }
    return nil
  }

  /// Kills the parent or the child after a while in the loan; false if there was no time to.
  private static func strike(
    _ project: TemporaryProject, atParent: Bool, microseconds: UInt32
  ) async throws -> Bool {
    let command = try CairnBinary.start(["workspace", "verify", "--lend"], in: project)
    guard let child = caught(command, "/0-big/out/x") else {
      _ = await command.finished()
      return false
    }
    kill(child.pid, SIGCONT)
    usleep(microseconds)
    kill(atParent ? command.pid : child.pid, SIGKILL)
    let ended = await command.finished()
    if atParent { return ended.signal == SIGKILL }
    return [65, 69].contains(ended.status)
  }

  @Test("every artifact is whole or made again, whoever dies")
  func killed() async throws {
    let project = try await WorkspaceLoanTests.done(lines: 400_000)
    let before = try WorkspaceLoanTests.sums(project)
    var numbers = SeededNumbers(seed: 6)
    var (struck, tried) = (0, 0)
    while struck < Self.rounds, tried < Self.tries {
      tried += 1
      let microseconds = UInt32.random(in: 0...Self.longestMicroseconds, using: &numbers)
      let isHit = try await Self.strike(
        project, atParent: tried.isMultiple(of: 2), microseconds: microseconds)
      if isHit { struck += 1 }
      let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
      #expect(resumed.status == 0, "\(resumed.errors)")
      let (verdict, lines) = try project.journalOnDisk()
      #expect(verdict == "ok")
      #expect(lines.isWhole)
      #expect(lines.state.lent.isEmpty)
      #expect(try WorkspaceLoanTests.sums(project) == before, "round \(struck)")
    }
    #expect(struck == Self.rounds, "\(tried) tries")
  }
}
