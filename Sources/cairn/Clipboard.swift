import Dashboard
import Foundation
import Terminal

/// Where copied text goes: a command of the person's, tmux, or the terminal by OSC 52.
struct Clipboard: Sendable {
  enum Way: Sendable, Equatable {
    /// Of `--copy` or `CAIRN_COPY`; it gets the text on its standard input.
    case command(String)
    case tmux
    case terminal
  }

  let way: Way

  init(asked: String?, environment: [String: String]) {
    let own = asked ?? environment["CAIRN_COPY"] ?? ""
    way =
      if !own.allSatisfy(\.isWhitespace) {
        .command(own)
      } else if environment["TMUX"]?.isEmpty == false {
        .tmux
      } else {
        .terminal
      }
  }

  /// For a shell; nil is the terminal's own way.
  var command: String? {
    switch way {
    case .command(let own): own
    case .tmux: "tmux load-buffer -w -"
    case .terminal: nil
    }
  }

  /// The text as far as a terminal takes it, cut behind a whole line if possible.
  static func cut(_ text: String) -> String {
    let limit = TerminalNote.clipboardLimit
    guard text.utf8.count > limit else { return text }
    if let end = text.utf8.prefix(limit).lastIndex(of: UInt8(ascii: "\n")) {
      return String(text[..<end])
    }
    var room = limit
    return String(
      text.prefix { character in
        room -= character.utf8.count
        return room >= 0
      })
  }

  /// As in `copied 3 lines, 214 bytes`.
  static func words(_ copied: String, of text: String) -> String {
    let lines = copied.split(separator: "\n", omittingEmptySubsequences: false).count
    let size = "\(lines == 1 ? "1 line" : "\(lines) lines"), \(copied.utf8.count) bytes"
    guard copied.utf8.count < text.utf8.count else { return "copied \(size)" }
    return "copied the first \(size) of \(text.utf8.count)"
  }

  /// Gives the text to a command; blocks until it has ended.
  ///
  /// - Returns: Whether it took the text.
  static func give(_ text: String, to command: String) -> Bool {
    // Nothing of what it says may land in the picture.
    guard let pipe = popen("{ \(command)\n} >/dev/null 2>&1", "we") else { return false }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, pipe)
    return pclose(pipe) == 0 && written == bytes.count
  }
}

extension Screen {
  func copy(_ text: String) {
    let clipboard = Clipboard(
      asked: look.copy, environment: ProcessInfo.processInfo.environment)
    guard let command = clipboard.command else { return copyByTerminal(text) }
    Thread.detachNewThread {
      let isDone = Clipboard.give(text, to: command)
      Task { await self.tell(isDone, text, command) }
    }
  }

  private func tell(_ isDone: Bool, _ text: String, _ command: String) {
    let words =
      isDone
      ? "\(Clipboard.words(text, of: text)), by \(command)"
      : "nothing was copied: \(command) failed"
    apply(.told(words), isUrgent: true)
  }

  private func copyByTerminal(_ text: String) {
    let part = Clipboard.cut(text)
    let isTold = loop.tell(.clipboard(Array(part.utf8)))
    apply(
      .told(
        isTold
          ? "\(Clipboard.words(part, of: text)), by the terminal (OSC 52)"
          : "nothing was copied: this terminal has no clipboard; --copy names a command"),
      isUrgent: true)
  }
}
