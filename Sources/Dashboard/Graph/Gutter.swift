/// The lines between two ranks: each leaves its node to the right, runs up or down in a track, and
/// enters its target from the left.
struct Gutter: Sendable, Equatable {
  struct Route: Sendable, Equatable {
    /// Index into the graph's links.
    var link: Int
    var rowFrom: Int
    var rowTo: Int
    /// The column, counted from the first track, in which it changes its row; none if straight.
    var track: Int?
    /// Where the way to the target's row was taken: it runs in another row, and changes once more.
    var detour: Detour?

    /// The rows that it touches.
    var rows: ClosedRange<Int> {
      let middle = detour?.row ?? rowTo
      return min(rowFrom, rowTo, middle)...max(rowFrom, rowTo, middle)
    }
  }

  struct Detour: Sendable, Equatable {
    var row: Int
    var track: Int
  }

  var routes: [Route]
  /// Columns with lines that change their row.
  var tracks: Int
  /// The track that holds what found no track of its own.
  var bus: Int?
  /// Edges in the bus.
  var busCount = 0

  /// One cell to leave, one for the arrow, and never so little that ranks touch.
  var columns: Int { max(Self.leastColumns, tracks + 2) }

  static let leastColumns = 4
  /// With more tracks than this, the last becomes a bus.
  static let trackLimit = 8
}
