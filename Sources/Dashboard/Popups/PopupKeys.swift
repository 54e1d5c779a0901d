import Canvas

extension Keymap {
  /// Bindings of the popups; the main screen's are in `Keymap+Main.swift`.
  static let popups: [Binding] =
    details + output + outputPane + help + asking
    + scrolling(.autonomy) + decision

  private static let details: [Binding] =
    [
      Binding(.details, [.escape, .character("q")], .close, "close", "Close this window"),
      Binding(
        .details, [.enter], .accept, "", "Go to the dependency, open the attempt's output, or close"
      ),
      Binding(
        .details, [.tab, .right, .character("l")], .nextTab, "tab", "Next tab"),
      Binding(.details, [.backTab, .left, .character("h")], .previousTab, "", "Previous tab"),
      Binding(.details, [.character("1")], .tab(0), "", "Overview"),
      Binding(.details, [.character("2")], .tab(1), "", "Output"),
      Binding(.details, [.character("3")], .tab(2), "", "Dependencies"),
      Binding(.details, [.character("4")], .tab(3), "", "Environment"),
      Binding(.details, [.character("5")], .tab(4), "", "History"),
      Binding(.details, [.character("]")], .nextSibling, "next", "The task below in the list"),
      Binding(.details, [.character("[")], .previousSibling, "", "The task above in the list"),
      Binding(
        .details, [.character("/")], .search, "",
        "Search the output, capitals count if there are any"),
      Binding(
        .details, [.character("y")], .copy, "copy",
        "Copy the name and command, on the output tab the selected or visible lines"),
    ] + scrolling(.details) + log(.details)

  private static let output: [Binding] =
    [
      Binding(
        .output, [.escape, .character("q"), .character("o")], .close, "close", "Close the output"),
      Binding(
        .output, [.character("/")], .search, "search",
        "Search, capitals count if there are any; n and N go on"),
      Binding(
        .output, [.tab], .nextStream, "", "Output, verification or prompt of the same attempt"),
      Binding(.output, [.character("]")], .nextSibling, "", "Output of the next task in the list"),
      Binding(
        .output, [.character("[")], .previousSibling, "", "Output of the previous task in the list"),
      Binding(.output, [.left, .character("h")], .left, "", "Towards the beginning of long lines"),
      Binding(.output, [.right, .character("l")], .right, "", "Towards the end of long lines"),
      Binding(.output, [.character("?")], .help, "help", "All keys"),
      Binding(
        .output, [.character("y")], .copy, "copy",
        "Copy the lines selected with the mouse, or those that show"),
    ] + log(.output) + scrolling(.output)

  private static let outputPane: [Binding] =
    [
      Binding(
        .outputPane, [.character("/")], .search, "search",
        "Search, capitals count if there are any; n and N go on"),
      Binding(
        .outputPane, [.left, .character("h")], .left, "", "Towards the beginning of long lines"),
      Binding(
        .outputPane, [.right, .character("l")], .right, "", "Towards the end of long lines"),
    ] + log(.outputPane).filter { $0.action != .nextTimes } + scrolling(.outputPane)

  private static let help: [Binding] =
    [
      Binding(
        .help, [.escape, .character("q"), .character("?")], .close, "close", "Close the help"),
      Binding(.help, [.character("/")], .search, "search", "Search the keys"),
      Binding(.help, [.tab], .nextTab, "all", "Keys of here, or all keys"),
    ] + scrolling(.help)

  private static let decision: [Binding] =
    [
      Binding(
        .decision, [.character("y")], .approve, "approve", "Give it leave", when: \.mayApprove),
      Binding(
        .decision, [.character("n")], .reject, "reject", "Refuse: the task fails",
        when: \.mayApprove),
      Binding(
        .decision, [.character("e")], .tell, "tell it",
        "Say what an agent should do otherwise; it tries again", when: \.mayTell),
      Binding(
        .decision, [.enter], .accept, "answer", "Type an answer",
        when: \.mayAnswer),
      Binding(
        .decision, [.tab], .nextStream, "",
        "What it changed, its output, its verification, its prompt"),
      Binding(
        .decision, [.escape, .character("q")], .close, "later", "Decide later; the task waits"),
      Binding(
        .decision, [.left, .character("h")], .left, "", "Towards the beginning of long lines"),
      Binding(.decision, [.right, .character("l")], .right, "", "Towards the end of long lines"),
    ] + scrolling(.decision)

  private static let asking: [Binding] = [
    Binding(.signals, [.enter], .accept, "send", "Send the signal to all processes of the task"),
    Binding(.signals, [.escape, .character("q")], .close, "cancel", "Send nothing"),
    Binding(.signals, [.up, .character("k")], .up, "", "Up"),
    Binding(.signals, [.down, .character("j")], .down, "", "Down"),
    Binding(.signals, [.character("g"), .home], .top, "", "First signal"),
    Binding(.signals, [.character("G"), .end], .bottom, "", "Last signal"),
    Binding(
      .quit, [.character("s")], .leave(.stop), "stop all and quit", "Stop all tasks and leave"),
    Binding(
      .quit, [.character("d")], .leave(.goOn), "detach",
      "Leave the screen; the run goes on"),
    Binding(.quit, [.escape, .character("q")], .close, "stay", "Go on watching"),
    Binding(
      .workspace, [.escape, .character("q"), .character("w")], .close, "close",
      "Close this window"),
    Binding(.workspace, [.up, .character("k")], .up, "", "Up"),
    Binding(.workspace, [.down, .character("j")], .down, "", "Down"),
    Binding(.workspace, [.character("g"), .home], .top, "", "The largest"),
    Binding(.workspace, [.character("G"), .end], .bottom, "", "The smallest"),
    Binding(
      .autonomy, [.escape, .character("q"), .character("A")], .close, "close",
      "Close this window"),
    Binding(.themes, [.enter], .accept, "keep", "Keep the theme for this session"),
    Binding(
      .themes, [.escape, .character("q")], .close, "back", "Go back to the theme from before"),
    Binding(.themes, [.up, .character("k")], .up, "", "Up"),
    Binding(.themes, [.down, .character("j")], .down, "", "Down"),
    Binding(.themes, [.character("g"), .home], .top, "", "First theme"),
    Binding(.themes, [.character("G"), .end], .bottom, "", "Last theme"),
    Binding(.palette, [.enter], .accept, "do", "Do it"),
    Binding(.palette, [.tab], .complete, "complete", "End the word"),
    Binding(.palette, [.escape], .close, "close", "Do nothing"),
    Binding(.palette, [.up], .up, "", "Up"),
    Binding(.palette, [.down], .down, "", "Down"),
    Binding(.palette, [.control("b"), .pageUp], .pageUp, "", "A page up"),
    Binding(.palette, [.control("f"), .pageDown], .pageDown, "", "A page down"),
    Binding(.confirm, [.character("y"), .enter], .accept, "yes", "Do it"),
    Binding(.confirm, [.escape, .character("q"), .character("n")], .close, "no", "Do nothing"),
    Binding(.seek, [.enter], .accept, "go", "Go there"),
    Binding(.seek, [.escape], .close, "cancel", "Stay"),
    Binding(.answer, [.enter], .accept, "send", "Send what was typed"),
    Binding(.answer, [.escape], .close, "back", "Send nothing"),
  ]

  private static func scrolling(_ context: KeyContext) -> [Binding] {
    [
      Binding(context, [.up, .character("k")], .up, "", "Up"),
      Binding(context, [.down, .character("j")], .down, "", "Down"),
      Binding(context, [.control("b"), .pageUp], .pageUp, "", "A page up"),
      Binding(
        context, [.control("f"), .pageDown] + (context == .output ? [.character(" ")] : []),
        .pageDown, "", "A page down"),
      Binding(context, [.control("u")], .halfPageUp, "", "Half a page up"),
      Binding(context, [.control("d")], .halfPageDown, "", "Half a page down"),
      Binding(context, [.character("g"), .home], .top, "", "The beginning"),
      Binding(context, [.character("G"), .end], .bottom, "", "The end"),
    ]
  }

  private static func log(_ context: KeyContext) -> [Binding] {
    [
      Binding(context, [.character("n")], .nextMatch, "", "Next match of the search"),
      Binding(context, [.character("N")], .previousMatch, "", "Previous match of the search"),
      Binding(
        context, [.character("f")], .follow, "follow", "Stay at the end of the output, or stop"),
      Binding(context, [.character("w")], .toggleWrap, "wrap", "Wrap long lines, or cut them"),
      Binding(
        context, [.character("C")], .toggleColors, "",
        "Show the task's colours, or leave them out"),
      Binding(
        context, [.character("L")], .nextLevel, "",
        "All lines, or from info, from warnings, from errors on; lines without a level stay"),
      Binding(
        context, [.character("t")], .nextTimes, "",
        "Times at the beginning of lines: shown, dimmed, hidden"),
      Binding(
        context, [.character("|")], .openLog(.pager), "",
        "The log file in $PAGER (less): all that the task wrote, control characters too"),
      Binding(
        context, [.character("Y")], .openLog(.clipboard), "", "Copy the path of the log file"),
      Binding(
        context, [.character("E")], .openLog(.editor), "",
        "The log file in $EDITOR (vi), as it is"),
    ]
  }
}
