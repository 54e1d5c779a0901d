import Canvas
import Model
import Testing

@testable import Dashboard

// What a line is marked with: the task's colours, levels, times, matches.
extension PopupLogTests {
  @Test("has the task's colours, over line ends too, and without them its attributes")
  func colors() {
    var bench = Bench("\u{1b}[1;31mone\ntwo\u{1b}[0m\nthree\n")
    bench.area.rows = 3
    #expect(Self.styles(bench) == ["palette-1 bold", "palette-1 bold", "plain"])
    bench.press(.toggleColors)
    #expect(Self.styles(bench) == ["bold", "bold", "plain"])
    bench.press(.toggleColors)
    bench.search("two")
    #expect(Self.styles(bench)[1] == "palette-1 bold reverse")
  }

  @Test("keeps a colour while one scrolls far behind its beginning")
  func colorStays() {
    var bench = Bench("plain\n\u{1b}[32m" + Self.lines(0..<60_000))
    bench.press(.top)
    bench.area.rows = 100
    for _ in 0..<400 { bench.press(.pageDown) }
    #expect(bench.view.piece.offset > 0)
    #expect(Set(Self.styles(bench)) == ["palette-2"])
  }

  @Test("is one line while a progress bar overprints itself")
  func progress() {
    let bar = (0..<2_000).map { "\r\($0) of 2000" }.joined()
    let bench = Bench("first\n\(bar)\nlast\n")
    #expect(bench.rows.prefix(2) == ["first", "1999 of 2000"])
  }

  static let levels = """
    05:10:23 INFO one
    05:10:24 WARN two
      at a line of its own
    05:10:25 ERROR three
    05:10:26 DEBUG four

    """

  @Test("steps through levels; lines without one stay, and the border counts what is hidden")
  func sieves() {
    var bench = Bench(Self.levels)
    #expect(bench.rows.prefix(5).count { !$0.isEmpty } == 5)
    bench.press(.nextLevel)
    #expect(!bench.rows.contains { $0.contains("DEBUG") } && bench.rows[0].contains("one"))
    bench.press(.nextLevel)
    #expect(bench.rows.prefix(3).map { $0.suffix(4) } == [" two", " own", "hree"])
    let facts = bench.view.facts(DashboardState())
    #expect(facts.contains("! warnings up, 2 hidden"))
    bench.press(.nextLevel)
    #expect(bench.rows.prefix(2).map { $0.suffix(4) } == [" own", "hree"])
    bench.press(.nextLevel)
    #expect(bench.view.piece.hiddenLines == 0)
  }

  @Test("shows a line that was found, whatever its level")
  func findsHidden() {
    var bench = Bench(Self.levels)
    bench.press(.nextLevel, times: 3)
    bench.press(.top)
    bench.search("four")
    #expect(bench.rows.contains("05:10:26 DEBUG four"))
  }

  @Test("finds the few lines of a level in a long log, down and up")
  func sievesFar() {
    let quiet = (0..<20_000).map { "INFO line \($0) of many\n" }.joined()
    var bench = Bench("ERROR first\n" + quiet + "ERROR middle\n" + quiet + "ERROR last\n")
    bench.press(.top)
    bench.press(.nextLevel, times: 3)
    for _ in 0..<20 where !bench.rows.contains("ERROR last") { bench.press(.down) }
    #expect(bench.rows.contains("ERROR last"))
    for _ in 0..<40 where !bench.rows.contains("ERROR first") { bench.press(.up) }
    #expect(bench.rows.contains("ERROR first"))
  }

  @Test("says that no line of a level is there")
  func sievesAll() {
    var bench = Bench("INFO a\nINFO b\n")
    bench.press(.nextLevel, times: 3)
    #expect(bench.rows[0].hasPrefix("no errors here"))
  }

  @Test("dims times, then leaves them out, then shows them again")
  func times() {
    var bench = Bench(Self.levels)
    bench.press(.nextTimes)
    #expect(Self.styles(bench)[0] == "dim" && Self.styles(bench)[2] == "plain")
    bench.press(.nextTimes)
    #expect(bench.rows.prefix(3) == ["INFO one", "WARN two", "  at a line of its own"])
    bench.press(.nextTimes)
    #expect(bench.rows[0] == "05:10:23 INFO one" && Self.styles(bench)[0] == "plain")
  }

  @Test("styles the word of a level, unless the task has done so")
  func levelStyles() {
    let bench = Bench("WARN a\n\u{1b}[36mWARN\u{1b}[0m b\nplain\n")
    let theme = DashboardState().theme
    #expect(
      Self.styles(bench).prefix(3) == ["\(theme.warning)", "palette-6", "plain"])
  }

  @Test("counts the matches that it knows, and says where among them one is")
  func counts() {
    var bench = Bench("stone\nStone\nsand\nSTONE stone\n")
    bench.press(.top)
    bench.search("stone")
    #expect(bench.view.facts(DashboardState()).contains("1 of 3"))
    bench.search("Stone")
    #expect(bench.view.facts(DashboardState()).contains("1 of 1"))
    var long = Bench(Self.lines(0..<40_000))
    long.press(.top)
    long.search("line 3")
    #expect(long.view.facts(DashboardState()).contains { $0.string.hasPrefix("1 of ") })
    #expect(long.view.facts(DashboardState()).contains { $0.string.hasSuffix("+") })
    long.press(.bottom)
    #expect(long.view.facts(DashboardState()).contains { $0.string.hasSuffix("+ found") })
  }

  @Test("highlights small and capital letters alike, until the search has a capital")
  func smartCase() {
    #expect(SafeText("a Stone, a stone").ranges(of: "stone") == [2..<7, 11..<16])
    #expect(SafeText("a Stone, a stone").ranges(of: "Stone") == [2..<7])
    #expect(SafeText("日本 x").ranges(of: "x") == [5..<6])
  }
}
