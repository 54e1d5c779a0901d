import Canvas
import Testing

@testable import Terminal

@Suite("Control strings")
struct ControlStringTests {
  static func bytes(
    _ note: TerminalNote, type: String = "xterm-256color", _ environment: [String: String] = [:],
    isUnicode: Bool = true
  ) -> String? {
    var abilities = TerminalAbilities(type: type, environment: environment)
    abilities.isUnicode = isUnicode
    return ControlString.bytes(of: note, abilities, before: .off).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(
    "base64 is that of the RFC",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64(text: String, expected: String) {
    #expect(Base64.text(Array(text.utf8)) == expected)
  }

  @Test("each note is what its terminal understands, and nothing where it does not")
  func notes() {
    #expect(Self.bytes(.title("a 1/2")) == "\u{1b}]2;a 1/2\u{7}")
    #expect(Self.bytes(.clipboard(Array("foo".utf8))) == "\u{1b}]52;c;Zm9v\u{7}")
    #expect(Self.bytes(.bell) == "\u{7}")
    let progress = TerminalNote.progress(TaskbarProgress(.failed, percent: 140))
    #expect(Self.bytes(progress) == nil, "an unknown terminal may take it for a notification")
    #expect(Self.bytes(progress, ["WT_SESSION": "x"]) == "\u{1b}]9;4;2;100\u{7}")
    #expect(Self.bytes(.progress(nil), ["WT_SESSION": "x"]) == "\u{1b}]9;4;0;0\u{7}")
    let notice = TerminalNote.notification(title: "cairn; a", body: "b; failed")
    #expect(Self.bytes(notice) == "\u{7}")
    #expect(Self.bytes(notice, type: "xterm-kitty") == "\u{7}\u{1b}]9;cairn; a: b; failed\u{7}")
    #expect(Self.bytes(notice, type: "foot") == "\u{7}\u{1b}]777;notify;cairn, a;b, failed\u{7}")
  }

  @Test(
    "the console, a dumb terminal and screen get the bell at most", arguments: ["linux", "vt100"])
  func plain(type: String) {
    #expect(Self.bytes(.title("a"), type: type) == nil)
    #expect(Self.bytes(.clipboard([65]), type: type) == nil)
    #expect(Self.bytes(.notification(title: "a", body: "b"), type: type) == "\u{7}")
    #expect(Self.bytes(.bell, type: "dumb") == nil)
    #expect(Self.bytes(.mouse(.full), type: "dumb") == nil)
    #expect(Self.bytes(.title("a"), type: "screen", ["STY": "1.pts"]) == nil)
  }

  @Test("inside tmux a notification is wrapped, with its escapes doubled")
  func tmux() {
    var abilities = TerminalAbilities(type: "tmux-256color", environment: ["TMUX": "/tmp/x,1,0"])
    #expect(abilities.notification == .bell, "unless tmux was asked")
    abilities.notification = .osc9
    let bytes = ControlString.bytes(
      of: .notification(title: "a", body: "b"), abilities, before: .off)
    #expect(
      bytes.map { String(decoding: $0, as: UTF8.self) }
        == "\u{7}\u{1b}Ptmux;\u{1b}\u{1b}]9;a: b\u{7}\u{1b}\\")
  }

  static let texts = [
    "a\u{7}b", "a\u{1b}\\b", "a\u{1b}]52;c;AAAA\u{7}", "a\u{9c}b", "a\u{9d}0;x\u{9c}", "a\nb\r\n",
    "\u{202E}evil", "a\u{0}b", String(repeating: "x", count: 10_000), "\u{18}\u{1a}", "a\u{200b}b",
  ]

  @Test("no text breaks out of its string", arguments: texts)
  func hostile(text: String) throws {
    let notes: [TerminalNote] = [.title(text), .notification(title: text, body: text)]
    for note in notes {
      for (type, isUnicode) in [("foot", true), ("xterm-kitty", true), ("xterm-kitty", false)] {
        let bytes = try #require(Self.bytes(note, type: type, isUnicode: isUnicode))
        var rest = bytes.drop { $0 == "\u{7}" }
        #expect(rest.removeFirst() == "\u{1b}")
        #expect(rest.removeFirst() == "]")
        #expect(rest.removeLast() == "\u{7}")
        #expect(rest.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
        #expect(rest.unicodeScalars.allSatisfy { !(0x80...0x9f).contains($0.value) })
        #expect(rest.count < 400)
        #expect(isUnicode || rest.utf8.allSatisfy { $0 < 0x80 })
      }
    }
  }
}
