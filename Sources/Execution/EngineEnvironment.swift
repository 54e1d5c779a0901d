import Model

/// Cairn's own environment, as tasks inherit it.
///
/// What Cairn sets itself is left out from the beginning, so that the list of an attempt is put
/// together without looking for doubles in all of it.
struct EngineEnvironment: Sendable {
  /// `NAME=value`, each name once.
  let all: [String]
  /// What a pure task sees of it.
  let isolated: [String]
  private let names: Set<Substring>

  private static let isolatedNames = ["PATH", "HOME", "LANG", "TMPDIR"]
  private static let reservedPrefixes = ["CAIRN_OUT", "CAIRN_IN_"]
  private static let reservedNames = [
    "CAIRN_SCRATCH", "CAIRN_TASK", "CAIRN_ATTEMPT", "CAIRN_RUN", "CAIRN_TOKEN",
  ]

  init(_ entries: [String]) {
    all = Self.lastOfEach(entries).filter { !Self.isReserved($0) }
    names = Set(all.map(Self.name))
    isolated = all.filter { entry in Self.isolatedNames.contains { Self.names(entry, $0) } }
  }

  /// What a task sets for itself, each name once.
  static func entries(of task: TaskGraph.Task) -> [String] {
    switch task.environment.count {
    case 0: []
    case 1: task.environment.map { "\($0.name)=\($0.value)" }.filter { !isReserved($0) }
    default:
      lastOfEach(task.environment.map { "\($0.name)=\($0.value)" }).filter { !isReserved($0) }
    }
  }

  /// What a task inherits beside the entries of its own.
  ///
  /// - Complexity: O(own), where no name of them is inherited, too; else O(inherited · own).
  func inherited(isPure: Bool, beside own: [String]) -> [String] {
    let base = isPure ? isolated : all
    let doubles = own.map(Self.name).filter(names.contains)
    guard !doubles.isEmpty else { return base }
    return base.filter { entry in !doubles.contains(Self.name(entry)) }
  }

  private static func name(_ entry: String) -> Substring {
    let utf8 = entry.utf8
    return entry[..<(utf8.firstIndex(of: UInt8(ascii: "=")) ?? utf8.endIndex)]
  }

  private static func isReserved(_ entry: String) -> Bool {
    entry.utf8.starts(with: "CAIRN_".utf8)
      && (reservedPrefixes.contains { entry.hasPrefix($0) }
        || reservedNames.contains { names(entry, $0) })
  }

  private static func names(_ entry: String, _ name: String) -> Bool {
    entry.utf8.starts(with: name.utf8) && ends(entry, behind: name.utf8.count)
  }

  private static func ends(_ entry: String, behind count: Int) -> Bool {
    entry.utf8.dropFirst(count).first == UInt8(ascii: "=")
  }

  private static func lastOfEach(_ entries: [String]) -> [String] {
    var seen: Set<Substring> = []
    let kept = entries.reversed().filter { entry in
      seen.insert(name(entry)).inserted
    }
    return kept.reversed()
  }
}
