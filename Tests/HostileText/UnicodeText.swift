// What is written, but not one column after the other.

extension HostileText {
  static var unicode: [HostileText] {
    bidi + zeroWidth + all(.emoji, emoji) + combining + all(.wide, wide)
  }

  private static let bidi: [HostileText] =
    [
      0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200E, 0x200F,
      0x061C,
    ].compactMap { Unicode.Scalar($0 as UInt32) }.map { HostileText(.bidi, "ab\($0)cd") }
    + all(
      .bidi,
      [
        "\u{202e}\u{202e}\u{202e}gpj.exe", "a\u{2067}b\u{202d}c\u{2069}d\u{202c}", "שלום", "مرحبا",
        "a שלום 12 b", "\u{202e}\u{1b}[2J\u{202c}", "السلام\u{202e}abc",
        "\u{2066}\u{2066}\u{2066}x",
      ])

  private static let zeroWidth: [HostileText] =
    [
      0x200B, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xFEFF, 0x180E, 0x034F,
      0x115F,
      0x1160, 0x3164, 0xFFA0, 0x2800, 0x00AD, 0x17B4, 0x17B5, 0x206A, 0x206F, 0xFFF9, 0xFFFB,
      0x1D173, 0xE0001, 0xE0020, 0xE01EF, 0xFE0F, 0xFE00, 0x180B, 0x2028, 0x2029, 0x00A0, 0x3000,
      0x202F, 0x1680,
    ].compactMap { Unicode.Scalar($0 as UInt32) }.map { HostileText(.zeroWidth, "ab\($0)cd") }
    + [HostileText(.zeroWidth, String(repeating: "\u{200b}", count: 500))]

  private static let emoji: [String] = [
    "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🇩🇪", "🇩🇪🇫🇷", "🇩", "🇩🇪🇫", "👍🏽", "🏽", "1️⃣", "#️⃣", "⚠️", "⚠︎", "☎️", "✈",
    "❤️‍🔥", "🧑🏿‍🚀", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "👩‍", "‍💻", "🫠", "🪿", "🛜",
    "a👩‍💻b👩‍💻c", "🟢🟢🟢🟢🟢🟢🟢🟢🟢🟢🟢🟢", "⌚️", "⏰︎", "©️", "〰️", "🅰️", "㊗️",
  ]

  private static let combining: [HostileText] =
    all(
      .combining,
      [
        "e\u{301}", "\u{301}", "\u{301}abc", "漢\u{301}字", "a\u{20dd}b", "Z\u{335}\u{321}a\u{338}",
        "नमस्ते",
        "ที่นี่", "한국", "\u{1112}\u{1161}\u{11ab}", "བོད", "ﷺ", "﷽", "ᬅᬓ᭄ᬱ", "க்ஷ", "a\u{1ab0}\u{1dc0}",
        "\u{e31}\u{e31}\u{e31}", "\u{64b}\u{64b}", "\u{0e33}", "┼\u{0336}", "\u{b95}\u{bcd}\u{bb7}",
      ])
    + [
      HostileText(.combining, "o" + String(repeating: "\u{30a}", count: 1_000)),
      HostileText(.combining, String(repeating: "\u{489}", count: 300) + "x"),
      HostileText(.combining, "漢" + String(repeating: "\u{302}\u{323}", count: 200)),
    ]

  private static let wide: [String] = [
    "漢", "漢字", "a漢b字c", "漢字かな交じり文の名前がここにあります", "ｆｕｌｌ", "ﾊﾝｶｸ", "한글", "｡｢｣", "⸺⸻", "𒐫", "𰻝",
    "\u{3000}\u{3000}x", "─漢─", "漢…字", "（）", "㍿", "🀄", "𠀀𠀁", "\u{303f}", "\u{4dc0}", "\u{a9c4}",
    "①②③", "→←",
    "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ", "x漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢",
  ]
}
