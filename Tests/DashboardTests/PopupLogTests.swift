import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The view of a log")
struct PopupLogTests {
  static let log = LogReference(task: TaskID(0), attempt: 1)

  /// A log in memory that answers as a run does, and a view on it.
  struct Bench {
    var bytes: [UInt8]
    var view = LogView(log: PopupLogTests.log)
    var area = Size(columns: 40, rows: 10)
    var isActive = false
    /// What was dropped.
    var gap: Range<Int>?
    /// Sizes of the windows that were read.
    private(set) var reads: [Int] = []

    init(_ bytes: [UInt8], gap: Range<Int>? = nil) {
      self.bytes = bytes
      self.gap = gap
      serve(view.readEnd())
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    mutating func press(_ action: Action, times: Int = 1) {
      for _ in 0..<times { serve(view.move(action, area: area) ?? []) }
    }

    mutating func sample() {
      let sample = Signals.TaskSample(outputBytes: Int64(bytes.count))
      let signals = Signals(tasks: [PopupLogTests.log.task: sample])
      serve(view.receive(.signals(signals), isActive: isActive, area: area))
    }

    mutating func search(_ text: String) {
      view.search.begin()
      for character in text { _ = view.search.type(.character(character)) }
      if view.search.type(.enter) { serve(view.find(backwards: false, area: area)) }
    }

    mutating func find(backwards: Bool) { serve(view.find(backwards: backwards, area: area)) }

    private mutating func serve(_ effects: [Effect]) {
      var open = effects
      var turns = 0
      while let effect = open.popLast() {
        turns += 1
        precondition(turns < 20, "the view reads for ever")
        open += view.receive(answer(effect), isActive: isActive, area: area)
      }
    }

    private mutating func answer(_ effect: Effect) -> Message {
      switch effect {
      case .readLog(let log, let position):
        let window = window(position)
        reads.append(window.bytes.count)
        return .logWindow(log, window)
      case .find(let text, let log, let from, let backwards):
        return .found(log, find(text, from, backwards))
      default: preconditionFailure("\(effect) is nothing that a view asks for")
      }
    }

    private func window(_ position: LogPosition) -> LogWindow {
      let limit = LogWindow.maximumBytes
      let range: Range<Int> =
        switch position {
        case .end: max(0, bytes.count - limit)..<bytes.count
        case .offset(let start):
          min(bytes.count, Int(start))..<min(bytes.count, Int(start) + limit)
        case .before(let end): max(0, Int(end) - limit)..<min(bytes.count, Int(end))
        }
      return window(range, isFromEnd: position.isFromEnd)
    }

    /// A window never goes over what was dropped.
    private func window(_ range: Range<Int>, isFromEnd: Bool) -> LogWindow {
      var (start, end) = (range.lowerBound, range.upperBound)
      if let gap {
        if isFromEnd, end > gap.lowerBound, end <= gap.upperBound {
          end = gap.lowerBound
          start = min(start, max(0, end - LogWindow.maximumBytes))
        }
        if start >= gap.lowerBound, start < gap.upperBound {
          start = gap.upperBound
          end = max(start, end)
        } else if start < gap.lowerBound, end > gap.lowerBound {
          if isFromEnd { start = gap.upperBound } else { end = gap.lowerBound }
        }
      }
      var window = LogWindow(
        offset: Int64(start), bytes: Array(bytes[start..<end]), totalBytes: Int64(bytes.count))
      window.beginsBehindGap = start == gap?.upperBound
      window.endsAtGap = end == gap?.lowerBound
      return window
    }

    private func find(_ text: String, _ from: Int64, _ backwards: Bool) -> Int64? {
      let needle = Array(text.utf8)
      let starts = lineStarts.filter { backwards ? $0 < Int(from) : $0 >= Int(from) }
      let hit = (backwards ? starts.reversed() : starts).first { start in
        let line = bytes[start...].prefix { $0 != 10 }
        return line.indices.contains { line[$0...].starts(with: needle) }
      }
      return hit.map(Int64.init)
    }

    private var lineStarts: [Int] {
      [0] + bytes.indices.dropLast().filter { bytes[$0] == 10 }.map { $0 + 1 }
    }

    /// The rows that show.
    var rows: [String] {
      var frame = Frame(size: area)
      view.draw(in: frame.bounds, on: &frame, state: DashboardState())
      return frame.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  static func lines(_ range: Range<Int>) -> String {
    range.map { "line \($0)\n" }.joined()
  }

  @Test("shows the end, and stays there while the log grows")
  func follows() {
    var bench = Bench(Self.lines(0..<1000))
    bench.isActive = true
    #expect(bench.rows.last == "line 999")
    bench.bytes += Array(Self.lines(1000..<30_000).utf8)
    bench.sample()
    #expect(bench.rows == (29_990..<30_000).map { "line \($0)" })
    #expect(bench.view.badge(DashboardState()) == "end")
  }

  @Test("stands still when one has scrolled up, and says how much is new")
  func standsStill() {
    var bench = Bench(Self.lines(0..<1000))
    bench.isActive = true
    bench.press(.up, times: 3)
    let before = bench.rows
    #expect(before.last == "line 996")
    bench.bytes += Array(Self.lines(1000..<1214).utf8)
    bench.sample()
    #expect(bench.rows == before)
    #expect(bench.view.badge(DashboardState()) == "▼ 214 new")
    bench.press(.bottom)
    #expect(bench.rows.last == "line 1213")
  }

  @Test("reaches every line of a large log up and down, a window at a time")
  func scrolls() {
    var bench = Bench(Self.lines(0..<20_000))
    bench.area.rows = 100
    var seen = Set(bench.rows)
    while bench.rows.first != "line 0" {
      bench.press(.pageUp)
      seen.formUnion(bench.rows)
    }
    #expect(seen.count == 20_000)
    var last = bench.rows.last
    while last != "line 19999" {
      bench.press(.pageDown)
      #expect(bench.rows.last != last)
      last = bench.rows.last
    }
    #expect(bench.view.piece.bytes.count <= 5 * LogWindow.maximumBytes)
  }

  @Test("goes over a dropped middle up and down, by the one line that stands for it")
  func gap() {
    let (head, tail) = (Self.lines(0..<1_000), Self.lines(9_000..<11_000))
    let hole = String(repeating: "\u{0}", count: 300_000)
    let gap = head.utf8.count..<head.utf8.count + hole.utf8.count
    var bench = Bench(Array((head + hole + "dropped\n" + tail).utf8), gap: gap)
    bench.area.rows = 100
    var seen = Set(bench.rows)
    for _ in 0..<1_000 where bench.rows.first != "line 0" {
      bench.press(.pageUp)
      seen.formUnion(bench.rows)
    }
    #expect(seen.count == 3_001 && seen.contains("dropped"))
    seen = Set(bench.rows)
    for _ in 0..<1_000 where bench.rows.last != "line 10999" {
      bench.press(.pageDown)
      seen.formUnion(bench.rows)
    }
    #expect(seen.count == 3_001 && seen.contains("dropped"))
    bench.press(.top)
    bench.search("line 9500")
    #expect(bench.rows.contains("line 9500"))
    for _ in 0..<100 where !bench.rows.contains("dropped") { bench.press(.pageUp) }
    #expect(bench.rows.contains("dropped"))
  }

  @Test("jumps to both ends without reading what lies between")
  func jumps() {
    var bench = Bench(Self.lines(0..<400_000))
    bench.press(.top)
    #expect(bench.rows.first == "line 0")
    bench.press(.bottom)
    #expect(bench.rows.last == "line 399999")
    #expect(bench.reads.count < 12)
  }

  @Test("finds forwards and backwards, also far away, and says when there is no more")
  func finds() {
    var bench = Bench(Self.lines(0..<40_000))
    bench.press(.top)
    bench.search("line 3000")
    #expect(bench.rows.contains("line 3000"))
    bench.find(backwards: false)
    #expect(bench.rows.contains("line 30000"))
    bench.find(backwards: true)
    #expect(bench.rows.contains("line 3000"))
    bench.find(backwards: true)
    #expect(bench.view.badge(DashboardState()) == "no further match")
  }

  @Test("wraps long lines and moves by rows of them")
  func wraps() {
    let long = String(repeating: "0123456789", count: 10)
    var bench = Bench("first\n\(long)\nlast\n")
    bench.area = Size(columns: 40, rows: 3)
    #expect(bench.rows == ["first", "\(long.prefix(39))…", "last"])
    bench.press(.toggleWrap)
    #expect(bench.rows == [String(long.prefix(40)), String(long.suffix(20)), "last"].suffix(3))
    bench.press(.up)
    #expect(
      bench.rows == [String(long.prefix(40)), String(long.prefix(40)), String(long.suffix(20))])
    bench.press(.toggleWrap)
    bench.press(.right, times: 6)
    #expect(bench.rows.contains("6789"))
  }

  @Test(
    "shows what a terminal would have left, and nothing that could move it",
    arguments: [
      ("10%\r50%\r100%\n", ["100%"]), ("done\r\n", ["done"]),
      ("\u{1b}[31mred\u{1b}[0m\n", ["red"]), ("a\u{1b}]0;title\u{7}b\n", ["ab"]),
      ("a\u{0}b\u{8}c\n", ["a·c"]), ("\u{1b}[2J\u{1b}[Hx\n", ["x"]),
      ("no feed", ["no feed"]), ("\n\nx\n", ["", "", "x"]),
      ("\u{1b}]52;c;never ends\nnext\n", ["", "next"]),
    ])
  func isSafe(text: String, rows: [String]) {
    let bench = Bench(text)
    #expect(Array(bench.rows.prefix(rows.count)) == rows)
  }

  @Test("shows bytes that are no text, an empty log and a problem as such")
  func shows() {
    #expect(Bench([0xff, 0x41, 0xc3, 10]).rows.first == "\u{FFFD}A\u{FFFD}")
    #expect(Bench("").rows.first == "no output")
    var view = LogView(log: Self.log)
    let window = LogWindow(offset: 0, bytes: [], totalBytes: 0, problem: "the log was pruned")
    _ = view.receive(
      .logWindow(Self.log, window), isActive: false, area: Size(columns: 40, rows: 3))
    var frame = Frame(size: Size(columns: 40, rows: 3))
    view.draw(in: frame.bounds, on: &frame, state: DashboardState())
    #expect(frame.text.hasPrefix("the log was pruned"))
  }

  /// Styles of the rows' first cells.
  static func styles(_ bench: Bench) -> [String] {
    var frame = Frame(size: bench.area)
    bench.view.draw(in: frame.bounds, on: &frame, state: DashboardState())
    return (0..<bench.area.rows).map { "\(frame[$0, 0].style)" }
  }

  @Test("tells lines, bytes, wrapping, columns and how far down one is")
  func facts() {
    var bench = Bench(Self.lines(0..<100))
    #expect(bench.view.facts(DashboardState()).map(\.string) == ["100 lines 790 B", "end"])
    bench.press(.top)
    bench.press(.pageDown, times: 2)
    bench.press(.right)
    let facts = bench.view.facts(DashboardState()).map(\.string)
    #expect(facts.contains("from column 17") && facts.contains { $0.hasSuffix("%") })
    bench.press(.toggleWrap)
    #expect(bench.view.facts(DashboardState()).contains("wrap"))
  }

  @Test("gets through a line that is longer than memory")
  func giantLine() {
    let giant = [UInt8](repeating: 0x78, count: 12 * LogWindow.maximumBytes)
    var bench = Bench(Array("first\n".utf8) + giant + Array("\nlast\n".utf8))
    for _ in 0..<40 { bench.press(.pageUp) }
    #expect(bench.rows.first == "first")
    for _ in 0..<40 { bench.press(.pageDown) }
    #expect(bench.rows.contains("last"))
    #expect(bench.view.piece.bytes.count <= 6 * LogWindow.maximumBytes)
  }

  @Test("starts over when the log has become shorter")
  func truncated() {
    var bench = Bench(Self.lines(0..<1000))
    bench.isActive = true
    bench.bytes = Array("new\n".utf8)
    bench.sample()
    #expect(bench.rows.first == "new")
  }

  @Test("copes with any keys on any log at any size", arguments: 1...10)
  func fuzz(seed: Int) {
    var random = SplitMix(UInt64(seed))
    let alphabet = "abc \t\r\n\n\u{1b}[m0日".utf8.map { [$0] } + [[0xff], [0]]
    let words = ["INFO ", "\nERROR ", "\n05:10:23 ", "\u{1b}[31m"].map { Array($0.utf8) }
    let pieces = alphabet + words
    let bytes = (0..<Int.random(in: 0...80_000, using: &random)).flatMap { _ in
      pieces.randomElement(using: &random) ?? []
    }
    let actions: [Action] = [
      .up, .down, .pageUp, .pageDown, .top, .bottom, .left, .right, .toggleWrap, .follow,
      .halfPageUp, .halfPageDown, .nextLevel, .nextTimes, .toggleColors,
    ]
    var bench = Bench(bytes)
    for _ in 0..<FuzzTests.steps / 2 {
      bench.area = Size(
        columns: .random(in: 1...120, using: &random), rows: .random(in: 1...50, using: &random))
      bench.press(actions.randomElement(using: &random) ?? .up)
      if Int.random(in: 0..<5, using: &random) == 0 { bench.search("ab") }
      #expect(bench.rows.count == bench.area.rows)
    }
  }
}

extension LogPosition {
  fileprivate var isFromEnd: Bool {
    switch self {
    case .end, .before: true
    case .offset: false
    }
  }
}
