// What begins with ESC, or with its eight-bit forms.

extension HostileText {
  static var controlSequences: [HostileText] {
    all(.csi, csi) + all(.osc, osc) + all(.strings, strings) + all(.escapes, escapes) + c1 + rawC1
  }

  /// Erasing, moving, modes, reports, margins; then some that never end or hold too much.
  private static let csi: [String] =
    [
      "2J", "3J", "J", "1J", "K", "1K", "H", "10;10H", "999;999H", "999A", "999B", "999C", "999D",
      "5S", "5T", "3L", "3M", "9@", "9P", "9X", "100b", "r", "2;3r", "4h", "4l", "20h", "s", "u",
      "31m", "0m", "1;5;7;8m", "38;2;255;0;0m", "38:2::255:0:0m", "48;5;196m", "8m", "4:3m",
      "?1049h", "?1049l", "?47h", "?25l", "?25h", "?7l", "?6h", "?5h", "?3h", "?1000h", "?1002h",
      "?1006h", "?1004h", "?2004h", "?2004l", "?2026h", "?2026l", "?69h", "c", ">c", "=c", "5n",
      "6n", "?6n", "18t", "8;5;5t", "22;0t", "23;0t", "2t", "!p", "\"q", " q", "1$r", "?1$p",
      ">4;2m", "=1u", "<u", "I", "Z", "0g", "3g", "5i", "4i", "",
      "31", "31;", "?", "1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20", "\u{18}2J", "\u{1b}",
      "31\u{7}m", "99999999999999999999C", "-1C", "3\n1m", "é", "漢m",
    ].map { "a\u{1b}[\($0)z" }

  /// Title, palette, links, clipboard, notifications, images, marks of shells.
  private static let osc: [String] =
    [
      "0;owned", "1;icon", "2;owned", "4;1;rgb:ff/00/00", "4;1;?", "7;file://host/", "8;;http://x",
      "8;id=1;http://x", "9;notify", "9;4;1;50", "9;4;3", "10;?", "11;?", "11;#ff0000", "12;red",
      "13;?", "22;hand", "50;font", "52;c;ZXZpbA==", "52;p;?", "52;c;!", "104", "110", "112",
      "133;A", "133;D;0", "176;x", "633;A", "777;notify;a;b", "1337;File=inline=1:AAAA",
      "1337;SetMark", "1337;Copy=:ZXZpbA==", "1337;ClearScrollback", "99;i=1;x", "9999;x", ";", "",
      "P0ff0000", "R", "l;x", "L;x", "0;\u{202e}owned", "0;ti\ntle", "0;ti\u{18}tle",
      "0;ti\u{1b}[2Jtle",
    ].flatMap { ["a\u{1b}]\($0)\u{7}z", "a\u{1b}]\($0)\u{1b}\\z"] } + ["a\u{1b}]0;never ends"]

  /// DCS, APC, PM and SOS.
  private static let strings: [String] =
    [
      "P$qm", "P$q\"p", "P+q544e", "Pq#0;2;0;0;0#0~~$-", "P1000p", "P0;1|17/ab", "=1s",
      "Ptmux;\u{1b}\u{1b}[2J", "_Ga=T,f=24;AAAA", "_Gi=1;OK", "_x", "^private", "Xstring", "P", "_",
      "X", "^",
    ].flatMap { ["a\u{1b}\($0)\u{1b}\\z", "a\u{1b}\($0)z"] }

  private static let escapes: [String] =
    [
      "c", "7", "8", "D", "E", "H", "M", "N", "O", "Z", "=", ">", "#8", "#3", "(0", "(B", ")0",
      "*0",
      "%G", "%@", " F", "l", "m", "n", "o", "|", "}", "~", "\\", "[[A", "\u{1b}", "\u{1b}\u{1b}[2J",
      "", "\u{0}", "\u{7f}", "\u{9b}2J",
    ].map { "a\u{1b}\($0)z" }

  /// U+0080 to U+009F.
  private static let c1: [HostileText] = (0x80...0x9f).compactMap { value in
    Unicode.Scalar(value).map { HostileText(.c1, "a\($0)2Jz") }
  }

  /// The same as single bytes, as terminals without UTF-8 read them.
  private static let rawC1: [HostileText] = [
    [0x9b, 0x32, 0x4a], [0x9d, 0x30, 0x3b, 0x78, 0x9c], [0x90, 0x71, 0x9c], [0x9f, 0x47, 0x9c],
    [0x98, 0x78, 0x9c], [0x9e, 0x78, 0x9c], [0x84], [0x85], [0x88], [0x8d], [0x8e], [0x9a],
  ].map { HostileText(.rawC1, [0x61] + $0 + [0x7a]) }
}
