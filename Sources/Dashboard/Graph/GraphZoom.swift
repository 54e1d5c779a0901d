/// How much the graph view tells of how many tasks, from far to near.
package enum GraphZoom: Int, Sendable, Hashable, CaseIterable, Comparable {
  /// Groups, and whatever else can be one chip.
  case overview = 1
  /// Folded groups, twins and chains; all else has a chip of its own.
  case clusters
  /// Every task, by name.
  case names
  /// Every task with bar, time and memory.
  case cards

  package static func < (one: GraphZoom, other: GraphZoom) -> Bool {
    one.rawValue < other.rawValue
  }

  /// Rows that a chip takes, and from one chip to the next.
  var chipRows: Int { self == .cards ? 3 : 1 }
  var rowPitch: Int { self == .cards ? 4 : 2 }

  var showsEveryTask: Bool { self >= .names }

  /// Fewest tasks that become one chip: nil merges none.
  var leastCluster: Int? {
    switch self {
    case .overview: 2
    case .clusters: 4
    case .names, .cards: nil
    }
  }
}
