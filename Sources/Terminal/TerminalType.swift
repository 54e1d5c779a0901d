/// The terminfo entries to try, best first.
///
/// Minimal systems carry only the oldest entries, and a session over ssh brings a name of its own
/// time. All of the modern ones understand what xterm-256color says.
struct TerminalType: Sendable, Equatable {
  private static let modern: Set<String> = [
    "alacritty", "contour", "eterm-color", "foot", "ghostty", "iterm2", "kitty", "konsole",
    "mlterm", "ms-terminal", "nsterm", "putty", "rio", "rxvt", "screen", "st", "terminology",
    "tmux", "vscode", "vte", "warp", "wezterm", "xterm",
  ]

  var name: String

  /// - Returns: At most three names; empty when the terminal cannot be drawn on at all.
  var candidates: [String] {
    guard name != "dumb", name != "unknown" else { return [] }
    guard !name.isEmpty else { return ["vt100"] }
    var names = [name]
    if isModern { names.append("xterm-256color") }
    names.append("vt100")
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var isModern: Bool {
    let stem = name.hasPrefix("xterm-") ? "xterm" : name
    return Self.modern.contains { stem == $0 || stem.hasPrefix("\($0)-") }
  }
}
