import Canvas
import Model
import Planning
import Testing

@testable import Dashboard

@Suite("The dashboard")
struct StateTests {
  @Test("folds facts the same in one batch and one by one")
  func batches() {
    let script = FactScript.release()
    let whole = DashboardState.after(script)
    var single = DashboardState()
    for fact in script.facts { _ = single.update(.facts([fact])) }
    _ = single.update(.facts(script.facts))
    #expect(single.run == whole.run)
    #expect(single.events == whole.events)
    #expect(single.listing.rows == whole.listing.rows)
  }

  @Test("keeps a limited number of event lines, the newest")
  func eventLimit() {
    var script = FactScript(.fan(2))
    for n in 0..<2_500 { script.add(.notice(Fact.Notice(code: "n", text: "notice \(n)"))) }
    let state = DashboardState.after(script)
    #expect(state.events.count <= 2 * DashboardState.eventLimit)
    #expect(state.events.last?.text == "notice 2499")
  }

  @Test("keeps a limited number of log windows, the newest")
  func logLimit() {
    var state = DashboardState()
    let window = LogWindow(offset: 0, bytes: [65], totalBytes: 1)
    for n in 0..<20 {
      _ = state.update(.logWindow(LogReference(task: TaskID(n), attempt: 1), window))
    }
    #expect(state.logs.count == DashboardState.logLimit)
    #expect(state.logs[LogReference(task: TaskID(19), attempt: 1)] != nil)
  }

  @Test("shows why something was refused, for a while")
  func refused() {
    var state = DashboardState.after(.release())
    let size = Size(columns: 80, rows: 24)
    _ = state.update(.answer(.hold, .refused(reason: "not\u{7} now")))
    #expect(state.frame(size: size).text.hasSuffix("refused: not· now"))
    _ = state.update(.tick(wallTime: state.wallTime + 5_000_000_000, elapsedSeconds: nil))
    #expect(state.notice == nil)
  }

  @Test("reads the selected log where it has a pane for it")
  func outputPane() {
    var state = DashboardState.after(.release())
    guard let core = state.run.graph.task(named: "core") else { return }
    state.selection = .task(core.id)
    let log = LogReference(task: core.id, attempt: 1)
    #expect(state.take(.resized(Size(columns: 120, rows: 36))).isEmpty)
    #expect(state.take(.resized(Size(columns: 200, rows: 60))) == [.readLog(log, .end)])
    #expect(state.take(.signals(Signals())) == [.readLog(log, .end)])
    let text = Array("one\ntwo \u{1B}[31mred\n".utf8)
    let window = LogWindow(offset: 0, bytes: text, totalBytes: Int64(text.count))
    _ = state.update(.logWindow(log, window))
    let picture = state.frame(size: state.size).text
    #expect(picture.contains("two red") && picture.contains("Output core"))
  }

  @Test("has no numbers before there is something to count")
  func nothingKnown() {
    let state = DashboardState.after(FactScript(.fan(3)))
    let picture = state.frame(size: Size(columns: 120, rows: 36)).text
    #expect(picture.contains("eta n/a: no times"))
    #expect(picture.contains("n/a: no task has ended"))
    #expect(picture.contains("n/a: nothing was asked for yet"))
    #expect(!picture.contains("crit"))
  }

  @Test("takes no expectation while the run is held")
  func held() {
    var script = FactScript.release()
    script.add(.runHeld(Fact.Remark("ana@pts/3")))
    let state = DashboardState.after(script)
    #expect(state.outlook.forecast == .unknown(.held))
    #expect(state.frame(size: Size(columns: 120, rows: 36)).text.contains("‖ held"))
  }

  @Test("shrinks to one line below 40 × 10")
  func statusLine() {
    let state = DashboardState.after(.release())
    #expect(
      state.frame(size: Size(columns: 39, rows: 9)).text.hasPrefix("cairn 23/35 82% 1✗ eta 40s"))
    #expect(state.frame(size: Size(columns: 20, rows: 1)).text == "23/35 82% 1✗ eta 40s")
  }
}

@Suite("A history")
struct HistoryTests {
  @Test("keeps the newest value of each second and fills what was still")
  func seconds() {
    var history = History()
    history.record(1, at: 0.2)
    history.record(2, at: 0.9)
    history.record(5, at: 3.1)
    #expect(history.newest(60, steps: 60, now: 4.5) == [2, 2, 2, 5, 5])
  }

  @Test("is limited, and jumps do not fill it")
  func limits() {
    var history = History()
    for second in 0..<2_000 { history.record(1, at: Double(second)) }
    history.record(7, at: 1e12)
    #expect(history.newest(60, steps: 60, now: 1e12) == [7])
  }
}
