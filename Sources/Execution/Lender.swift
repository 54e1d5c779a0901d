import Foundation
import Synchronization

/// Has another process work in an artifact's pages, for whoever holds the project.
package struct Lender: Sendable {
  /// The hidden command that a borrower is started with.
  package static let command = ["workspace", "borrow"]
  /// What a borrower may take whatever it reads.
  private static let graceSeconds = 30.0
  /// A disk that gives less than that a second is as good as none.
  private static let bytesPerSecond = 8 << 20

  private let lock: ProjectLock
  private let environment: [String]

  /// `environment` is the borrower's, as `NAME=value`.
  package init(_ lock: ProjectLock, environment: [String]) {
    self.lock = lock
    self.environment = environment
  }

  /// How long a borrower that reads so many bytes may take.
  static func seconds(for bytes: Int64) -> Double {
    let passes = Double(1 + 1 << LoanKernel.levels)
    return graceSeconds + Double(bytes) * passes / Double(bytesPerSecond)
  }

  /// Gives an order and waits for what becomes of it; one that takes longer than `seconds` is killed.
  ///
  /// - Throws: `WorkspaceProblem` in the borrower's own words, if it had any; what was lent may then be
  ///   damaged.
  package func carryOut(
    _ order: LoanOrder, within seconds: Double? = nil, on leash: BorrowerLeash = BorrowerLeash()
  ) throws(WorkspaceProblem) -> LoanResult {
    guard let text = try? JSONEncoder().encode(order) else {
      throw WorkspaceProblem("a borrower cannot be told what to do")
    }
    let ending = try BorrowerProcess.run(
      Self.command, environment: environment, order: [UInt8](text), holding: lock,
      within: seconds, on: leash)
    guard ending.isSuccess else { throw WorkspaceProblem(Self.words(ending, seconds)) }
    guard let result = try? JSONDecoder().decode(LoanResult.self, from: Data(ending.output)) else {
      throw WorkspaceProblem("the borrower gave an answer that is none")
    }
    return result
  }

  private static func words(_ ending: BorrowerProcess.Ending, _ seconds: Double?) -> String {
    if ending.isLate, let seconds { return "the borrower took longer than \(Int(seconds)) s" }
    let words = String(decoding: ending.output, as: UTF8.self).split(separator: "\n").last
    return "the borrower ended with status \(ending.status): \(words ?? "it said nothing")"
  }
}

/// Ends a borrower before its time.
package final class BorrowerLeash: Sendable {
  private struct State {
    var pid: Int32?
    var isCut = false
  }

  private let state = Mutex(State())

  package init() {}

  package var isCut: Bool { state.withLock { $0.isCut } }

  /// Kills the borrower that lives, or will.
  package func cut() {
    state.withLock { state in
      state.isCut = true
      if let pid = state.pid { kill(pid, SIGKILL) }
    }
  }

  func hold(_ pid: Int32) {
    state.withLock { state in
      state.pid = pid
      if state.isCut { kill(pid, SIGKILL) }
    }
  }

  /// To be called in front of the wait that frees the number.
  func letGo() { state.withLock { $0.pid = nil } }
}
