/// Cairn's own environment, as tasks inherit it.
///
/// What Cairn sets itself is left out, so that the list of a task without variables of its own needs
/// no look for doubles.
struct EngineEnvironment: Sendable {
  /// `NAME=value`, each name once.
  let all: [String]
  /// What a pure task sees of it.
  let isolated: [String]

  private static let isolatedNames = ["PATH", "HOME", "LANG", "TMPDIR"]
  private static let ownNames = ["CAIRN_OUT", "CAIRN_IN_"]
  private static let exactNames = [
    "CAIRN_SCRATCH", "CAIRN_TASK", "CAIRN_ATTEMPT", "CAIRN_RUN", "CAIRN_TOKEN",
  ]

  init(_ entries: [String]) {
    all = Self.lastOfEach(entries).filter { !Self.isOwn($0) }
    isolated = all.filter { entry in
      Self.isolatedNames.contains { entry.hasPrefix("\($0)=") }
    }
  }

  private static func isOwn(_ entry: String) -> Bool {
    ownNames.contains { entry.hasPrefix($0) }
      || exactNames.contains { entry.hasPrefix("\($0)=") }
  }

  /// The last entry of each name, in order.
  static func lastOfEach(_ entries: [String]) -> [String] {
    var seen: Set<Substring> = []
    let kept = entries.reversed().filter { entry in
      seen.insert(entry.prefix { $0 != "=" }).inserted
    }
    return kept.reversed()
  }
}
