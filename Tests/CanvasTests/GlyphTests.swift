import Canvas
import Testing

@Suite("Glyphs")
struct GlyphTests {
  static let allArms = (0..<16).map { Glyphs.Arms(rawValue: $0) }

  @Test("draw arms of one weight as before", arguments: allArms)
  func oneWeight(arms: Glyphs.Arms) {
    #expect(Glyphs.unicode.line(arms, heavy: []) == Glyphs.unicode.line(arms))
    #expect(Glyphs.unicode.line(arms, heavy: arms) == Glyphs.unicode.line(arms, isHeavy: true))
  }

  @Test("have a sign of their own for every mix of weights")
  func mixed() {
    let signs = Self.allArms.flatMap { arms in
      Self.allArms.filter { $0.isSubset(of: arms) }.map { Glyphs.unicode.line(arms, heavy: $0) }
    }
    #expect(signs.count == 81)
    #expect(Set(signs).count == 81)
  }

  @Test(
    "tell weights apart where they mix",
    arguments: [
      ([.left, .right, .down], [.left, .right], "┯"), ([.up, .down, .right], [.right], "┝"),
      ([.up, .down, .right], [.up, .right], "┡"), ([.left, .right], [.right], "╼"),
    ] as [(Glyphs.Arms, Glyphs.Arms, Character)])
  func known(arms: Glyphs.Arms, heavy: Glyphs.Arms, sign: Character) {
    #expect(Glyphs.unicode.line(arms, heavy: heavy) == sign)
  }

  @Test("show a heavy way in ASCII where it is straight")
  func ascii() {
    #expect(Glyphs.ascii.line([.left, .right], heavy: [.left, .right]) == "=")
    #expect(Glyphs.ascii.line([.left, .right], heavy: []) == "-")
  }
}
