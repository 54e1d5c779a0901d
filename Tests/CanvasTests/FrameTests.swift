import Testing

@testable import Canvas

@Suite("A frame")
struct FrameTests {
  @Test("drops what lies outside and cuts at its edges")
  func edges() {
    var frame = Frame(size: Size(columns: 4, rows: 2))
    frame.put("abcdef", row: 0, column: -2)
    frame.put("xyz", row: 1, column: 2)
    frame.put("no", row: 2, column: 0)
    #expect(frame.text == "cdef\n  xy")
  }

  @Test("never shows half of a wide glyph")
  func wide() {
    var frame = Frame(size: Size(columns: 5, rows: 1))
    #expect(frame.put("漢字", row: 0, column: 0) == 4)
    #expect(frame.text == "漢字")
    frame.put("x", row: 0, column: 1)
    #expect(frame.text == " x字")
    frame.put("y", row: 0, column: 2)
    #expect(frame.text == " xy")
    frame.put("漢", row: 0, column: 4)
    #expect(frame.text == " xy")
    #expect(!frame.cells.contains { $0.isContinuation })
  }

  @Test("keeps each continuation right of its wide glyph, whatever is drawn", arguments: 1...20)
  func continuations(seed: Int) {
    var frame = Frame(size: Size(columns: 9, rows: 1))
    var state = UInt64(seed)
    for _ in 0..<60 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let text: SafeText = (state >> 40) % 2 == 0 ? "漢" : "a"
      frame.put(text, row: 0, column: Int((state >> 33) % 11) - 1)
      for column in 0..<9 {
        let isWide = frame[0, column].glyph == "漢"
        #expect(frame[0, column + 1].isContinuation == isWide || column == 8)
      }
    }
  }

  @Test("sets title and facts into a border, the last fact longest")
  func border() {
    var frame = Frame(size: Size(columns: 30, rows: 3))
    frame.border(frame.bounds, title: "Tasks", facts: ["follow", "9 done"], glyphs: .unicode)
    #expect(
      frame.text == """
        ╭─ Tasks ── follow │ 9 done ─╮
        │                            │
        ╰────────────────────────────╯
        """)
    var narrow = Frame(size: Size(columns: 20, rows: 2))
    narrow.border(narrow.bounds, title: "Tasks", facts: ["follow", "9 done"], glyphs: .ascii)
    #expect(narrow.text == "+- Tasks - 9 done -+\n+------------------+")
  }

  @Test("draws borders of any size without a crash", arguments: 0..<12)
  func tinyBorders(columns: Int) {
    for rows in 0..<6 {
      var frame = Frame(size: Size(columns: columns, rows: rows))
      frame.border(frame.bounds, title: "Title", facts: ["fact"], glyphs: .unicode)
      #expect(frame.cells.count == columns * rows)
    }
  }

  @Test(
    "fills a bar by eighths",
    arguments: [
      (0.0, "▕░░░░▏"), (0.03125, "▕▏░░░▏"), (0.5, "▕██░░▏"), (0.6, "▕██▍░▏"), (1.0, "▕████▏"),
      (7.0, "▕████▏"), (-1.0, "▕░░░░▏"), (Double.nan, "▕░░░░▏"),
    ])
  func bar(share: Double, shown: String) {
    var frame = Frame(size: Size(columns: 6, rows: 1))
    frame.bar(row: 0, column: 0, columns: 6, share: share, glyphs: .unicode, style: Style())
    #expect(frame.text == shown)
  }

  @Test("sets a tick into a bar")
  func tick() {
    var frame = Frame(size: Size(columns: 10, rows: 1))
    frame.bar(
      row: 0, column: 0, columns: 10, share: 0.25, tick: 0.8, glyphs: .unicode, style: Style())
    #expect(frame.text == "▕██░░░░┊░▏")
  }

  @Test("draws the newest values of a history at the right")
  func sparkline() {
    var frame = Frame(size: Size(columns: 5, rows: 1))
    frame.sparkline(
      [9, 0, 1, 2, 4], row: 0, column: 0, columns: 4, glyphs: .unicode, style: Style())
    #expect(frame.text == "▁▂▄█")
  }

  @Test("tells styles by letters")
  func styles() {
    var frame = Frame(size: Size(columns: 3, rows: 1))
    frame.put("a", row: 0, column: 0, style: Style(attributes: .bold))
    frame.put("b", row: 0, column: 2, style: Style(foreground: .rgb(1, 2, 3)))
    #expect(frame.styleText == "a.b\na bold\nb rgb-1-2-3")
  }
}
