import CNcurses
import Canvas
import Testing

@testable import Terminal

/// What a terminfo entry can show of a style, and how its terminal erases.
struct TerminalKind: Sendable, CustomTestStringConvertible {
  let type: String
  var colors = 256
  var attributes: Style.Attributes = [.bold, .dim, .reverse, .underline, .italic]
  /// What cannot stand together with colour (`ncv`).
  var lostInColor: Style.Attributes = []
  var erasesInColor = false
  /// The entry has no way to keep the last cell of the screen from scrolling it (`rmam`).
  var pushesCorner = false
  /// Takes 24 bits of a colour.
  var isDirect = false

  var testDescription: String {
    type + (isDirect ? ", direct colours" : "") + (erasesInColor ? ", erasing in colour" : "")
  }

  var abilities: TerminalAbilities {
    var abilities = TerminalAbilities.none
    abilities.hasDirectColor = isDirect
    return abilities
  }

  static let vt100 = TerminalKind(
    type: "vt100", colors: 0, attributes: [.bold, .reverse, .underline])
  static let xterm = TerminalKind(type: "xterm-256color", erasesInColor: true)

  /// Entries without `bce` promise nothing about the colour of erased cells, so both must do.
  static let all: [TerminalKind] = [
    xterm,
    TerminalKind(type: "xterm-256color", colors: 1 << 24, erasesInColor: true, isDirect: true),
    TerminalKind(type: "tmux-256color", pushesCorner: true),
    TerminalKind(type: "tmux-256color", erasesInColor: true, pushesCorner: true),
    TerminalKind(
      type: "screen", colors: 8, attributes: [.bold, .dim, .reverse, .underline],
      pushesCorner: true),
    TerminalKind(
      type: "linux", colors: 8, attributes: [.bold, .dim, .reverse, .underline],
      lostInColor: [.dim, .underline], erasesInColor: true),
    vt100,
  ]

  /// The cell as this terminal can show it at its best.
  func shown(_ frame: Frame, _ row: Int, _ column: Int) -> VirtualTerminal.Shown {
    var cell = frame[row, column]
    if Self.isUnknown(cell.glyph) { cell.glyph = "\u{FFFD}" }
    if cell.isContinuation, Self.isUnknown(frame[row, column - 1].glyph) {
      cell.isContinuation = false
    }
    let last = frame.size.columns - 1
    if pushesCorner, row == frame.size.rows - 1 {
      if last == 0 { cell = .blank }
      if last > 0, frame[row, last - 1].isContinuation, (last - 2..<last).contains(column) {
        cell.glyph = "\u{FFFD}"
        cell.isContinuation = false
      }
    }
    return shown(cell)
  }

  /// The C library has not heard of this glyph yet, or counts other columns; a mark stands for it.
  private static func isUnknown(_ glyph: Character) -> Bool {
    guard let scalar = glyph.unicodeScalars.first else { return true }
    return Int(cairn_scalar_width(scalar.value)) != columnWidth(of: scalar)
  }

  private func number(of color: Color) -> Int32 {
    guard isDirect, case .rgb(let red, let green, let blue) = color else {
      return ColorMap(count: colors).index(of: color)
    }
    return 1 << 24 | Int32(red) << 16 | Int32(green) << 8 | Int32(blue)
  }

  private func shown(_ cell: Cell) -> VirtualTerminal.Shown {
    var shown = VirtualTerminal.Shown(
      glyph: cell.glyph, foreground: number(of: cell.style.foreground),
      background: number(of: cell.style.background),
      attributes: cell.style.attributes.intersection(attributes),
      isContinuation: cell.isContinuation)
    let isColored = shown.foreground >= 0 || shown.background >= 0
    if isColored { shown.attributes.subtract(lostInColor) }
    return shown
  }
}

extension VirtualTerminal.Shown {
  /// Without what makes no difference to the eye in a blank cell.
  var visible: VirtualTerminal.Shown {
    guard glyph == " " || isContinuation else { return self }
    var cell = self
    cell.attributes.formIntersection([.reverse, .underline])
    if cell.attributes.isEmpty { cell.foreground = -1 }
    return cell
  }
}

/// Cells in which the terminal and the frame differ to the eye.
func differences(
  _ terminal: VirtualTerminal, _ frame: Frame, as kind: TerminalKind
) -> [String] {
  var found: [String] = []
  if kind.isDirect, !frame.fitsDirectColors { return [] }
  for row in 0..<frame.size.rows {
    for column in 0..<frame.size.columns {
      let wanted = kind.shown(frame, row, column).visible
      let actual = terminal[row, column].visible
      if wanted != actual { found.append("\(row),\(column): \(actual), wanted \(wanted)") }
    }
  }
  return found
}
