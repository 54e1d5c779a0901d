import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The timeline")
struct TimelineTests {
  /// The sample run, far enough that its rest can be predicted.
  static func script() -> FactScript {
    var script = FactScript.release()
    for (name, end) in [("core", 262.0), ("ui", 263)] { script.end(name, at: end, peak: 90 << 20) }
    script.start("test-core", at: 264)
    script.start("test-ui", at: 264)
    script.end("test-core", at: 268)
    script.now = 270
    return script
  }

  static func sample(_ look: FrameTests.Look, _ size: Size, keys: String = "") -> DashboardState {
    var state = DashboardState.after(script(), glyphs: look.glyphs, theme: look.theme)
    _ = state.update(.resized(size))
    while state.chart != .timeline { _ = state.press("t") }
    _ = state.press("2" + keys)
    return state
  }

  @Test(
    "shows what ran and what is expected", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func tasks(size: Size, look: FrameTests.Look) throws {
    let frame = Self.sample(look, size, keys: "jjj").frame(size: size)
    try expectGolden(frame.golden, "timeline-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("shows a row a worker slot", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func slots(size: Size, look: FrameTests.Look) throws {
    let frame = Self.sample(look, size, keys: "w").frame(size: size)
    try expectGolden(frame.golden, "timeline-slots-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("an attempt that waits for a person has not failed")
  func waits() throws {
    var script = FactScript.release()
    script.start("core", at: 262)
    script.state("core", .waiting, "asks: Go on?")
    let state = DashboardState.after(script, glyphs: .unicode)
    let core = try #require(state.run.graph.task(named: "core")).id
    #expect(state.segments(of: .task(core)).map(\.kind).first == .running)
  }

  @Test("zooms into attempts, pauses and failures")
  func zoomed() throws {
    let size = Size(columns: 100, rows: 30)
    let frame = Self.sample(.unicode, size, keys: "G+++").frame(size: size)
    try expectGolden(frame.golden, "timeline-zoomed-100x30")
  }

  @Test("keeps the present in view while it zooms, until one looks elsewhere")
  func follows() {
    let size = Size(columns: 120, rows: 36)
    var state = Self.sample(.unicode, size, keys: "++")
    let axis = { (state: DashboardState) in
      state.timeline.axis(columns: 60, now: state.timelineEnd, isRunning: state.isRunning)
    }
    #expect(axis(state).column(of: state.now) == 45)
    _ = state.press("h")
    let earlier = axis(state)
    #expect(earlier.startSeconds < state.now - 0.75 * earlier.spanSeconds)
    _ = state.update(.tick(wallTime: state.wallTime, elapsedSeconds: state.now + 20))
    #expect(axis(state) == earlier)
    _ = state.press("f")
    #expect(axis(state).column(of: state.now) == 45)
    _ = state.press("=")
    #expect(axis(state).startSeconds == 0)
  }

  @Test("zooming out ends at the whole run")
  func zoomOut() {
    var state = Self.sample(.unicode, Size(columns: 120, rows: 36))
    for _ in 0..<40 { _ = state.press("+") }
    #expect(state.timeline.spanSeconds == Timeline.smallestSpan)
    for _ in 0..<40 { _ = state.press("-") }
    #expect(state.timeline.spanSeconds == nil)
  }

  @Test("leaves its keys to the list when the list has the focus")
  func focus() {
    var state = Self.sample(.unicode, Size(columns: 120, rows: 36))
    _ = state.press("1+")
    #expect(state.timeline.spanSeconds == nil)
    _ = state.press("2+")
    #expect(state.timeline.spanSeconds != nil)
  }

  @Test("draws the same row of a task wherever it stands among many")
  func manyRows() {
    var script = FactScript(.random(2_000, seed: 5))
    for n in stride(from: 0, to: 2_000, by: 7) {
      script.start("t\(n)", at: Double(n))
      script.end("t\(n)", at: Double(n) + 5)
    }
    var state = DashboardState.after(script)
    let size = Size(columns: 80, rows: 24)
    _ = state.update(.resized(size))
    while state.chart != .timeline { _ = state.press("t") }
    _ = state.press("G")
    let line = { (state: DashboardState) -> String? in
      state.frame(size: size).text.split(separator: "\n").first {
        $0.contains("›")
      }
      .map(String.init)
    }
    let atEnd = line(state)
    _ = state.press("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj")
    #expect(line(state) == atEnd)
    #expect(atEnd != nil)
  }
}

@Suite("The axis of time")
struct TimeAxisTests {
  @Test(
    "has ticks at round times, far enough apart",
    arguments: [0.5, 3, 10, 59, 60, 61, 600, 3_600, 86_400, 1e6, 3e7, 1e9], [20, 60, 150])
  func ticks(span: Double, columns: Int) {
    for start in [0, span / 3, 1e6] {
      let axis = TimeAxis(startSeconds: start, spanSeconds: span, columns: columns)
      let ticks = axis.ticks
      #expect(ticks.count <= columns / 9 + 1)
      for (tick, next) in zip(ticks, ticks.dropFirst()) {
        #expect(next.column - tick.column >= 9)
        #expect(tick.label.count <= 9)
        #expect(tick.label != next.label)
      }
    }
  }

  @Test(
    "names times with their units",
    arguments: [
      (0.0, 1.0, "0s"), (0, 0.5, "0.0s"), (86_460.5, 0.5, "1m0.5s"), (90_061, 1, "1h1m1s"),
      (0.25, 0.05, "0.25s"), (1.5, 0.5, "1.5s"), (30, 10, "30s"), (60, 30, "1m"),
      (90, 30, "1m30s"), (3_600, 600, "1h"), (3_900, 300, "1h5m"), (86_400, 3_600, "1d"),
      (108_000, 21_600, "1d6h"),
    ])
  func labels(seconds: Double, step: Double, label: String) {
    #expect(TimeAxis.label(seconds, step: step) == label)
  }

  @Test("puts a time into the column whose share of time holds it", arguments: 0..<20)
  func columns(seed: Int) {
    var random = SplitMix(UInt64(seed))
    let span = Double(random.next() % 10_000) + 1
    let axis = TimeAxis(startSeconds: Double(random.next() % 1_000), spanSeconds: span, columns: 77)
    for column in 0..<77 {
      let middle = (axis.seconds(ofColumn: column) + axis.seconds(ofColumn: column + 1)) / 2
      #expect(axis.column(of: middle) == column)
      #expect(axis.position(of: middle, parts: 8) == column * 8 + 4)
    }
    #expect(axis.column(of: axis.startSeconds - 1) == nil)
    #expect(axis.column(of: axis.endSeconds + 1) == nil)
  }
}

@Suite("The footprint over a run")
struct FootprintCurveTests {
  @Test("never loses a peak, however long the run")
  func thinned() {
    var curve = FootprintCurve()
    var random = SplitMix(9)
    var largest: Int64 = 0
    var newest: Int64 = 0
    for second in 0..<(3 * FootprintCurve.limit) {
      newest = Int64(random.next() % 1_000_000) + 1
      largest = max(largest, newest)
      curve.record(newest, at: Double(second))
    }
    let end = Double(3 * FootprintCurve.limit)
    let axis = TimeAxis(startSeconds: 0, spanSeconds: end, columns: 100)
    #expect(curve.maxima(axis, until: end).compactMap { $0 }.max() == largest)
    let last = TimeAxis(startSeconds: end, spanSeconds: 10, columns: 1)
    #expect(curve.maxima(last, until: end) == [newest])
  }

  @Test("holds a value until the next one, and nothing behind the end")
  func steps() {
    var curve = FootprintCurve()
    curve.record(5, at: 2)
    curve.record(9, at: 3.5)
    curve.record(1, at: 3.75)
    let axis = TimeAxis(startSeconds: 0, spanSeconds: 8, columns: 8)
    #expect(curve.maxima(axis, until: 6) == [nil, nil, 5, 9, 1, 1, 1, nil])
  }
}
