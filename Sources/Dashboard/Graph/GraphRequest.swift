import Canvas
import Model

/// What a drawing of the graph depends on; as long as it stays, no layout is made.
///
/// States are not part of it: a task that starts, ends or fails moves nothing.
package struct GraphKey: Sendable, Equatable {
  /// Grows with each change of the graph.
  var revision: Int
  /// nil takes the nearest zoom that fits into the room.
  var zoom: GraphZoom?
  /// Rows and columns of the pane, where the zoom depends on them.
  var room: Size?
  /// Of each group, where they count.
  var folds: [Fold]
  /// The middle of the neighbourhood that is shown alone.
  var focus: Item?
  /// Tasks that the person looked at and that stay out of clusters.
  var alone: [TaskID]
}

/// An order for a drawing of the graph.
///
/// It holds a snapshot of the run, so that `picture` can be made on any thread.
package struct GraphRequest: Sendable, Equatable {
  /// More chips than this are not laid out to see whether they fit.
  private static let mostForCards = 400
  private static let mostForNames = 1_000
  private static let focusHops = 2
  /// As many as one can take in at a glance.
  private static let focusChips = 50

  package let key: GraphKey
  let run: RunState
  let tree: GroupTree
  let glyphs: Glyphs
  /// The drawing that is on the screen; what it shows stays in place where the zoom is the same.
  let previous: GraphPicture?

  package static func == (one: GraphRequest, other: GraphRequest) -> Bool { one.key == other.key }

  /// Lays the graph out.
  ///
  /// - Throws: `CancellationError` when the surrounding task is cancelled.
  package func picture() throws(CancellationError) -> GraphPicture {
    if let zoom = key.zoom { return try picture(zoom, isTight: false) }
    var clusters: GraphPicture?
    for zoom in GraphZoom.allCases.reversed() where isWorthTrying(zoom) {
      for isTight in zoom == .overview ? [true] : [false, true] {
        let picture = try picture(zoom, isTight: isTight)
        if picture.fits(key.room) { return picture }
        if zoom == .clusters { clusters = picture }
      }
    }
    // Nothing fits: what has to be scrolled may as well tell something.
    if let clusters { return clusters }
    return try picture(.clusters, isTight: true)
  }

  private func isWorthTrying(_ zoom: GraphZoom) -> Bool {
    switch zoom {
    case .cards: key.focus != nil || run.taskCount <= Self.mostForCards
    case .names: key.focus != nil || run.taskCount <= Self.mostForNames
    case .clusters, .overview: true
    }
  }

  private func picture(
    _ zoom: GraphZoom, isTight: Bool
  ) throws(CancellationError) -> GraphPicture {
    var alone = Set(key.alone)
    for (index, status) in run.tasks.enumerated() where status.state.escapesClusters {
      alone.insert(TaskID(index))
    }
    var chips = ChipGraph(
      run, tree: tree, zoom: zoom,
      fold: { key.folds.indices.contains($0) ? key.folds[$0] : .open }, alone: alone)
    var stubs: [ChipGraph.Stub] = []
    if let focus = key.focus, let chip = chips.chip(of: focus, tree) {
      stubs = chips.focus(on: chip, hops: Self.focusHops, limit: Self.focusChips)
    }
    let names = ChipNames(run, chips, zoom: zoom, isTight: isTight, glyphs: glyphs)
    return try GraphPicture(self, zoom: zoom, chips: chips, stubs: stubs, names: names)
  }
}

extension TaskState {
  /// Somebody has to see it.
  fileprivate var escapesClusters: Bool { self == .failed || self == .waiting }
}

extension ChipGraph {
  /// The chip that shows the item, or most of it.
  func chip(of item: Item, _ tree: GroupTree) -> Int? {
    if let exact = items.firstIndex(of: item) { return exact }
    let first: TaskID? =
      switch item {
      case .task(let task): task
      case .group(let group): tree.members.indices.contains(group) ? tree.members[group].first : nil
      case .cluster(let cluster): cluster.tasks.first
      }
    guard let first else { return nil }
    return members.firstIndex { $0.contains(first) }
  }
}

/// How wide chips are: from their names, never from what changes.
struct ChipNames {
  /// As in `100` or `~62`.
  static let percentColumns = 3
  /// As in `18✓4●1‖1✗`, below chips that stand for several.
  private static let histogramColumns = 12

  private(set) var names: [SafeText] = []
  private(set) var widths: [Int] = []
  /// Columns for the longest name.
  private var columns = 0

  /// Where it is tight, a percentage has no columns of its own.
  init(_ run: RunState, _ chips: ChipGraph, zoom: GraphZoom, isTight: Bool, glyphs: Glyphs) {
    let shared = Self.sharedPrefix(run.graph.tasks.filter { !$0.isRemoved }.map(\.name))
    names = chips.items.indices.map { Self.name(run, chips, $0, shared, glyphs) }
    let longest = names.reduce(4) { max($0, $1.columns) }
    switch zoom {
    case .overview, .clusters: columns = min(isTight ? 12 : 16, longest)
    case .names: columns = min(24, longest)
    case .cards: columns = min(16, max(12, longest))
    }
    let tail = zoom == .names || isTight ? 0 : 1 + Self.percentColumns
    widths = zip(names, chips.items).map { name, item in
      let least = if case .task = item { 1 } else { Self.histogramColumns - 3 }
      return max(least, tail + (zoom == .cards ? columns : min(columns, name.columns))) + 3
    }
  }

  private static func name(
    _ run: RunState, _ chips: ChipGraph, _ chip: Int, _ shared: Int, _ glyphs: Glyphs
  ) -> SafeText {
    let short = { (task: TaskID) in String(run.graph[task].name.dropFirst(shared)) }
    switch chips.items[chip] {
    case .task(let task): return SafeText(short(task))
    case .group(let group): return SafeText(run.graph.groups[group].name)
    case .cluster(let cluster):
      return SafeText(cluster.name(cluster.tasks.map(short), cut: glyphs.cut))
    }
  }

  /// How many letters all names begin with, up to a dot, slash or colon: they tell nothing apart.
  private static func sharedPrefix(_ names: [String]) -> Int {
    guard names.count > 2, let first = names.first else { return 0 }
    let shared = names.dropFirst().reduce(first[...]) { $0.commonPrefix(with: $1) }
    guard let end = shared.lastIndex(where: { ".:/".contains($0) }) else { return 0 }
    return shared.distance(from: shared.startIndex, to: end) + 1
  }
}
