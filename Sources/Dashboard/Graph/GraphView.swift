import Canvas
import Model

/// What the person looks at in the graph, and the drawing of it.
package struct GraphView: Sendable {
  /// Steps back out of a focus.
  static let maximumFocuses = 32
  /// Tasks that stay out of clusters because they were looked at.
  static let maximumAlone = 64

  /// nil is the nearest zoom that fits.
  package internal(set) var zoom: GraphZoom?
  /// The last one is in the middle; the others lead back.
  package internal(set) var focuses: [Item] = []
  package internal(set) var picture: GraphPicture?
  /// Was asked for, and is not there yet.
  var wanted: GraphKey?
  var alone: [TaskID] = []
  var revision = 0
  /// The cell of the drawing in the upper left corner of the pane.
  var top = 0
  var left = 0
  /// Chips that `l` came from, so that `h` goes the same way back, and the other way round.
  var trail: [Int] = []
}

extension DashboardState {
  /// Orders a drawing if what it depends on has changed.
  mutating func graphEffects() -> [Effect] {
    guard chart == .graph, let rect = layout(size).chart, !run.tasks.isEmpty else { return [] }
    let key = graphKey(in: rect)
    guard key != graph.wanted, key != graph.picture?.key || graph.wanted != nil else { return [] }
    graph.wanted = key
    return [
      .layGraph(
        GraphRequest(
          key: key, run: run, tree: listing.tree, glyphs: glyphs, previous: graph.picture))
    ]
  }

  private func graphKey(in rect: Rect) -> GraphKey {
    let room = graphRoom(rect)
    return GraphKey(
      revision: graph.revision, zoom: graph.zoom,
      room: graph.zoom == nil ? Size(columns: room.columns, rows: room.rows) : nil,
      folds: run.graph.groups.indices.map { fold(of: $0) }, focus: graph.focuses.last,
      alone: graph.alone)
  }

  mutating func take(_ picture: GraphPicture) {
    guard picture.key == graph.wanted else { return }
    graph.wanted = nil
    graph.trail = []
    graph.picture = picture
    keepSelectionInView()
  }

  /// The chip that shows the selection.
  var selectedChip: Int? { selection.flatMap { chip(of: $0) } }

  func chip(of item: Item) -> Int? {
    guard let picture = graph.picture else { return nil }
    if case .task(let task) = item { return picture.chip(of: task) }
    if let exact = picture.items.firstIndex(of: item) { return exact }
    return tasks(of: item).first.flatMap { picture.chip(of: $0) }
  }

  /// The graph has the focus, or is all that shows.
  var movesInGraph: Bool {
    guard chart == .graph, graph.picture != nil else { return false }
    return layout(size).list == nil || focus == .chart
  }

  /// A task that is selected from elsewhere shows as itself, not as one of a cluster.
  mutating func bringOutOfCluster() {
    guard case .task(let task) = selection, let picture = graph.picture,
      let chip = picture.chip(of: task), case .cluster = picture.items[chip],
      !graph.alone.contains(task)
    else { return }
    graph.alone = Array((graph.alone + [task]).suffix(GraphView.maximumAlone))
  }
}

// MARK: Moving

extension DashboardState {
  mutating func moveInGraph(_ action: Action) {
    guard let picture = graph.picture, !picture.items.isEmpty else { return }
    let at = selectedChip ?? 0
    guard selectedChip != nil else { return select(chip: 0) }
    let next: Int? =
      switch action {
      case .left: along(picture.predecessors[at], from: at)
      case .right: along(picture.dependents[at], from: at)
      case .up, .previousMatch: beside(at, by: -1)
      case .down, .nextMatch: beside(at, by: 1)
      case .halfPageUp: beside(at, by: -max(1, graphPage / 2))
      case .halfPageDown: beside(at, by: max(1, graphPage / 2))
      case .pageUp: beside(at, by: -graphPage)
      case .pageDown: beside(at, by: graphPage)
      case .top: picture.layout.ranks.first?.first
      case .bottom: picture.layout.ranks.last?.last
      default: nil
      }
    guard let next, next != at else { return }
    let isAlongEdge = action == .left || action == .right
    graph.trail = isAlongEdge ? Array((graph.trail + [at]).suffix(GraphView.maximumFocuses)) : []
    select(chip: next)
  }

  mutating func select(chip: Int?) {
    guard let picture = graph.picture, let chip, picture.items.indices.contains(chip) else {
      return
    }
    selection = picture.items[chip]
    follows = false
  }

  /// Chips of a rank that fit into the pane.
  private var graphPage: Int {
    let room = layout(size).chart.map { graphRoom($0).rows } ?? 1
    return max(1, room / (graph.picture?.zoom.rowPitch ?? 2))
  }

  /// Back where one came from if that is one of them, else to the nearest.
  private func along(_ chips: [Int], from chip: Int) -> Int? {
    guard let layout = graph.picture?.layout else { return nil }
    if let last = graph.trail.last, chips.contains(last) { return last }
    let row = layout.rect(of: chip).row
    return chips.min {
      (abs(layout.rect(of: $0).row - row), $0) < (abs(layout.rect(of: $1).row - row), $1)
    }
  }

  private func beside(_ chip: Int, by step: Int) -> Int? {
    guard let layout = graph.picture?.layout else { return nil }
    let rank = layout.ranks[layout.rank(of: chip)]
    guard let at = rank.firstIndex(of: chip) else { return nil }
    return rank[min(rank.count - 1, max(0, at + step))]
  }

  /// Moves the window by as little as shows the selected chip.
  mutating func keepChipInView(_ rect: Rect) {
    guard let picture = graph.picture else { return }
    let room = graphRoom(rect)
    let size = picture.layout.size
    let chip = selectedChip.map { picture.layout.rect(of: $0) }
    graph.top = Self.start(graph.top, chip.map { $0.row..<$0.endRow }, of: size.rows, room.rows)
    graph.left = Self.start(
      graph.left, chip.map { $0.column..<$0.endColumn }, of: size.columns, room.columns)
  }

  private static func start(_ start: Int, _ shown: Range<Int>?, of total: Int, _ room: Int) -> Int {
    var start = start
    if let shown {
      start = max(start, shown.upperBound - room)
      start = min(start, shown.lowerBound)
    }
    return max(0, min(start, total - room))
  }
}

// MARK: Zoom and focus

extension DashboardState {
  mutating func zoomGraph(by step: Int) {
    let now = graph.zoom ?? graph.picture?.zoom ?? .clusters
    graph.zoom = GraphZoom(rawValue: now.rawValue + step) ?? now
  }

  /// Shows the neighbourhood of the selection alone; of what is in the middle already, all again.
  mutating func toggleGraphFocus() {
    guard let selection, chip(of: selection) != nil else { return }
    if graph.focuses.last == selection { return leaveGraphFocus() }
    graph.focuses = Array((graph.focuses + [selection]).suffix(GraphView.maximumFocuses))
  }

  mutating func leaveGraphFocus() {
    if let middle = graph.focuses.popLast() { selection = middle }
  }
}
