import Canvas
import Planning

extension Keymap {
  static let replay: [Binding] = [
    Binding(
      .replay, [.character(" ")], .replay(.togglePlay), "play",
      "Play or pause the replay; at its end, from the beginning"),
    Binding(.replay, [.character(">")], .replay(.faster), "faster", "Faster: 1, 2, 5, 10, 60, max"),
    Binding(.replay, [.character("<")], .replay(.slower), "", "Slower"),
    Binding(.replay, [.character(".")], .replay(.step(1)), "step", "One fact on, and pause"),
    Binding(.replay, [.character(",")], .replay(.step(-1)), "", "One fact back, and pause"),
    Binding(
      .replay, [.character(")")], .replay(.nextFailure), "failure",
      "On to the next failed attempt, and pause"),
    Binding(
      .replay, [.character("(")], .replay(.previousFailure), "",
      "Back to the failed attempt before, and pause"),
    Binding(
      .replay, [.character("]")], .replay(.slide(0.05)), "", "A twentieth of the run on"),
    Binding(
      .replay, [.character("[")], .replay(.slide(-0.05)), "", "A twentieth of the run back"),
    Binding(.replay, [.character("@")], .seek, "go to", "Go to a time of the run"),
    Binding(
      .replay, [.character("0"), .escape], .homeRun, "back",
      "Back to the run for which the screen was opened",
      when: { $0.isAway && $0.filter.isEmpty && !$0.isZoomed }),
  ]

  static let history: [Binding] = [
    Binding(
      .main, [.character("{")], .olderRun, "", "The project's run before this one, to replay",
      when: { $0.olderRun != nil }),
    Binding(
      .main, [.character("}")], .newerRun, "", "The project's run behind this one",
      when: { $0.newerRun != nil }),
  ]

  static let timeline: [Binding] = [
    Binding(
      .timeline, [.character("w")], .timeline(.toggleRows), "rows",
      "One row a task, or one a worker slot"),
    Binding(
      .timeline, [.character("+")], .timeline(.zoomIn), "zoom in", "Half as much time on the screen"
    ),
    Binding(
      .timeline, [.character("-")], .timeline(.zoomOut), "", "Twice as much time on the screen"),
    Binding(
      .timeline, [.character("=")], .timeline(.whole), "", "The whole run and what is expected"),
    Binding(.timeline, [.left, .character("h")], .timeline(.earlier), "", "Earlier"),
    Binding(.timeline, [.right, .character("l")], .timeline(.later), "", "Later"),
    Binding(
      .timeline, [.character("f")], .timeline(.followNow), "", "Keep the present in view"),
  ]
}
