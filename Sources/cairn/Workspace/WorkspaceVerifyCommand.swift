import ArgumentParser
import Foundation
import Project

struct WorkspaceVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Digest the last run's artifacts, and let go of the damaged.",
    discussion: """
      What is not what was sealed is deleted and recorded as lost, and `cairn resume` makes it again \
      if it is still needed. Refused while a Cairn lives.

      With --lend, and `loans: on` in the file, a checksum over all other artifacts is then computed \
      inside the pages of one that can be had again: the largest that is `pure` or has a spilled copy. \
      It is changed meanwhile and given back exactly, which its digest proves. A death in between is \
      found by whoever opens the project next.
      """)

  @OptionGroup var project: ProjectArguments
  @Flag(help: "Also compute a checksum in the memory of a dormant artifact.")
  var lend = false
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    if let name = project.names.first {
      throw ProjectProblem(.usage, "verify takes no names; \"\(name)\" is one")
    }
    let verification = try StoreVerification.verify(
      project.location(), lends: lend, by: .person(source: "workspace verify"))
    (verification.settled + verification.problems).forEach(News.say)
    if json {
      News.json(try JSONOutput.encode(VerifyReport(verification)))
    } else {
      VerifyText.lines(verification).forEach(News.result)
    }
    try Self.leave(after: verification)
  }

  private static func leave(after verification: StoreVerification) throws {
    if !verification.damaged.isEmpty {
      throw ProjectProblem(
        .badData, "`cairn resume` makes again what is damaged and still needed")
    }
    if !verification.problems.isEmpty {
      throw ExitCode(ProjectProblem.Code.storage.rawValue)
    }
    if let refusal = verification.refusal { throw ProjectProblem(.missing, refusal) }
    guard let loan = verification.loan, !loan.isExact else { return }
    let words =
      loan.isRestored
      ? "the loan failed, and was given back exactly"
      : "what was lent is damaged and deleted; `cairn resume` makes it again"
    throw ProjectProblem(
      loan.isRestored ? .unavailable : .badData,
      ([words] + loan.problems).joined(separator: ": "))
  }
}

/// The other side of `cairn workspace verify --lend`; nobody types it.
struct WorkspaceBorrowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "borrow", abstract: "Compute in borrowed memory, for a Cairn that lends it.",
    shouldDisplay: false)

  func run() async throws {
    // Both ways over one socket; standard input is the project's lock.
    let answer = try StoreLoan.serve(orders: STDOUT_FILENO, lock: STDIN_FILENO)
    try Output.write(answer, to: STDOUT_FILENO)
  }
}
