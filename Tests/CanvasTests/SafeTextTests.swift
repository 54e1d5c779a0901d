import Testing

@testable import Canvas

@Suite("Safe text")
struct SafeTextTests {
  @Test(
    "lets nothing through but what can be read",
    arguments: [
      ("plain", "plain"),
      ("\u{1B}[31mred\u{1B}[0m", "·[31mred·[0m"),
      ("\u{1B}]52;c;ZXZpbA==\u{7}", "·]52;c;ZXZpbA==·"),
      ("\u{9B}2J", "·2J"),
      ("\u{85}next\u{90}", "·next·"),
      ("a\tb", "a       b"),
      ("line\nline\r\nend\r", "line line end "),
      ("sep\u{2028}para\u{2029}", "sep para "),
      ("a\u{202E}evil\u{202C}b", "aevilb"),
      ("\u{2066}iso\u{2069}", "iso"),
      ("zero\u{200B}width\u{FEFF}\u{2060}", "zerowidth"),
      ("so\u{AD}ft", "soft"),
      ("e\u{301}\u{302}\u{303}", "e"),
      ("\u{301}", "□"),
      ("👩‍💻", "👩"),
      ("👍🏽", "👍"),
      ("⚠\u{FE0F}", "⚠"),
      ("🇩🇪", "□"),
      ("漢字", "漢字"),
      ("tag\u{E0041}\u{E007F}", "tag"),
      ("nul\u{0}del\u{7F}", "nul·del·"),
      ("\u{FFFD}", "\u{FFFD}"),
    ])
  func strips(raw: String, shown: String) {
    #expect(SafeText(raw).string == shown)
  }

  @Test("counts columns", arguments: [("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("👩‍💻x", 3), ("", 0)])
  func counts(raw: String, columns: Int) {
    #expect(SafeText(raw).columns == columns)
  }

  @Test("is the same when it is made safe again", arguments: 0..<40)
  func isStable(seed: Int) {
    let raw = Self.hostile(seed: UInt64(seed))
    let safe = SafeText(raw)
    #expect(SafeText(safe.string).string == safe.string)
    for scalar in safe.string.unicodeScalars {
      #expect(columnWidth(of: scalar) > 0, "U+\(String(scalar.value, radix: 16))")
      #expect(!scalar.properties.isBidiControl)
    }
  }

  @Test("ends at its limit, however long the text is")
  func limit() {
    let text = SafeText(String(repeating: "漢", count: 100_000))
    #expect(text.columns <= SafeText.maximumColumns + 1)
  }

  @Test(
    "is cut with a mark and never in the middle of a wide glyph",
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
      ("漢字漢字", 5, "漢字…"), ("漢字漢字", 4, "漢…"), ("abc", -3, ""),
    ])
  func clips(raw: String, limit: Int, shown: String) {
    let clipped = SafeText(raw).clipped(to: limit)
    #expect(clipped.string == shown)
    #expect(clipped.columns <= max(0, limit))
  }

  /// Scalars from everywhere, controls and combining marks above all.
  static func hostile(seed: UInt64) -> String {
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    var text = String.UnicodeScalarView()
    for _ in 0..<200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let ranges: [Range<UInt32>] = [
        0..<0x20, 0x20..<0x7F, 0x7F..<0xA0, 0x300..<0x370, 0x2000..<0x2070, 0x4E00..<0x4E20,
        0xFE00..<0xFE10, 0x1F1E6..<0x1F200, 0x1F3FB..<0x1F400, 0x1F468..<0x1F470,
        0xE0000..<0xE0080,
      ]
      let range = ranges[Int(state >> 33) % ranges.count]
      let value = range.lowerBound + UInt32(state >> 40) % UInt32(range.count)
      if let scalar = Unicode.Scalar(value) { text.append(scalar) }
    }
    return String(text)
  }
}

@Suite("The width of a scalar")
struct ColumnWidthTests {
  @Test(
    "is what terminals make of it",
    arguments: [
      ("a", 1), ("é", 1), ("─", 1), ("█", 1), ("●", 1), ("✓", 1), ("‖", 1), ("◷", 1), ("⠿", 1),
      ("漢", 2), ("한", 2), ("Ａ", 2), ("🟢", 2), ("⌛", 2), ("\u{1FAE8}", 2), ("\u{20000}", 2),
      ("\u{301}", 0), ("\u{200B}", 0), ("\u{202E}", 0), ("\u{FE0F}", 0), ("\u{1B}", 0),
      ("\u{9B}", 0), ("\u{AD}", 0),
    ])
  func width(text: String, columns: Int) {
    #expect(text.unicodeScalars.map(columnWidth) == [columns])
  }

  @Test(
    "of every sign of ours is 1, and ASCII signs are ASCII", arguments: [Glyphs.unicode, .ascii])
  func glyphs(glyphs: Glyphs) {
    for case (_, let value) in Mirror(reflecting: glyphs).children {
      let signs = (value as? [Character]) ?? (value as? Character).map { [$0] } ?? []
      for sign in signs {
        #expect(sign.unicodeScalars.count == 1)
        #expect(sign.unicodeScalars.allSatisfy { columnWidth(of: $0) == 1 })
        #expect(!glyphs.isASCII || sign.isASCII)
      }
    }
  }
}
