import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The workspace gauge")
struct GaugeTests {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 120, rows: 36)]

  /// The facts of a run with a budget and a plan, numbered anew.
  static func facts(
    _ budget: WorkspaceBudget?, peak: Int64? = 431 << 20, bound: Int64 = 420 << 20
  ) -> [Fact] {
    var kinds = FactScript.release().facts.map { fact in
      guard case .runOpened(var opened) = fact.kind else { return fact }
      opened.config.workspace = budget
      return Fact(
        sequence: 1, session: 1, elapsedSeconds: 0, wallTime: fact.wallTime,
        kind: .runOpened(opened))
    }
    if let peak {
      let plan = Fact.PlanAdopted(
        order: [], sizes: [], budgetBytes: budget?.bytes, peakBytes: peak, boundBytes: bound,
        boundBy: "cut", guesses: 0, makespanSeconds: nil, workFactor: 1, seed: 1, moves: 0)
      var fact = kinds[1]
      fact.kind = .planAdopted(plan)
      kinds.insert(fact, at: 2)
    }
    for index in kinds.indices { kinds[index].sequence = index + 1 }
    return kinds
  }

  static func state(
    _ facts: [Fact], _ size: Size = Size(columns: 120, rows: 36),
    look: FrameTests.Look = .unicode
  ) -> DashboardState {
    var state = DashboardState(glyphs: look.glyphs, theme: look.theme)
    _ = state.update(.facts(facts))
    _ = state.update(.resized(size))
    return state
  }

  static func text(_ facts: [Fact]) -> String {
    state(facts).frame(size: Size(columns: 120, rows: 36)).text
  }

  @Test(
    "has the budget as its scale and the plan's peak as its line", arguments: sizes,
    FrameTests.Look.allCases)
  func budget(size: Size, look: FrameTests.Look) throws {
    let state = Self.state(Self.facts(WorkspaceBudget(bytes: 640 << 20)), size, look: look)
    try expectGolden(
      state.frame(size: size).golden, "budget-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("is as without a budget where nobody asked for one")
  func defaults() {
    let none = Self.state(Self.facts(nil, peak: nil))
    let budget = WorkspaceBudget(bytes: 640 << 20, isDefault: true)
    let standard = Self.state(Self.facts(budget, peak: nil))
    let size = Size(columns: 120, rows: 36)
    #expect(none.frame(size: size).golden == standard.frame(size: size).golden)
  }

  @Test(
    "says how far the plan is from what is proved",
    arguments: [
      (431 << 20, 420 << 20, "bound 420 MiB, gap 2.7%"),
      (420 << 20, 420 << 20, "bound 420 MiB, met"),
      (300 << 20, 420 << 20, "bound 420 MiB by order alone"), (431 << 20, 0, "no bound"),
    ] as [(Int64, Int64, String)])
  func gap(peak: Int64, bound: Int64, words: String) {
    let budget = WorkspaceBudget(bytes: 640 << 20)
    #expect(Self.text(Self.facts(budget, peak: peak, bound: bound)).contains(words))
  }

  @Test("cuts no word of a bound, whatever the width", arguments: 110...170)
  func boundFits(columns: Int) {
    let facts = Self.facts(WorkspaceBudget(bytes: 640 << 20), peak: 300 << 20)
    let size = Size(columns: columns, rows: 36)
    let text = Self.state(facts, size).frame(size: size).text
    let long = text.contains("bound 420 MiB if nothing is made again ")
    #expect(long == (columns >= 126))
    #expect(long || text.contains("bound 420 MiB by order alone "))
  }

  @Test("has no line before there is a plan, and shows an excess as one")
  func extremes() {
    let text = Self.text(Self.facts(WorkspaceBudget(bytes: 640 << 20), peak: nil))
    #expect(text.contains("no plan yet"))
    let size = Size(columns: 120, rows: 36)
    let tiny = Self.state(Self.facts(WorkspaceBudget(bytes: 1))).frame(size: size)
    let roomy = Self.state(Self.facts(WorkspaceBudget(bytes: 1 << 40))).frame(size: size)
    #expect(tiny.styleText != roomy.styleText)
  }

  @Test("gaps are rounded up: what is not met never reads as met")
  func figures() {
    #expect(Figures.gap(0) == "0%")
    #expect(Figures.gap(1e-9) == "0.1%")
    #expect(Figures.gap(0.0368) == "3.7%")
    #expect(Figures.gap(0.04) == "4%")
    #expect(Figures.gap(2.345) == "235%")
    #expect(Figures.gap(.infinity) == "-")
  }
}
