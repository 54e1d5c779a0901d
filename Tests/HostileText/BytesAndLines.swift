// Single control characters, bytes that are no text, and lines of every length.

extension HostileText {
  static var bytesAndLines: [HostileText] { controls + invalid + lines + all(.mixture, mixtures) }

  private static let controls: [HostileText] = (Array(0x00...0x1f) + [0x7f]).map {
    HostileText(.controls, [0x61, 0x62, $0, 0x63, 0x64])
  }

  /// Stray, overlong, too large, surrogates, cut off, and what is no character.
  private static let invalid: [HostileText] = [
    [0x80], [0xbf], [0xff], [0xfe], [0xc0, 0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xe0, 0x80, 0x80],
    [0xe0, 0x80, 0xaf], [0xe0, 0x9f, 0xbf], [0xf0, 0x80, 0x80, 0xaf], [0xf0, 0x8f, 0xbf, 0xbf],
    [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80], [0xe6, 0x97], [0xe6], [0xf0, 0x9f, 0x98], [0xf0, 0x9f],
    [0xc3], [0xc3, 0x28], [0xe2, 0x28, 0xa1], [0xc0, 0x9b, 0x32, 0x4a], [0xe0, 0x80, 0x9b],
    [0xef, 0xbf, 0xbe], [0xef, 0xbf, 0xbf], [0xf4, 0x8f, 0xbf, 0xbf], [0xee, 0x80, 0x80],
    [0xf3, 0xb0, 0x80, 0x80], [0xef, 0xb7, 0x90], [0xef, 0xbf, 0xbd],
  ].map { HostileText(.invalidUTF8, [0x61] + $0 + [0x7a]) }

  private static let lines: [HostileText] =
    all(
      .lines,
      [
        "", " ", "   ", "\n", "\r", "\r\n", "a\nb", "a\r\nb\r\n", "10%\r20%\r100%", "a\rb", "abc\r",
        "a\u{8}b", "a\u{8}\u{8}\u{8}\u{8}\u{8}b", "n\u{8}na\u{8}am\u{8}me\u{8}e", "_\u{8}x", "\t",
        "a\tb\tc", "\t\t\t\t\t\t\t\t\t\t\t\tx", "a\u{b}b", "a\u{c}b", "a\u{85}b",
        "a\u{2028}b\u{2029}c",
        "\u{0}\u{0}\u{0}", "a\u{0}b", "\u{7}\u{7}\u{7}", "a   ", "   a",
      ])
    + [
      HostileText(.lines, String(repeating: "\n", count: 300)),
      HostileText(.lines, String(repeating: "x", count: 3_000)),
      HostileText(.lines, String(repeating: "漢", count: 1_300)),
      HostileText(.lines, String(repeating: "\u{1b}[31m", count: 500) + "x"),
      HostileText(.lines, "\u{1b}]0;" + String(repeating: "t", count: 3_000)),
      HostileText(.lines, String(repeating: "a\r", count: 1_000)),
      HostileText(.lines, [UInt8](repeating: 0xff, count: 1_000)),
    ]

  private static let mixtures: [String] = [
    "%s%n%x", "\\x1b[2J", "$(reboot)", "`id`", "'; rm -rf /", "<script>", "{{7*7}}", "\"", "\\",
    "a\u{202e}\u{1b}[31mb\u{200b}漢\u{301}\u{9b}2J👩‍💻\tc", "\u{1b}[1;31m\u{1b}]0;x\u{7}ok\u{1b}[0m",
    "[12/34] 56% \u{1b}]9;4;1;56\u{7}", "...", "-", "--help", "name[k=v]", "a/b", "│ fake │",
    "╭─ fake ─╮",
  ]
}
