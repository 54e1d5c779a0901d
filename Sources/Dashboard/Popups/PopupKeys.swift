import Canvas

extension Keymap {
  /// Bindings of the popups; the main screen's are in `Keymap+Main.swift`.
  static let popups: [Binding] =
    closing + [
      Binding(.confirm, [.character("y"), .enter], .accept, "yes", "Do it"),
      Binding(.quit, [.character("s")], .leave(.stop), "stop all", "Stop all tasks and leave"),
    ]

  private static let closing: [Binding] = [
    Binding(.details, [.escape, .character("q"), .enter], .close, "close", "Close this window"),
    Binding(
      .output, [.escape, .character("q"), .character("o")], .close, "close", "Close the output"),
    Binding(.help, [.escape, .character("q"), .character("?")], .close, "close", "Close the help"),
    Binding(.signals, [.escape, .character("q")], .close, "cancel", "Send nothing"),
    Binding(.quit, [.escape, .character("q")], .close, "stay", "Go on watching"),
    Binding(.confirm, [.escape, .character("q"), .character("n")], .close, "no", "Do nothing"),
  ]
}
