import Canvas
import Testing

@testable import Dashboard

@Suite("The review of a decomposition") struct ReviewTests {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 120, rows: 36)]

  static func sample(_ glyphs: Glyphs = .unicode, _ theme: Theme = .okabeIto) -> ReviewState {
    let items = [
      ReviewItem(id: 0, title: "Phase 1: Base", priority: .medium, line: 12),
      ReviewItem(
        id: 1, title: "Lay the ground", priority: .high,
        text: "Dig, and pour.\n\nSource: prd.md, line 14", parent: 0, line: 14),
      ReviewItem(
        id: 2, title: "Raise the walls", priority: .medium, parent: 0, needs: [1], line: 20),
      ReviewItem(id: 3, title: "Phase 2: Roof", priority: .medium, needs: [0], line: 31),
      ReviewItem(
        id: 4, title: String(repeating: "Cover it with tiles ", count: 8), priority: .low,
        parent: 3, needs: [1, 2], line: 32),
      ReviewItem(id: 5, title: "日本語の題名\u{1B}[2J", priority: .critical, parent: 3, needs: [4]),
    ]
    return ReviewState(items, target: "cairn.yaml", glyphs: glyphs, theme: theme)
  }

  private func press(_ keys: String, _ state: inout ReviewState) {
    for key in keys { state.press(.character(key)) }
  }

  @Test("shows items, what they wait for and their lines", arguments: sizes)
  func picture(size: Size) throws {
    var state = Self.sample()
    state.resize(size)
    press("ajp", &state)
    try expectGolden(state.frame(size: size).golden, "review-\(size.columns)x\(size.rows)")
    let ascii = Self.sample(.ascii, .noColor).frame(size: size)
    #expect(ascii.text.unicodeScalars.allSatisfy { $0.isASCII })
  }

  @Test func aTitleIsTypedInTheLastLine() throws {
    let size = Size(columns: 80, rows: 24)
    var state = Self.sample()
    state.resize(size)
    press("je", &state)
    state.press(.home)
    press("First ", &state)
    try expectGolden(state.frame(size: size).golden, "review-title-80x24")
    state.press(.enter)
    #expect(state.items[1].title == "First Lay the ground")
    press("u", &state)
    #expect(state.items[1].title == "Lay the ground")
    press("e", &state)
    state.press(.control("u"))
    state.press(.enter)
    #expect(state.items[1].title == "Lay the ground", "an empty title changes nothing")
  }

  @Test func whatIsDroppedTakesItsPartsAndNobodyWaitsForIt() {
    var state = Self.sample()
    press("d", &state)
    #expect(state.items.map(\.id) == [3, 4, 5])
    #expect(state.items.map(\.needs) == [[], [], [4]])
    press("u", &state)
    #expect(state.items == Self.sample().items)
    press("Gd", &state)
    #expect(state.items.map(\.id) == [0, 1, 2, 3, 4])
    #expect(state.selection == 4)
  }

  @Test func prioritiesTurnUpAndDown() {
    var state = Self.sample()
    press("ppp", &state)
    #expect(state.items[0].priority == .critical)
    press("PPPPP", &state)
    #expect(state.items[0].priority == .low)
  }

  @Test func leavingIsAskedAboutOnlyAfterAChange() {
    var state = Self.sample()
    press("q", &state)
    #expect(state.takeOutcome() == .quit && state.takeOutcome() == nil)
    press("pq", &state)
    #expect(state.takeOutcome() == nil)
    press("n", &state)
    #expect(state.takeOutcome() == nil)
    press("qy", &state)
    #expect(state.takeOutcome() == .quit)
    press("w", &state)
    #expect(state.takeOutcome() == .write)
    press("E", &state)
    #expect(state.takeOutcome() == .edit(0))
  }

  @Test func nothingIsWrittenWhenNothingIsLeft() {
    var state = Self.sample()
    press("dddw", &state)
    #expect(state.items.isEmpty && state.takeOutcome() == nil)
    press("aeEpd", &state)
    state.press(.enter)
    #expect(state.frame(size: Size(columns: 80, rows: 24)).text.contains("nothing is left"))
  }

  @Test func oneItemCanBeRead() {
    let size = Size(columns: 80, rows: 24)
    var state = Self.sample()
    state.resize(size)
    press("j", &state)
    state.press(.enter)
    #expect(state.frame(size: size).text.contains("Dig, and pour."))
    press("jjjjk", &state)
    #expect(state.frame(size: size).text.contains("Dig, and pour."), "a short text does not scroll")
    state.press(.escape)
    #expect(state.takeOutcome() == nil)
    #expect(state.frame(size: size).text.contains("Raise the walls"))
  }

  @Test("can be drawn at any size, whatever the keys")
  func anySize() {
    let keys: [Key] = [
      .character("e"), .character("x"), .paste("a\nb\u{1B}"), .left, .backspace, .enter, .down,
      .character("d"), .mouse(MouseEvent(.press(.left), row: 3, column: 9)), .character("q"),
      .escape,
      .character("u"), .enter, .pageDown, .escape,
    ]
    for size in [
      Size(columns: 1, rows: 1), Size(columns: 7, rows: 3), Size(columns: 40, rows: 6),
      Size(columns: 41, rows: 7), Size(columns: 300, rows: 100),
    ] {
      var state = Self.sample()
      state.resize(size)
      for key in keys {
        state.press(key)
        #expect(state.frame(size: size).size == size)
      }
    }
  }
}
