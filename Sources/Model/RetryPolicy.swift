/// How often a task is tried again, by the way its attempts end.
package struct RetryPolicy: Sendable, Equatable {
  package enum Allowance: Sendable, Equatable {
    /// So many retries, whatever went wrong.
    case together(Int)
    /// So many for each class, every class counted for itself; `others` for each that is not named.
    case apart([Outcome.Class: Int], others: Int)
  }

  package var allowance: Allowance
  /// Exit codes after which a repeat may help; nil is all.
  ///
  /// An attempt that ends with another code is final.
  package var codes: [ClosedRange<Int32>]?

  package init(_ allowance: Allowance, codes: [ClosedRange<Int32>]? = nil) {
    self.allowance = allowance
    self.codes = codes
  }

  /// Whether an attempt that ended so may be followed by another at all.
  package func covers(_ outcome: Outcome) -> Bool {
    guard outcome.class.isRetryable else { return false }
    guard let codes, outcome.class == .exit, case .code(let code) = outcome.status else {
      return true
    }
    return codes.contains { $0.contains(code) }
  }

  /// How many retries a task has for attempts that end in this class.
  package func limit(for class: Outcome.Class) -> Int {
    guard `class`.isRetryable else { return 0 }
    switch allowance {
    case .together(let limit): return limit
    case .apart(let limits, let others): return limits[`class`] ?? others
    }
  }

  /// The most attempts that retries can add.
  package var total: Int {
    switch allowance {
    case .together(let limit): limit
    case .apart:
      Outcome.Class.allCases.reduce(0) { $0 + limit(for: $1) }
    }
  }
}

extension RetryPolicy: CustomStringConvertible {
  /// As in `2`, or `exit 2, memory 3, others 0, only codes 75, 100..110`.
  package var description: String {
    var parts: [String] = []
    switch allowance {
    case .together(let limit): parts.append(String(limit))
    case .apart(let limits, let others):
      parts += limits.map { "\($0.key.rawValue) \($0.value)" }.sorted()
      parts.append("others \(others)")
    }
    if let codes {
      let words = codes.map {
        $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)..\($0.upperBound)"
      }
      parts.append("only codes \(words.joined(separator: ", "))")
    }
    return parts.joined(separator: ", ")
  }
}

extension RetryPolicy: ExpressibleByIntegerLiteral {
  package init(integerLiteral limit: Int) { self.init(.together(limit)) }
}

extension RetryPolicy: Codable {
  private struct Key: CodingKey {
    static let others = Key(stringValue: "default")
    static let codes = Key(stringValue: "codes")

    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// A number as in former versions, or a map of classes.
  package init(from decoder: any Decoder) throws {
    if let limit = try? decoder.singleValueContainer().decode(Int.self) {
      self.init(.together(limit))
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    var limits: [Outcome.Class: Int] = [:]
    for key in container.allKeys {
      guard let name = Outcome.Class(rawValue: key.stringValue) else { continue }
      limits[name] = try container.decode(Int.self, forKey: key)
    }
    self.init(
      .apart(limits, others: try container.decodeIfPresent(Int.self, forKey: .others) ?? 0),
      codes: try container.decodeIfPresent([ClosedRange<Int32>].self, forKey: .codes))
  }

  package func encode(to encoder: any Encoder) throws {
    if case .together(let limit) = allowance, codes == nil {
      var container = encoder.singleValueContainer()
      return try container.encode(limit)
    }
    var container = encoder.container(keyedBy: Key.self)
    if case .apart(let limits, let others) = allowance {
      for (name, limit) in limits.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        try container.encode(limit, forKey: Key(stringValue: name.rawValue))
      }
      try container.encode(others, forKey: .others)
    }
    try container.encodeIfPresent(codes, forKey: .codes)
  }
}

/// The pause in front of a retry: grows with every failure, up to a cap.
package struct Backoff: Sendable, Equatable {
  package static let standardFactor = 2.0
  package static let standardCapSeconds = 300.0

  package var firstSeconds: Double
  package var factor: Double
  package var capSeconds: Double

  package init(
    firstSeconds: Double = 1, factor: Double = standardFactor,
    capSeconds: Double = standardCapSeconds
  ) {
    self.firstSeconds = firstSeconds
    self.factor = factor
    self.capSeconds = capSeconds
  }

  /// The pause before jitter, in seconds, after so many failures.
  ///
  /// - Complexity: O(log(cap / first) / log factor).
  package func seconds(afterFailures failures: Int) -> Double {
    let cap = max(0, capSeconds)
    var delay = min(max(0, firstSeconds), cap)
    guard delay > 0, factor > 1 else { return delay }
    for _ in 1..<max(1, failures) {
      guard delay < cap else { break }
      delay *= factor
    }
    return min(delay, cap)
  }
}
