import Testing

@testable import Canvas

@Suite("Input decoder")
struct InputDecoderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var keys: [Key]
    var testDescription: String { "\(String(decoding: bytes, as: UTF8.self).debugDescription)" }

    init(_ text: String, _ keys: Key...) {
      bytes = Array(text.utf8)
      self.keys = keys
    }

    init(_ bytes: [UInt8], _ keys: Key...) {
      self.bytes = bytes
      self.keys = keys
    }
  }

  static let cases: [Case] = [
    // Text.
    Case("a", .character("a")), Case("Q?", .character("Q"), .character("?")),
    Case(" ", .character(" ")), Case("é", .character("é")), Case("日", .character("日")),
    Case("🟢", .character("🟢")), Case([0x00]),
    // Not UTF-8: one replacement a wrong part, and the byte behind it counts.
    Case([0xff], .character("\u{FFFD}")),
    Case([0xc3, 0x41], .character("\u{FFFD}"), .character("A")),
    Case([0xe2, 0x82, 0x1b], .character("\u{FFFD}"), .escape),
    Case([0xed, 0xa0], .character("\u{FFFD}"), .character("\u{FFFD}")),
    Case([0xc0, 0xaf], .character("\u{FFFD}"), .character("\u{FFFD}")),
    Case([0xf4, 0x90], .character("\u{FFFD}"), .character("\u{FFFD}")), Case([0xc2, 0x9b]),
    // Controls.
    Case([0x03], .control("c")), Case([0x1a], .control("z")), Case([0x1d], .control("]")),
    Case([0x1c], .control("\\")), Case([0x1f], .control("_")), Case("\r", .enter),
    Case("\n", .enter), Case("\t", .tab), Case([0x7f], .backspace), Case([0x08], .backspace),
    // Cursor keys, in both modes, and with modifiers.
    Case("\u{1b}[A", .up), Case("\u{1b}OB", .down), Case("\u{1b}[1;5C", .right),
    Case("\u{1b}[D", .left), Case("\u{1b}[H", .home), Case("\u{1b}OF", .end),
    Case("\u{1b}[1~", .home), Case("\u{1b}[4~", .end), Case("\u{1b}[7~", .home),
    Case("\u{1b}[8~", .end), Case("\u{1b}[5~", .pageUp), Case("\u{1b}[6;5~", .pageDown),
    Case("\u{1b}[2~", .insert), Case("\u{1b}[3;2~", .delete), Case("\u{1b}[Z", .backTab),
    // Function keys.
    Case("\u{1b}OP", .function(1)), Case("\u{1b}[1;2S", .function(4)),
    Case("\u{1b}[15~", .function(5)), Case("\u{1b}[24~", .function(12)),
    Case("\u{1b}[34~", .function(20)), Case("\u{1b}[[A", .function(1)),
    Case("\u{1b}[[E", .function(5)), Case("\u{1b}[1;2R", .function(3)),
    // Keypad.
    Case("\u{1b}OM", .enter), Case("\u{1b}Op", .character("0")), Case("\u{1b}Ok", .character("+")),
    // Alt.
    Case("\u{1b}x", .alt("x")), Case("\u{1b}é", .alt("é")), Case("\u{1b}\r", .enter),
    Case("\u{1b}\u{1b}[A", .escape, .up),
    // Focus.
    Case("\u{1b}[I", .focus(true)), Case("\u{1b}[O", .focus(false)),
    // Keys by scalar.
    Case("\u{1b}[97;5u", .control("a")), Case("\u{1b}[97;2u", .character("A")),
    Case("\u{1b}[97;3u", .alt("a")), Case("\u{1b}[27u", .escape), Case("\u{1b}[13;5u", .enter),
    Case("\u{1b}[27;5;99~", .control("c")), Case("\u{1b}[9;2u", .backTab),
    Case("\u{1b}[57441u"), Case("\u{1b}[99999999999u"),
    // Paste.
    Case("\u{1b}[200~q\u{1b}[201~", .paste("q")),
    Case("\u{1b}[200~a\r\nb\u{1b}[Ac\u{3}\u{1b}[201~x", .paste("a\nb[Ac"), .character("x")),
    Case("\u{1b}[200~\u{1b}[201~", .paste("")),
    // The mouse: xterm's form, with modifiers, and the old one.
    Case("\u{1b}[<0;10;20Mx", .mouse(.press(.left), 19, 9), .character("x")),
    Case("\u{1b}[<0;10;20mx", .mouse(.release, 19, 9), .character("x")),
    Case("\u{1b}[<2;300;100M", .mouse(.press(.right), 99, 299)),
    Case("\u{1b}[<32;1;1M", .mouse(.drag(.left), 0, 0)),
    Case("\u{1b}[<64;5;6M", .mouse(.wheelUp, 5, 4)),
    Case("\u{1b}[<69;5;6M", .mouse(.wheelDown, 5, 4)),
    Case("\u{1b}[<16;5;6M", .mouse(.press(.left), 5, 4)),
    Case("\u{1b}[M !!x", .mouse(.press(.left), 0, 0), .character("x")),
    Case("\u{1b}[M#\"!", .mouse(.release, 0, 1)), Case("\u{1b}[Ma~~", .mouse(.wheelDown, 93, 93)),
    Case([0x1b, 0x5b, 0x4d, 0x20, 0xff, 0xff], .mouse(.press(.left), 222, 222)),
    // Buttons, places and numbers that there are not.
    Case("\u{1b}[<66;5;6Mx", .character("x")), Case("\u{1b}[<128;5;6Mx", .character("x")),
    Case("\u{1b}[<35;5;6Mx", .character("x")), Case("\u{1b}[<0;0;6Mx", .character("x")),
    Case("\u{1b}[<0;99999999999;6Mx", .character("x")), Case("\u{1b}[<0;5Mx", .character("x")),
    Case("\u{1b}[<0;5;6;7Mx", .character("x")), Case("\u{1b}[<Mx", .character("x")),
    Case("\u{1b}[<0;5;6Ax", .character("x")), Case("\u{1b}[<0;<5;6Mx", .character("x")),
    Case([0x1b, 0x5b, 0x4d, 0x20, 0x00, 0x21, 0x78], .character("x")),
    Case("\u{1b}[M \u{1b}[A", .up),
    // Other forms, replies and strings are swallowed.
    Case("\u{1b}[32;10;20Mx", .character("x")),
    Case("\u{1b}[?1;2cx", .character("x")), Case("\u{1b}[24;80Rx", .character("x")),
    Case("\u{1b}[?2026;2$yx", .character("x")),
    Case("\u{1b}]11;rgb:00/00/00\u{7}x", .character("x")),
    Case("\u{1b}P1$r0m\u{1b}\\x", .character("x")),
    Case("\u{1b}]0;t\u{1b}[Ax", .up, .character("x")),
    // Cut-off and unknown sequences.
    Case("\u{1b}[1;\u{1b}[A", .up), Case("\u{1b}[12\u{3}", .control("c")),
    Case("\u{1b}[12é", .character("é")), Case("\u{1b}[99~"), Case("\u{1b}[=5q"),
  ]

  @Test("bytes become keys, however they are cut", arguments: cases)
  func decodes(_ example: Case) {
    for cut in 0...example.bytes.count {
      var decoder = InputDecoder()
      var keys = decoder.decode(example.bytes[..<cut])
      keys += decoder.decode(example.bytes[cut...])
      #expect(keys + decoder.flush() == example.keys, "cut at \(cut)")
    }
    var decoder = InputDecoder()
    let single = example.bytes.flatMap { decoder.decode([$0]) }
    #expect(single + decoder.flush() == example.keys, "cut everywhere")
  }

  @Test(
    "what waits is ended as the key that was typed",
    arguments: [
      ([0x1b], [Key.escape]), ([0x1b, 0x5b], [.alt("[")]), ([0x1b, 0x4f], [.alt("O")]),
      ([0x1b, 0x5d], [.alt("]")]), ([0x1b, 0x50], [.alt("P")]), ([0x1b, 0x5b, 0x31], []),
      ([0xe2, 0x82], [.character("\u{FFFD}")]), ([0x1b, 0xe2], [.alt("\u{FFFD}")]),
      (Array("\u{1b}[200~ab".utf8), [.paste("ab")]),
    ] as [([UInt8], [Key])])
  func flushes(bytes: [UInt8], keys: [Key]) {
    var decoder = InputDecoder()
    #expect(decoder.decode(bytes) == [])
    #expect(decoder.pending != nil)
    #expect(decoder.flush() == keys)
    #expect(decoder.pending == nil)
    #expect(decoder.decode([0x61]) == [.character("a")])
  }

  @Test("a sequence over the limit is swallowed whole")
  func longSequence() {
    var decoder = InputDecoder()
    let parameters = String(repeating: "1;", count: InputDecoder.sequenceLimit * 4)
    #expect(decoder.decode("\u{1b}[\(parameters)Ax".utf8) == [.character("x")])
  }

  @Test("a pasted text is cut at the limit, and its end is still found")
  func longPaste() {
    var decoder = InputDecoder()
    let text = String(repeating: "x", count: InputDecoder.pasteLimit + 1000)
    let keys = decoder.decode("\u{1b}[200~\(text)\u{1b}[201~q".utf8)
    #expect(
      keys == [
        .paste(String(repeating: "x", count: InputDecoder.pasteLimit)), .character("q"),
      ])
  }

  @Test("any bytes give the same keys whole and in pieces, and never lock the keyboard")
  func fuzz() {
    var random = SplitMix(seed: 20)
    let alphabet: [UInt8] =
      Array("\u{1b}\u{1b}\u{1b}[[O]PM<;0123456789~ABu$\\\u{7}ax ".utf8) + [0xc3, 0xa9, 0xff, 0x00]
    for round in 0..<2000 {
      let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      var whole = InputDecoder()
      var pieces = InputDecoder()
      let expected = whole.decode(bytes) + whole.flush()
      let cut = Int.random(in: 0...bytes.count, using: &random)
      let actual = pieces.decode(bytes[..<cut]) + pieces.decode(bytes[cut...]) + pieces.flush()
      #expect(actual == expected, "round \(round): \(bytes) cut at \(cut)")
      #expect(pieces.decode([0x0d]) == [.enter], "round \(round): \(bytes)")
    }
  }
}

extension Key {
  fileprivate static func mouse(_ kind: MouseEvent.Kind, _ row: Int, _ column: Int) -> Key {
    .mouse(MouseEvent(kind, row: row, column: column))
  }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
