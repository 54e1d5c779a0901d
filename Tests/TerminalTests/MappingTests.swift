import Canvas
import Testing

@testable import Terminal

@Suite("Colours and types")
struct MappingTests {
  @Test(
    "a colour becomes the nearest that the terminal has",
    arguments: [
      (Color.standard, 256, -1), (.palette(9), 256, 9), (.palette(9), 8, 1), (.palette(3), 8, 3),
      (.rgb(0, 0, 0), 256, 16), (.rgb(255, 255, 255), 256, 231), (.rgb(255, 0, 0), 256, 196),
      (.rgb(0, 114, 178), 256, 25), (.rgb(128, 128, 128), 256, 244), (.rgb(8, 8, 8), 256, 232),
      (.rgb(250, 10, 10), 16, 9), (.rgb(200, 10, 10), 8, 1), (.rgb(255, 0, 0), 0, -1),
      (.palette(1), 0, -1),
    ] as [(Color, Int, Int32)])
  func nearest(color: Color, count: Int, index: Int32) {
    #expect(ColorMap(count: count).index(of: color) == index)
  }

  @Test(
    "24 bits of a colour go to those that announce them, but for GNU screen, which only hands that on",
    arguments: [
      ("xterm-256color", ["COLORTERM": "truecolor"], true), ("foot", ["COLORTERM": "24bit"], true),
      ("tmux-256color", ["COLORTERM": "truecolor", "TMUX": "/tmp/tmux-0/default,1,0"], true),
      ("xterm-256color", [:], false), ("xterm-256color", ["COLORTERM": "yes"], false),
      ("screen-256color", ["COLORTERM": "truecolor"], false),
      ("xterm-256color", ["COLORTERM": "truecolor", "STY": "1.pts-0"], false),
    ] as [(String, [String: String], Bool)])
  func direct(type: String, environment: [String: String], isDirect: Bool) {
    #expect(
      TerminalAbilities(type: type, environment: environment).hasDirectColor == isDirect)
  }

  @Test(
    "modern types fall back to what they are like, others to what all understand",
    arguments: [
      ("xterm-256color", ["xterm-256color", "vt100"]),
      ("xterm-kitty", ["xterm-kitty", "xterm-256color", "vt100"]),
      ("foot-extra", ["foot-extra", "xterm-256color", "vt100"]),
      ("tmux-256color", ["tmux-256color", "xterm-256color", "vt100"]),
      ("footprint", ["footprint", "vt100"]), ("vt220", ["vt220", "vt100"]), ("vt100", ["vt100"]),
      ("", ["vt100"]), ("dumb", []), ("unknown", []),
    ])
  func candidates(name: String, names: [String]) {
    #expect(TerminalType(name: name).candidates == names)
  }
}
