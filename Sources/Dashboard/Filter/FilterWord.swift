import Model

extension Filter.Clause {
  /// Reads one word; nil for a lone `!` or `~`, which somebody has only begun to type.
  init?(_ typed: Substring) throws(Filter.Misreading) {
    word = String(typed)
    isInverse = typed.hasPrefix("!")
    let rest = isInverse ? typed.dropFirst() : typed
    if rest.isEmpty || rest == "~" { return nil }
    kind = try Self.read(rest)
  }

  private static func read(_ word: Substring) throws(Filter.Misreading) -> Kind {
    if word.hasPrefix("~") { return .fuzzy(word.dropFirst().foldedBytes) }
    if let colon = word.firstIndex(of: ":"),
      let field = Filter.Field(rawValue: word[..<colon].lowercased())
    {
      return try field.read(word[word.index(after: colon)...])
    }
    guard let sign = word.firstIndex(where: { "<>=".contains($0) }) else {
      return .holds(word.foldedBytes, isFieldLike: word.contains(":"))
    }
    if sign == word.startIndex {
      throw Filter.Misreading(words: "\(word) expects a figure in front, as in mem>64M")
    }
    guard let figure = Filter.Figure(rawValue: word[..<sign].lowercased()) else {
      return .holds(word.foldedBytes, isFieldLike: true)
    }
    return try figure.read(word[sign...])
  }
}

extension Filter {
  /// What stands in front of a colon.
  enum Field: String, CaseIterable {
    case state, group, needs, feeds

    func read(_ value: Substring) throws(Misreading) -> Clause.Kind {
      guard !value.isEmpty else { throw Misreading(words: "\(rawValue): expects \(expected)") }
      switch self {
      case .state: return .states(try Self.states(value))
      case .group: return .group(value.foldedBytes)
      case .needs: return .needs(value.foldedBytes)
      case .feeds: return .feeds(value.foldedBytes)
      }
    }

    private var expected: String {
      switch self {
      case .state: "a state such as failed, or several with commas"
      case .group: "the name of a group"
      case .needs, .feeds: "the name of a task"
      }
    }

    /// Each piece is the beginning of one state or of several; an empty one has only been begun.
    private static func states(_ value: Substring) throws(Misreading) -> Set<TaskState> {
      var states: Set<TaskState> = []
      let pieces = value.split(separator: ",")
      if pieces.isEmpty { throw Misreading(words: "state: expects \(Self.state.expected)") }
      for piece in pieces {
        let meant = TaskState.allCases.filter { $0.rawValue.hasPrefix(piece.lowercased()) }
        if meant.isEmpty {
          let all = TaskState.allCases.map(\.rawValue).joined(separator: " ")
          throw Misreading(words: "no state begins with \(piece): \(all)")
        }
        states.formUnion(meant)
      }
      return states
    }
  }
}

extension Filter.Figure {
  /// Reads a comparison and a value, as in `>64M`.
  fileprivate func read(_ text: Substring) throws(Filter.Misreading) -> Filter.Clause.Kind {
    let sign = text.prefix { "<>=".contains($0) }
    let value = text.dropFirst(sign.count)
    guard let comparison = Filter.Comparison(rawValue: String(sign)) else {
      throw Filter.Misreading(words: "\(rawValue)\(sign) is no comparison: < > <= >= =")
    }
    guard let number = number(value) else {
      throw Filter.Misreading(words: "\(rawValue)\(sign) expects \(example)")
    }
    return .compares(self, comparison, number)
  }

  private var example: String {
    switch self {
    case .memory: "a size such as 64MiB or 64M"
    case .cpu: "a share of one core such as 50%"
    case .time, .slack: "a duration such as 500ms, 30s, 10m or 1h30m"
    case .attempt: "a whole number such as 1"
    case .progress: "a share such as 50%"
    }
  }

  private func number(_ text: Substring) -> Double? {
    switch self {
    case .memory: Self.bytes(text)
    case .time, .slack: Self.seconds(text)
    case .attempt: Int32(text).flatMap { $0 >= 0 ? Double($0) : nil }
    case .cpu, .progress:
      Self.decimal(text.hasSuffix("%") ? text.dropLast() : text).map { $0 / 100 }
    }
  }

  /// Digits with at most one point, nothing else that `Double` would take.
  private static func decimal(_ text: Substring) -> Double? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }) else { return nil }
    return Double(text)
  }

  /// The units of the Cairn file, and the letters that the columns show (powers of 1024).
  private static let sizes: [String: Double] = [
    "b": 1, "k": 0x1p10, "m": 0x1p20, "g": 0x1p30, "t": 0x1p40,
    "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40,
    "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
  ]
  private static let durations: [Substring: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600]

  private static func bytes(_ text: Substring) -> Double? {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).lowercased()
    guard let value = decimal(digits) else { return nil }
    if unit.isEmpty { return value == 0 ? 0 : nil }
    return sizes[unit].map { value * $0 }
  }

  private static func seconds(_ text: Substring) -> Double? {
    if text == "0" { return 0 }
    var rest = text
    var sum = 0.0
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest.removeFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest.removeFirst(unit.count)
      guard let value = decimal(digits), let seconds = durations[unit] else { return nil }
      sum += value * seconds
    } while !rest.isEmpty
    return sum
  }
}
