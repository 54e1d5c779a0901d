package import Canvas
import CNcurses
import Glibc

/// What a dashboard would find here; nothing is drawn and no mode of the tty changes.
package struct TerminalSurvey: Sendable, Equatable {
  /// Standard input and output are terminals.
  package var isTerminal: Bool
  /// `TERM`.
  package var type: String
  /// The terminfo entry that would be used; nil if none is known.
  package var known: String?
  package var colors: Int
  /// nil without a terminal, or where the kernel knows none.
  package var size: Size?
  package var isUnicode: Bool

  /// Whether the locale writes more than ASCII; nothing of the terminal is asked.
  package static var isLocaleUnicode: Bool { cairn_locale_open() == 1 }

  private static let trial = Size(columns: 80, rows: 24)

  /// For a process that opens no terminal.
  package static func take() -> TerminalSurvey {
    let type = getenv("TERM").map { String(cString: $0) } ?? ""
    var colors: Int32 = 0
    let known = TerminalType(name: type).candidates.first {
      cairn_screen_open($0, Int32(trial.rows), Int32(trial.columns), &colors) == 0
    }
    if known != nil { cairn_screen_close() }
    let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    return TerminalSurvey(
      isTerminal: isTerminal, type: type, known: known, colors: Int(colors),
      size: isTerminal ? TerminalDevice.size(of: STDOUT_FILENO) : nil,
      isUnicode: isLocaleUnicode)
  }
}
