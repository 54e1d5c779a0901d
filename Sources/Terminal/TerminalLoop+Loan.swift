import Canvas
import CNcurses
import Glibc
import Synchronization

/// A program that has the terminal for a while.
package struct TerminalLoan: Sendable {
  package enum Turn: Sendable, Equatable {
    /// By ^Z; the terminal is ours until it goes on.
    case stopped
    /// With its exit code, or 128 and its signal.
    case ended(Int32)
  }

  private let program: pid_t

  fileprivate init(_ program: pid_t) { self.program = program }

  /// Blocks until the program is stopped or has ended; to be called on a thread that may wait.
  package func wait() -> Turn {
    var status: Int32 = 0
    return cairn_loan_wait(program, &status) == 1 ? .stopped : .ended(status)
  }

  /// Asks the program to end; with `force` it does.
  package func end(force: Bool = false) { cairn_loan_end(program, force ? 1 : 0) }

  fileprivate func goOn(_ terminal: Int32) { cairn_loan_continue(terminal, program) }
}

// To be called on the loop's thread, all of it.
extension TerminalLoop {
  /// Leaves the terminal to a program, in the foreground, in a process group of its own.
  ///
  /// The loop goes on with signals and jobs; nothing is drawn and no key is read until `takeBack()`.
  ///
  /// - Parameter command: A path and arguments; the environment is ours.
  /// - Returns: What to wait for.
  /// - Throws: `TerminalProblem`; the terminal is then ours again.
  package func lend(to command: [String]) throws(TerminalProblem) -> TerminalLoan {
    guard let terminal = descriptor else { throw .noTerminal }
    state.withLock { state in
      state.isLent = true
      state.screen?.leave()
    }
    var program: pid_t = 0
    let arguments = command.map { strdup($0) } + [nil]
    let code = cairn_loan_start(terminal, arguments, &program)
    for argument in arguments { free(argument) }
    guard code == 0 else {
      takeBack()
      throw .system(call: "fork", code: code)
    }
    return TerminalLoan(program)
  }

  /// Takes the terminal again; `resumed` is delivered.
  package func takeBack() {
    guard let terminal = descriptor else { return }
    cairn_loan_take_back(terminal)
    let (size, isGone) = state.withLock { state in
      state.isLent = false
      state.screen?.enterAfterLoan()
      return (state.screen?.traits.size, state.screen?.device.isGone == true)
    }
    if isGone { return deliver(.hangup) }
    if let size { deliver(.resumed(size)) }
  }

  /// Stops this job together with the program, which was stopped by ^Z; both go on together.
  package func suspend(with loan: TerminalLoan) {
    guard let terminal = descriptor else { return }
    cairn_loan_take_back(terminal)
    cairn_guard_stop()
    let numbers = signals.take()
    loan.goOn(terminal)
    deliver(numbers)
  }

  private var descriptor: Int32? { state.withLock { $0.screen?.device.descriptor } }
}
