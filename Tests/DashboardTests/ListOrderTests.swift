import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The order of the list")
struct ListOrderTests {
  static func names(_ state: DashboardState) -> [String] {
    state.listing.rows.map { state.name(of: $0.item).string }
  }

  static func sorted(_ column: ListOrder.Column, isInverse: Bool = false) -> DashboardState {
    var state = FrameTests.sample(.unicode, Size(columns: 120, rows: 36))
    state.order = ListOrder(column, isInverse: isInverse)
    state.refresh()
    return state
  }

  // The group stands where its first member would: shard[n=21] failed, the longest shard took 8 s,
  // the largest has 24 MiB; shard[n=19] was paused at once.
  @Test(
    "goes by what was chosen, groups with their members",
    arguments: [
      (
        ListOrder.Column.state,
        [
          "shard", "shard[n=21]", "shard[n=19]", "shard[n=20]", "shard[n=18]", "shard[n=22]",
          "core", "ui", "test-core", "test-ui", "bench", "merge", "plan", "fetch", "spec",
          "index", "docs",
        ]
      ),
      (
        .time,
        [
          "core", "ui", "index", "spec", "docs", "fetch", "plan", "shard", "shard[n=18]",
          "shard[n=20]", "shard[n=21]", "shard[n=19]", "shard[n=22]", "test-core", "test-ui",
          "bench", "merge",
        ]
      ),
      (
        .memory,
        [
          "bench", "index", "core", "ui", "test-core", "test-ui", "fetch", "shard",
          "shard[n=20]", "shard[n=21]", "shard[n=18]", "shard[n=19]", "shard[n=22]", "merge",
          "spec", "docs", "plan",
        ]
      ),
      (
        .name,
        [
          "bench", "core", "docs", "fetch", "index", "merge", "plan", "shard", "shard[n=18]",
          "shard[n=19]", "shard[n=20]", "shard[n=21]", "shard[n=22]", "spec", "test-core",
          "test-ui", "ui",
        ]
      ),
    ])
  func columns(column: ListOrder.Column, names: [String]) {
    #expect(Self.names(Self.sorted(column)) == names)
  }

  @Test("turned round keeps what has no figure last")
  func inverse() {
    let names = Self.names(Self.sorted(.time, isInverse: true))
    #expect(
      names.first == "shard" && names.suffix(4) == ["test-core", "test-ui", "bench", "merge"])
    #expect(Self.names(Self.sorted(.name, isInverse: true)).first == "ui")
  }

  @Test(
    "takes digits in names by their value",
    arguments: [
      ("n=2", "n=10"), ("n=02", "n=10"), ("a", "b"), ("a", "a1"), ("a9b", "a10a"),
      ("x99999999999999999998", "x99999999999999999999"), ("a1b1", "a1b2"), ("A", "a"),
    ])
  func digits(first: String, second: String) {
    #expect(DashboardState.precedes(Array(first.utf8), Array(second.utf8)))
    #expect(!DashboardState.precedes(Array(second.utf8), Array(first.utf8)))
  }

  @Test("is chosen and turned round by keys, and says so")
  func keys() {
    var state = FrameTests.sample(.unicode, Size(columns: 120, rows: 36))
    _ = state.press(">>")
    #expect(state.order == ListOrder(.time))
    #expect(state.frame(size: state.size).text.contains("time▼"))
    _ = state.press("I")
    #expect(state.frame(size: state.size).text.contains("time▲"))
    _ = state.press("<<")
    #expect(state.order == ListOrder(.graph))
    #expect(state.listing.sorted == nil)
    _ = state.press("<")
    #expect(state.order == ListOrder(.slack))
    _ = state.press(">")
    #expect(state.update(.key(.character("I"))).isEmpty && state.order == ListOrder(.graph))
  }

  /// A new sample every tenth of a second for which `work-1` and `work-2` change places.
  static func sample(_ state: inout DashboardState, at tenths: Int) {
    let sizes = tenths % 2 == 0 ? [300, 200] : [200, 300]
    var signals = Signals()
    for (n, size) in sizes.enumerated() {
      signals.tasks[TaskID(n + 2)] = Signals.TaskSample(residentBytes: Int64(size) << 20)
    }
    let wallTime = FactScript.start + Int64(tenths) * 100_000_000
    _ = state.update(.tick(wallTime: wallTime, elapsedSeconds: nil))
    _ = state.update(.signals(signals))
  }

  static func running(_ count: Int) -> DashboardState {
    var script = FactScript(.fan(count))
    for n in 0..<count { script.start("work-\(n)", at: 1) }
    var state = DashboardState.after(script)
    _ = state.update(.resized(Size(columns: 80, rows: 24)))
    return state
  }

  @Test("changes by itself at most once a second, and not while somebody moves")
  func calm() {
    var state = Self.running(4)
    _ = state.press(">>>")
    var changes: [Int] = []
    var before = Self.names(state)
    for tenths in 11...60 {
      Self.sample(&state, at: tenths)
      if (30..<45).contains(tenths) { _ = state.press("j") }
      if Self.names(state) != before { changes.append(tenths) }
      before = Self.names(state)
    }
    #expect(!changes.isEmpty)
    #expect(zip(changes, changes.dropFirst()).allSatisfy { $1 - $0 >= 10 })
    #expect(!changes.contains { (31..<54).contains($0) })
  }

  @Test("leaves the selection on its task and its line")
  func selectionStays() {
    var state = Self.running(60)
    _ = state.press(">>>")
    Self.sample(&state, at: 20)
    state.selection = .task(TaskID(40))
    state.keepSelectionInView()
    let line = state.position(in: state.items).map { $0 - state.listTop }
    var signals = Signals()
    // Nine tasks that were behind the selection go to the top.
    for n in 50..<59 { signals.tasks[TaskID(n)] = Signals.TaskSample(residentBytes: 1 << 30) }
    _ = state.update(.tick(wallTime: FactScript.start + 9_000_000_000, elapsedSeconds: nil))
    _ = state.update(.signals(signals))
    #expect(state.names(at: 0..<9) == (50..<59).map { "work-\($0 - 1)" })
    #expect(state.selection == .task(TaskID(40)))
    #expect(state.position(in: state.items).map { $0 - state.listTop } == line)
  }

  @Test("is the final one when the run has closed")
  func closed() {
    var script = FactScript(.fan(2))
    script.start("split", at: 1)
    var state = DashboardState.after(script)
    _ = state.press(">")
    #expect(Self.names(state).first == "split")
    script.end("split", at: 1.1)
    script.state("work-0", .failed)
    script.close(.failed, at: 1.2, "1 task failed")
    _ = state.update(.facts(script.facts))
    #expect(Self.names(state) == ["work-0", "work-1", "join", "split"])
  }

  @Test(
    "is marked at its column, at every size", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func picture(size: Size, look: FrameTests.Look) throws {
    var state = FrameTests.sample(look, size)
    _ = state.press(">>g*jvv")
    let frame = state.frame(size: size)
    try expectGolden(frame.golden, "sorted-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }
}

extension DashboardState {
  fileprivate func names(at rows: Range<Int>) -> [String] {
    listing.rows[rows].map { name(of: $0.item).string }
  }
}
