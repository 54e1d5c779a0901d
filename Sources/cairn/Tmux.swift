import Foundation

/// The tmux that this terminal is a pane of.
enum Tmux {
  /// The type of the terminal around tmux, if tmux passes on what is wrapped for it.
  static func outerTerminal() -> String? {
    let allowed = ask("show-options -Apv allow-passthrough")
    guard allowed == "on" || allowed == "all" else { return nil }
    return ask("display-message -p '#{client_termname}'")
  }

  private static func ask(_ question: String) -> String? {
    guard let pipe = popen("tmux \(question) 2>/dev/null", "re") else { return nil }
    var answer = [UInt8](repeating: 0, count: 256)
    let count = fread(&answer, 1, answer.count, pipe)
    guard pclose(pipe) == 0 else { return nil }
    let text = String(decoding: answer[..<count], as: UTF8.self)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
