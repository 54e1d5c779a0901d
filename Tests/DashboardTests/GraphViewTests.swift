import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The graph view")
struct GraphViewTests {
  static let staged = TaskGraph.staged(100, seed: 5)

  static let drawings: [(graph: TaskGraph, zoom: GraphZoom)] =
    [TaskGraph.diamond, .shards, staged, .montage, .release].flatMap { graph in
      GraphZoom.allCases.map { (graph, $0) }
    } + [(.rnaseq, .overview), (.rnaseq, .clusters), (.rnaseq, .names)]

  /// A wide pane, so that the whole drawing shows.
  static func state(
    _ graph: TaskGraph, zoom: GraphZoom?, _ size: Size = Size(columns: 300, rows: 100)
  ) -> DashboardState {
    var state = DashboardState.after(FactScript(graph))
    state.graph.zoom = zoom
    state.view = .graph
    state.focus = .chart
    state.isZoomed = true
    _ = state.take(.resized(size))
    return state
  }

  @Test("draws every shape at every zoom", arguments: drawings)
  func zooms(graph: TaskGraph, zoom: GraphZoom) throws {
    let state = Self.state(graph, zoom: zoom)
    let picture = try #require(state.graph.picture)
    #expect(picture.zoom == zoom)
    let size = picture.layout.size
    var frame = Frame(
      size: Size(
        columns: min(240, max(40, size.columns + 2)), rows: min(120, size.rows + 2)))
    state.drawGraph(in: frame.bounds, on: &frame)
    try expectGolden(frame.text, "graph-\(graph.name)-\(zoom.rawValue)")
  }

  static let looks = FrameTests.sizes.flatMap { size in
    FrameTests.Look.allCases.map { (size, $0) }
  }

  @Test("shows a run in its middle", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func middle(size: Size, look: FrameTests.Look) throws {
    var state = FrameTests.sample(look, size)
    while state.chart != .graph || state.view == .list, size.columns < Layout.twoPanes {
      _ = state.press("t")
    }
    if size.columns >= Layout.twoPanes { _ = state.press("2") }
    try expectGolden(
      state.frame(size: size).golden, "graph-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("takes the nearest zoom that fits")
  func fit() {
    #expect(Self.state(.diamond, zoom: nil).graph.picture?.zoom == .cards)
    let narrow = Self.state(.release, zoom: nil, Size(columns: 80, rows: 24))
    #expect(narrow.graph.picture?.zoom == .clusters)
  }

  @Test("is laid out once: nothing that happens to tasks moves a chip")
  func stable() throws {
    var script = FactScript(.release)
    var state = DashboardState()
    _ = state.take(.resized(Size(columns: 160, rows: 50)))
    _ = state.take(.facts(script.facts))
    let before = try #require(state.graph.picture)
    let known = script.facts.count
    script = .release()
    var effects: [Effect] = []
    for fact in script.facts.dropFirst(known) { effects += state.update(.facts([fact])) }
    #expect(!effects.contains { if case .layGraph = $0 { true } else { false } })
    #expect(state.graph.picture == before)
  }

  @Test("leads along edges with h and l, and back the same way")
  func edges() {
    var state = Self.state(.release, zoom: .names)
    state.selection = .task(state.run.graph.tasks[0].id)
    _ = state.press("l")
    let second = state.selection
    _ = state.press("l")
    let third = state.selection
    #expect(second != third)
    _ = state.press("h")
    #expect(state.selection == second)
    _ = state.press("l")
    #expect(state.selection == third)
    _ = state.press("hh")
    #expect(state.selectedTask.map { state.name(of: $0).string } == "plan")
  }

  @Test("shows what is near the selection alone, and all again")
  func focus() throws {
    var state = Self.state(Self.staged, zoom: .names)
    state.selection = .task(TaskID(45))
    _ = state.press("F")
    let near = try #require(state.graph.picture)
    #expect(near.items.count < 100 && near.items.contains(.task(TaskID(45))))
    #expect(near.stubs.contains { $0.needs + $0.feeds > 0 })
    _ = state.take(.key(.backspace))
    #expect(state.graph.picture?.items.count == 100)
    #expect(state.selection == .task(TaskID(45)))
  }

  @Test("brings a task out of its cluster when it is selected or has failed")
  func alone() throws {
    var state = Self.state(.fan(12), zoom: .clusters)
    #expect(state.graph.picture?.items.count == 3)
    state.selection = .task(TaskID(4))
    _ = state.take(.key(.character("?")))
    #expect(state.graph.picture?.items.contains(.task(TaskID(4))) == true)
    #expect(state.graph.picture?.items.count == 4)
  }

  @Test(
    "never draws outside its pane, at any size", arguments: [GraphZoom?.none, .cards, .overview])
  func sizes(zoom: GraphZoom?) {
    var state = Self.state(.release, zoom: zoom)
    for columns in [1, 10, 40, 80, 161, 300] {
      for rows in [1, 2, 10, 14, 36, 100] {
        let size = Size(columns: columns, rows: rows)
        _ = state.take(.resized(size))
        #expect(state.frame(size: size).size == size)
      }
    }
  }

  @Test("finds the chip under a cell, and none between chips")
  func hit() throws {
    let state = Self.state(.diamond, zoom: .names)
    let rect = try #require(state.layout(state.size).chart)
    let items = (rect.row..<rect.endRow).flatMap { row in
      (rect.column..<rect.endColumn).compactMap { state.graphItem(row: row, column: $0, in: rect) }
    }
    #expect(Set(items).count == 4)
    #expect(
      items.count
        == (0..<4).reduce(0) { $0 + (state.graph.picture?.layout.rect(of: $1).columns ?? 0) })
  }
}

@Suite("Chips")
struct ChipTests {
  static func chips(
    _ graph: TaskGraph, _ zoom: GraphZoom, alone: Set<TaskID> = []
  ) -> ChipGraph {
    var run = RunState()
    for fact in FactScript(graph).facts { run.apply(fact) }
    return ChipGraph(
      run, tree: GroupTree(graph), zoom: zoom, fold: { _ in .active }, alone: alone)
  }

  @Test("stand for every task once, and wait as their tasks do", arguments: 0..<40)
  func whole(seed: Int) {
    let graph = TaskGraph.random(80, seed: UInt64(seed))
    for zoom in GraphZoom.allCases {
      let chips = Self.chips(graph, zoom)
      #expect(chips.members.flatMap { $0 }.sorted() == graph.tasks.map(\.id), "seed \(seed)")
      var owner: [TaskID: Int] = [:]
      for (chip, row) in chips.members.enumerated() { for task in row { owner[task] = chip } }
      for task in graph.tasks {
        for need in task.needs where owner[need.task] != owner[task.id] {
          let from = owner[need.task] ?? -1
          #expect(chips.dependents[from].contains(owner[task.id] ?? -1), "seed \(seed)")
        }
      }
      #expect(Self.isAcyclic(chips), "seed \(seed), \(zoom)")
    }
  }

  static func isAcyclic(_ chips: ChipGraph) -> Bool {
    var open = chips.predecessors.map(\.count)
    var ready = open.indices.filter { open[$0] == 0 }
    var count = 0
    while let next = ready.popLast() {
      count += 1
      for dependent in chips.dependents[next] {
        open[dependent] -= 1
        if open[dependent] == 0 { ready.append(dependent) }
      }
    }
    return count == open.count
  }

  @Test("merge twins and chains, and leave alone what has to be seen")
  func merging() {
    #expect(Self.chips(.fan(12), .clusters).items.count == 3)
    #expect(Self.chips(.fan(12), .clusters, alone: [TaskID(3)]).items.count == 4)
    #expect(Self.chips(.fan(12), .names).items.count == 14)
    #expect(Self.chips(.chains(6), .overview).items.count == 1)
    #expect(Self.chips(.release, .clusters).items.count == 12)
  }
}
