import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("What wants a person")
struct AttentionTests {
  /// Work 0 to 7: done, failed, waiting, paused, failed, waiting, running, ready.
  static func script() -> FactScript {
    var script = FactScript(.fan(8))
    script.start("split", at: 1)
    script.end("split", at: 2)
    let states: [TaskState] = [
      .done, .failed, .waiting, .paused, .failed, .waiting, .running, .ready,
    ]
    for (n, state) in states.enumerated() { script.state("work-\(n)", state) }
    return script
  }

  static func selected(_ state: DashboardState) -> String {
    state.selectedTask.map { state.run.graph[$0].name } ?? ""
  }

  @Test("is gone through in order: what waits, what failed, what is paused, round again")
  func order() {
    var state = DashboardState.after(Self.script())
    var names: [String] = []
    for _ in 0..<6 {
      _ = state.press("a")
      names.append(Self.selected(state))
    }
    #expect(names == ["work-2", "work-5", "work-1", "work-4", "work-3", "work-2"])
  }

  @Test("failed tasks are gone through in the order of the graph, both ways round")
  func failed() {
    var state = DashboardState.after(Self.script())
    let keys: [(String, String)] = [
      ("e", "work-1"), ("e", "work-4"), ("e", "work-1"), ("E", "work-4"), ("E", "work-1"),
    ]
    for (key, name) in keys {
      _ = state.press(key)
      #expect(Self.selected(state) == name)
    }
  }

  @Test("is not looked for behind the filter, and its absence is said", arguments: ["a", "e", "E"])
  func none(key: String) {
    var state = DashboardState.after(Self.script())
    _ = state.press("/work-6")
    _ = state.update(.key(.enter))
    let before = state.selection
    _ = state.press(key)
    #expect(state.selection == before)
    #expect(state.notice == (key == "a" ? "nothing waits, failed or is paused" : "no task failed"))
  }

  @Test("is counted in the header, by sign and not by colour alone", arguments: [80, 120, 200])
  func header(columns: Int) {
    let state = DashboardState.after(Self.script())
    let picture = state.frame(size: Size(columns: columns, rows: 36)).text
    #expect(picture.prefix(columns).contains(" 2✗ 2◆"))
  }

  @Test("shows in a folded group")
  func folded() {
    var state = DashboardState.after(.release())
    state.folds[0] = .closed
    state.refresh()
    _ = state.press("a")
    #expect(Self.selected(state) == "shard[n=21]")
    _ = state.press("a")
    #expect(Self.selected(state) == "shard[n=19]")
    #expect(state.listing.rows.contains { $0.item == state.selection })
  }
}
