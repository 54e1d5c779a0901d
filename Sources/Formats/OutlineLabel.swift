/// A line that says one thing about an item, as in `Priority: high`.
enum OutlineLabel {
  case priority, estimate, needs, tests, description

  private static let names: [(OutlineLabel, [String])] = [
    (.priority, ["priority"]),
    (.estimate, ["estimate", "estimated time", "estimated effort", "effort", "duration"]),
    (
      .needs,
      [
        "depends on", "dependencies", "dependency", "blocked by", "prerequisites", "prerequisite",
        "requires", "after", "needs",
      ]
    ),
    (
      .tests,
      [
        "test", "tests", "test strategy", "testing", "testing strategy", "verification", "verify",
        "acceptance", "acceptance criteria", "done when", "definition of done", "validation",
      ]
    ),
    (.description, ["description", "summary"]),
  ]

  /// Returns the label and what stands behind its colon.
  static func read(_ line: String) -> (label: OutlineLabel, value: String)? {
    let plain = line.plainMarkup
    guard let colon = plain.firstIndex(of: ":"), let label = named(plain[..<colon]) else {
      return nil
    }
    return (label, plain[plain.index(after: colon)...].trimmed)
  }

  static func named(_ name: some StringProtocol) -> OutlineLabel? {
    let words = name.words.joined(separator: " ")
    return names.first { $0.1.contains(words) }?.0
  }
}

extension Decomposition.Priority {
  /// `high`, `P1`, `must have` and the like.
  init?(words text: String) {
    switch text.words.filter({ $0 != "priority" }).joined(separator: " ") {
    case "critical", "blocker", "p0", "urgent", "highest": self = .critical
    case "high", "p1", "must", "must have", "required": self = .high
    case "medium", "normal", "p2", "should", "should have": self = .medium
    case "low", "lowest", "p3", "p4", "could", "could have", "optional": self = .low
    default: return nil
    }
  }
}

/// What stands in brackets in a title and is no part of it: `[P1]`, `(high priority)`, `(2 days)`,
/// `(depends on X)`.
struct OutlineTags {
  private(set) var title: String
  private(set) var priority: Decomposition.Priority?
  private(set) var estimate: String?

  init(_ text: String) {
    title = ""
    var rest = text[...]
    var others = 0
    while others < String.maximumOpenMarks,
      let open = rest.firstIndex(where: { $0 == "(" || $0 == "[" })
    {
      let end = rest[open...].prefix(String.longestSpan)
        .firstIndex(of: rest[open] == "(" ? ")" : "]")
      guard let end, take(String(rest[rest.index(after: open)..<end])) else {
        others += 1
        title += rest[...open]
        rest = rest[rest.index(after: open)...]
        continue
      }
      title += rest[..<open].trimmed + (rest[..<open].isEmpty ? "" : " ")
      rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
    }
    title = (title + rest).trimmed
    // A tag alone is a title after all.
    if title.isEmpty { title = text }
  }

  private mutating func take(_ tag: String) -> Bool {
    if let priority = Decomposition.Priority(words: tag) {
      self.priority = priority
      return true
    }
    guard let estimate = tag.estimate else { return OutlinePhrase.isWhole(tag) }
    self.estimate = estimate
    return true
  }
}

extension String {
  private static let units: Set = [
    "m", "min", "mins", "minutes", "minute", "h", "hr", "hrs", "hour", "hours", "d", "day", "days",
    "w", "wk", "week", "weeks", "sp", "pt", "pts", "point", "points",
  ]

  /// A number with a unit of time, or a range of them: `2d`, `~3 hours`, `est. 1-2 weeks`.
  var estimate: String? {
    var words = self.words
    if words.first.map({ ["est", "estimate", "estimated", "effort", "about"].contains($0) }) == true
    {
      words.removeFirst()
    }
    guard let first = words.first?.first, first.isNumber, words.count <= 3 else { return nil }
    let unit = words.joined().filter(\.isLetter)
    guard Self.units.contains(unit) else { return nil }
    return drop { !$0.isNumber }.trimmed
  }
}
