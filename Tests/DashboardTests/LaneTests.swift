import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("Lanes")
struct LaneTests {
  static let graphs: [TaskGraph] = [
    .fan(2), .fanOut(3), .fanOut(12), .fanIn(3), .fanIn(12), .fan(12), .chains(6), .release,
    .random(40, seed: 7),
  ]

  @Test("draw a graph", arguments: graphs)
  func picture(graph: TaskGraph) throws {
    var state = DashboardState.after(FactScript(graph))
    for group in graph.groups.indices { state.folds[group] = .open }
    state.layLanes()
    var frame = Frame(size: Size(columns: 80, rows: graph.tasks.count + 6))
    state.drawLanes(in: frame.bounds, on: &frame)
    try expectGolden(frame.text, "lanes-\(graph.name)")
  }

  static func lanes(_ graph: TaskGraph, path: [TaskID] = []) -> Lanes {
    var run = RunState()
    for fact in FactScript(graph).facts { run.apply(fact) }
    return Lanes(run, tree: GroupTree(graph), fold: { _ in .open }, path: path)
  }

  @Test("put every task behind what it needs, once", arguments: 0..<20)
  func order(seed: Int) {
    let graph = TaskGraph.random(60, seed: UInt64(seed))
    let lanes = Self.lanes(graph)
    #expect(Set(lanes.items).count == graph.tasks.count)
    let position = Dictionary(uniqueKeysWithValues: lanes.items.enumerated().map { ($1, $0) })
    for task in graph.tasks {
      for need in task.needs {
        #expect(position[.task(need.task)] ?? .max < position[.task(task.id)] ?? 0)
      }
    }
  }

  @Test("lead from every task to all that wait for it, and to no other", arguments: 0..<60)
  func edges(seed: Int) {
    // Few dependents and needs: shared lanes are drawn alike for both directions.
    let graph = Self.sparse(seed: UInt64(seed))
    let links = graph.links()
    let lanes = Self.lanes(graph)
    guard !lanes.hasHidden else { return }
    for (row, lane) in lanes.rows.enumerated() {
      guard case .task(let task) = lane.item else { continue }
      let reached = Set(Trace(lanes.rows).targets(of: row).map { lanes.items[$0] })
      #expect(reached == Set(links.dependents[task.index].map { .task($0) }), "seed \(seed)")
    }
  }

  /// At most two needs, and never more than four dependents.
  static func sparse(seed: UInt64) -> TaskGraph {
    var random = SplitMix(seed)
    var script = GraphScript("sparse")
    var dependents = Array(repeating: 0, count: 14)
    for n in 0..<14 {
      script.task("t\(n)")
      var needs: [Int] = []
      for _ in 0..<Int(random.next() % 3) where n > 0 {
        let need = Int(random.next() % UInt64(n))
        if dependents[need] < 4, !needs.contains(need) {
          needs.append(need)
          dependents[need] += 1
        }
      }
      script.edit(n, needs)
    }
    return script.graph
  }

  @Test("show the row of every dependent even where they are shared", arguments: [5, 12, 30])
  func shared(width: Int) {
    let graph = TaskGraph.fan(width)
    let lanes = Self.lanes(graph)
    #expect(!lanes.hasHidden)
    #expect(lanes.width == 4)
    let reached = Trace(lanes.rows).targets(of: 0)
    #expect(reached.isSuperset(of: 1...width))
  }

  @Test("keep the critical path in column 0, heavy between its tasks")
  func critical() {
    let graph = TaskGraph.fan(3)
    let path = ["split", "work-1", "join"].compactMap { graph.task(named: $0)?.id }
    let lanes = Self.lanes(graph, path: path)
    for row in lanes.rows {
      #expect((row.lane == 0) == path.contains { Item.task($0) == row.item })
    }
    let passing = lanes.rows.filter { $0.lane != 0 }
    #expect(passing.count == 2)
    #expect(passing.allSatisfy { $0.isHeavyAbove && $0.isHeavyBelow })
  }

  @Test("count what lies beyond the eighth")
  func hidden() {
    var script = GraphScript("wide")
    for n in 0..<12 { script.task("a\(n)") }
    for n in 0..<12 { script.task("b\(n)", needs: (n..<(n + 4)).map { "a\($0 % 12)" }) }
    let lanes = Self.lanes(script.graph)
    #expect(lanes.width == Lanes.maximumLanes)
    #expect(lanes.hasHidden)
    #expect(lanes.rows.contains { $0.hidden > 0 })
  }

  @Test("unfold a group that would have to run both before and after a task outside")
  func knot() {
    var script = GraphScript("knot")
    let group = script.group("g")
    script.task("first", group: group)
    script.task("between", needs: ["first"])
    script.task("last", needs: ["between"], group: group)
    let state = DashboardState.after(FactScript(script.graph))
    let lanes = Lanes(
      state.run, tree: state.listing.tree, fold: { _ in .closed }, path: [])
    #expect(lanes.items == script.graph.tasks.map { .task($0.id) })
  }

  @Test("do not move when a state changes")
  func stable() {
    let state = DashboardState.after(FactScript(.release))
    var later = FactScript(.release)
    later.start("plan", at: 1)
    #expect(DashboardState.after(later).lanes.rows == state.lanes.rows)
  }
}

/// Follows the lines of a drawing downwards and sideways, as an eye would.
private struct Trace {
  private let rows: [Lanes.Row]

  init(_ rows: [Lanes.Row]) { self.rows = rows }

  /// Returns the rows whose nodes the lines from this row's node lead to.
  func targets(of row: Int) -> Set<Int> {
    var found = Set<Int>()
    let column = 2 * rows[row].lane
    if arms(row, column).contains(.down) { descend(row + 1, column, &found) }
    for step in [-1, 1] { slide(row, column + step, step, &found) }
    return found
  }

  private func arms(_ row: Int, _ column: Int) -> Glyphs.Arms {
    guard rows.indices.contains(row), rows[row].cells.indices.contains(column) else { return [] }
    return rows[row].cells[column]
  }

  private func descend(_ row: Int, _ column: Int, _ found: inout Set<Int>) {
    let here = arms(row, column)
    guard here.contains(.up) else { return }
    if column == 2 * rows[row].lane {
      found.insert(row)
      return
    }
    if here.contains(.down) { descend(row + 1, column, &found) }
    for (arm, step) in [(Glyphs.Arms.left, -1), (.right, 1)] where here.contains(arm) {
      if here.isSuperset(of: [.up, .down]) || !here.contains(.down) {
        arrive(row, column + step, step, &found)
      }
    }
  }

  /// From a lane sideways to the row's node.
  private func arrive(_ row: Int, _ column: Int, _ step: Int, _ found: inout Set<Int>) {
    guard column >= 0, column < 200 else { return }
    if column == 2 * rows[row].lane {
      found.insert(row)
      return
    }
    arrive(row, column + step, step, &found)
  }

  /// From the row's node sideways to the lanes that start here.
  private func slide(_ row: Int, _ column: Int, _ step: Int, _ found: inout Set<Int>) {
    let here = arms(row, column)
    let toNode: Glyphs.Arms = step < 0 ? .right : .left
    guard rows[row].cells.indices.contains(column), !here.isEmpty else { return }
    let isCrossed = here == [.up, .down]
    if here.contains(toNode), here.contains(.down), !here.contains(.up) {
      descend(row + 1, column, &found)
    }
    if here.contains(toNode), here.isSuperset(of: [.up, .down]) {
      descend(row + 1, column, &found)
    }
    if isCrossed || here.isSuperset(of: [.left, .right]) {
      slide(row, column + step, step, &found)
    }
  }
}
