import Dashboard
import Execution
import Foundation
import Model
import Project

/// `cairn workspace verify --json`: a contract, see the README.
struct VerifyReport: Encodable {
  struct Loan: Encodable {
    var task: String?
    var artifact: String?
    /// That the checksum is of.
    var artifacts: Int
    var isRestored: Bool
    /// The checksum is that of plain evaluation.
    var isEqual: Bool
    var checksum: String?
    var ownBytes: Int?
    var borrowedBytes: Int?
    var plainOwnBytes: Int?
    var passes: Int?
    var seconds: Double?
    var plainSeconds: Double?
    var slowdown: Double?
    var problems: [String]

    init(_ loan: StoreLoan) {
      (task, artifact) = (loan.lent.task, loan.lent.artifact)
      (artifacts, problems) = (loan.count, loan.problems)
      (isRestored, isEqual) = (loan.isRestored, loan.isEqual)
      guard let result = loan.result else { return }
      checksum = result.checksum
      (ownBytes, plainOwnBytes) = (result.ownBytes, result.plainOwnBytes)
      (borrowedBytes, passes) = (result.borrowedBytes, result.passes)
      (seconds, plainSeconds) = (result.seconds, result.plainSeconds)
      slowdown = result.plainSeconds > 0 ? result.seconds / result.plainSeconds : nil
    }
  }

  var cairn = Fact.version
  var run: Int
  var artifacts: Int
  var bytes: Int64
  var seconds: Double
  var damaged: [StoreReport.Row]
  var problems: [String]
  /// Missing where nothing was lent.
  var loan: Loan?
  var refusal: String?

  init(_ verification: StoreVerification) {
    run = verification.run
    (artifacts, bytes) = (verification.count, verification.bytes)
    (seconds, problems) = (verification.seconds, verification.problems)
    damaged = verification.damaged.map { StoreReport.Row($0) }
    loan = verification.loan.map { Loan($0) }
    refusal = verification.refusal
  }
}

/// The same for people.
enum VerifyText {
  static func lines(_ verification: StoreVerification) -> [String] {
    var lines = verification.damaged.map { row in
      let copy =
        switch row.state {
        case .spilled: "the spilled copy of "
        case .compressed: "the compressed form of "
        default: ""
        }
      return "\(copy)\(row.label) is not what was sealed, and is deleted: \(row.path)"
    }
    let count = verification.count
    let head =
      "\(count) \(count == 1 ? "artifact" : "artifacts") of run \(verification.run), "
      + "\(Figures.bytes(verification.bytes)), digested in \(seconds(verification.seconds)): "
    lines.append(
      head + (verification.damaged.isEmpty ? "sound" : "\(verification.damaged.count) damaged"))
    return lines + (verification.loan.map(Self.lines) ?? [])
  }

  private static func lines(_ loan: StoreLoan) -> [String] {
    let name = loan.lent.label
    guard let result = loan.result else {
      return ["lent \(name)", "restored: \(loan.isRestored ? "yes" : "no")"]
    }
    let slowdown = result.plainSeconds > 0 ? result.seconds / result.plainSeconds : 1
    let times = slowdown.formatted(.number.precision(.significantDigits(2)))
    return [
      "lent \(name): \(bytes(result.borrowedBytes)) of its \(Figures.bytes(loan.lent.bytes))",
      "checksum of \(loan.count) others \(result.checksum), "
        + (loan.isEqual ? "as by plain evaluation" : "which is not that of plain evaluation"),
      "own \(bytes(result.ownBytes)) instead of \(bytes(result.plainOwnBytes)), "
        + "\(result.passes) passes in \(seconds(result.seconds)), \(times)× plain",
      "restored: \(loan.isRestored ? "yes" : "no")",
    ]
  }

  private static func bytes(_ count: Int) -> String { Figures.bytes(Int64(count)) }

  private static func seconds(_ seconds: Double) -> String {
    "\(seconds.formatted(.number.precision(.significantDigits(2)))) s"
  }
}
