import Canvas
import Planning

/// What goes along with the pointer while the left button is held, and where it lies.
enum Handle: Sendable, Equatable {
  case scrubber(Rect)
  case map(Rect)
}

/// Buttons of the main screen that are no keys; any other number is that of a run.
extension Button.Meaning {
  static let scrubber = Self.item(-1)
  static let map = Self.item(-2)
}

extension DashboardState {
  /// Has the place under the pointer shown; the pointer may have left what it was pressed on.
  mutating func drag(to event: MouseEvent) -> [Effect] {
    switch handle {
    case nil: break
    case .scrubber(let track):
      let share = Self.share(of: event.column - track.column, of: track.columns)
      return [.replay(.seek(.share(share)))]
    case .map(let map): pan(to: event, on: map)
    }
    return []
  }

  /// The first cell is the beginning, the last one the end.
  private static func share(of cell: Int, of cells: Int) -> Double {
    min(1, max(0, Double(cell) / Double(max(1, cells - 1))))
  }

  /// Moves the window of the graph there; the selection comes along when it would be left behind, for it
  /// is what everything else on the screen follows.
  private mutating func pan(to event: MouseEvent, on map: Rect) {
    guard let layout = graph.picture?.layout, let pane = self.layout(size).chart else { return }
    let room = graphRoom(pane)
    let middle = Minimap.place(
      row: event.row - map.row, column: event.column - map.column, of: map.size, in: layout.size)
    graph.top = max(0, min(middle.row - room.rows / 2, layout.size.rows - room.rows))
    graph.left = max(0, min(middle.column - room.columns / 2, layout.size.columns - room.columns))
    let window = Rect(
      row: graph.top, column: graph.left, rows: room.rows, columns: room.columns)
    if let chip = selectedChip, window.contains(layout.rect(of: chip)) { return }
    let whole = layout.nodes(in: window).filter { window.contains(layout.rect(of: $0)) }
    select(
      chip: whole.min { layout.distance($0, from: middle) < layout.distance($1, from: middle) })
  }
}

extension GraphLayout {
  /// Rows count double: a cell is twice as high as it is wide.
  fileprivate func distance(_ chip: Int, from cell: (row: Int, column: Int)) -> Int {
    let rect = rect(of: chip)
    return 2 * abs(rect.row - cell.row) + abs(rect.column + rect.columns / 2 - cell.column)
  }
}

extension Rect {
  fileprivate func contains(_ other: Rect) -> Bool {
    row <= other.row && other.endRow <= endRow && column <= other.column
      && other.endColumn <= endColumn
  }
}
