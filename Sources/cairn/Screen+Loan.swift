import Dashboard
import Foundation
import Model
import Terminal

// The person's pager or editor on the file of a log, and the way to it.
extension Screen {
  /// What a program that was asked to end may take.
  private static let patience = Duration.seconds(2)
  /// A shell's exit codes from here on say that the program did not run, or died of a signal.
  private static let firstFailure: Int32 = 126

  func open(_ log: LogReference, with viewer: LogViewer) {
    Task {
      switch await source.place(of: log) {
      case .nowhere(let reason): apply(.told("no file to open: \(reason)"), isUrgent: true)
      case .file(let path):
        guard let command = viewer.command else { return copy(path) }
        await lend(to: command, path)
      }
    }
  }

  /// Facts are folded meanwhile, signals obeyed; the run knows nothing of it.
  private func lend(to command: String, _ path: String) async {
    guard loan == nil, departure == nil else { return }
    do {
      let loan = try loop.lend(to: ["/bin/sh", "-c", "\(command) \"$1\"", "cairn", path])
      self.loan = loan
      let code = await end(of: loan)
      self.loan = nil
      loop.takeBack()
      if code >= Self.firstFailure {
        apply(.told("\(command): \(Self.words(code))"), isUrgent: true)
      }
      settleDeparture()
    } catch {
      apply(.told("\(command): \(error)"), isUrgent: true)
    }
  }

  private static func words(_ code: Int32) -> String {
    switch code {
    case 126: "cannot be run"
    case 127: "not found"
    default: "ended by signal \(code - 128)"
    }
  }

  private func end(of loan: TerminalLoan) async -> Int32 {
    while true {
      switch await Self.turn(of: loan) {
      case .stopped: loop.suspend(with: loan)
      case .ended(let code): return code
      }
    }
  }

  private static func turn(of loan: TerminalLoan) async -> TerminalLoan.Turn {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: loan.wait()) }
    }
  }

  /// Asks the program to end, and sees to it.
  func end(_ loan: TerminalLoan) {
    loan.end()
    Task {
      try? await Task.sleep(for: Self.patience)
      if self.loan != nil { loan.end(force: true) }
    }
  }
}

extension LogViewer {
  /// The person's program, as a shell reads it; none is needed for a path.
  fileprivate var command: String? {
    guard self != .clipboard else { return nil }
    let (variable, standard) = self == .pager ? ("PAGER", "less") : ("EDITOR", "vi")
    let own = ProcessInfo.processInfo.environment[variable] ?? ""
    return own.allSatisfy(\.isWhitespace) ? standard : own
  }
}
