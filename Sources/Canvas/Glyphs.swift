/// The vocabulary of signs, the same in the list, lanes, events and plain lines.
///
/// Every sign is one column wide. The ASCII set is for terminals and locales without more.
package struct Glyphs: Sendable, Equatable {
  package var isASCII: Bool
  package var done: Character
  package var running: Character
  package var paused: Character
  package var failed: Character
  package var ready: Character
  package var blocked: Character
  package var group: Character
  package var waiting: Character
  package var backoff: Character
  package var verifying: Character
  package var skipped: Character
  package var cancelled: Character
  package var held: Character
  package var warning: Character
  package var information: Character
  package var selection: Character
  package var mark: Character
  package var ascending: Character
  package var descending: Character
  package var folded: Character
  package var unfolded: Character
  package var critical: Character
  package var cut: Character
  package var tick: Character
  package var barFull: Character
  package var barEmpty: Character
  package var lineFull: Character
  package var lineEmpty: Character
  package var barStart: Character
  package var barEnd: Character
  /// From an eighth to a whole; one entry means no finer steps.
  package var eighths: [Character]
  package var spark: [Character]
  package var border: Border
  package var times: Character
  package var plusMinus: String
  package var dot: Character

  package struct Border: Sendable, Equatable {
    package var horizontal: Character
    package var vertical: Character
    package var topLeft: Character
    package var topRight: Character
    package var bottomLeft: Character
    package var bottomRight: Character
  }

  package static let unicode = Glyphs(
    isASCII: false, done: "✓", running: "●", paused: "‖", failed: "✗", ready: "○", blocked: "◌",
    group: "▤", waiting: "◆", backoff: "◷", verifying: "◍", skipped: "⊘", cancelled: "⊗",
    held: "◇", warning: "!", information: "·", selection: "›", mark: "■",
    ascending: "▲", descending: "▼", folded: "▸", unfolded: "▾",
    critical: "━", cut: "…", tick: "┊", barFull: "█", barEmpty: "░", lineFull: "━",
    lineEmpty: "·", barStart: "▕", barEnd: "▏",
    eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    border: Border(
      horizontal: "─", vertical: "│", topLeft: "╭", topRight: "╮", bottomLeft: "╰",
      bottomRight: "╯"),
    times: "×", plusMinus: "±", dot: "·")

  package static let ascii = Glyphs(
    isASCII: true, done: "+", running: "*", paused: "=", failed: "X", ready: "o", blocked: ".",
    group: "#", waiting: "?", backoff: "~", verifying: "%", skipped: "s", cancelled: "c",
    held: "h", warning: "!", information: "-", selection: ">", mark: "@",
    ascending: "^", descending: "v", folded: ">", unfolded: "v",
    critical: "=", cut: "~", tick: "!", barFull: "#", barEmpty: "-", lineFull: "#",
    lineEmpty: "-", barStart: "[", barEnd: "]", eighths: ["#"],
    spark: ["_", ".", "-", "=", "+", "*", "#"],
    border: Border(
      horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+",
      bottomRight: "+"),
    times: "x", plusMinus: "+-", dot: "-")

  /// Returns the sign of a box-drawing arm: which of the four neighbours a line leads to.
  package func line(_ arms: Arms, isHeavy: Bool = false) -> Character {
    if isASCII { return Self.asciiLines[Int(arms.rawValue)] }
    if isHeavy { return Self.heavyLines[Int(arms.rawValue)] }
    return Self.lightLines[Int(arms.rawValue)]
  }

  /// Returns the sign of arms, some of which are heavy; in ASCII, only a straight way tells.
  package func line(_ arms: Arms, heavy: Arms) -> Character {
    guard !isASCII else { return heavy == [.left, .right] ? critical : line(arms) }
    var (index, place) = (0, 1)
    for arm in [Arms.up, .right, .down, .left] {
      index += heavy.contains(arm) ? 2 * place : arms.contains(arm) ? place : 0
      place *= 3
    }
    return Self.mixedLines[index]
  }

  /// Arms of a line in one cell.
  package struct Arms: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let up = Arms(rawValue: 1)
    package static let right = Arms(rawValue: 2)
    package static let down = Arms(rawValue: 4)
    package static let left = Arms(rawValue: 8)
  }

  private static let lightLines = Array(" ╵╶└╷│┌├╴┘─┴┐┤┬┼")
  private static let heavyLines = Array(" ╹╺┗╻┃┏┣╸┛━┻┓┫┳╋")
  /// None, light or heavy for up, right, down and left: the digits of the index to the base of 3.
  private static let mixedLines = Array(
    " ╵╹╶└┖╺┕┗╷│╿┌├┞┍┝┡╻╽┃┎┟┠┏┢┣"
      + "╴┘┚─┴┸╼┶┺┐┤┦┬┼╀┮┾╄┒┧┨┰╁╂┲╆╊"
      + "╸┙┛╾┵┹━┷┻┑┥┩┭┽╃┯┿╇┓┪┫┱╅╉┳╈╋")
  private static let asciiLines = Array(" |-\\||/|-/-'\\|,|")
}

extension Frame {
  /// Replaces what a terminal without Unicode cannot show: names and output may hold anything.
  package mutating func restrictToASCII() {
    for row in 0..<size.rows {
      for column in 0..<size.columns where !self[row, column].glyph.isASCII {
        self[row, column].glyph = self[row, column].glyph == "·" ? "." : "?"
      }
    }
  }
}
