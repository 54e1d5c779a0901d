import Model

extension TaskGraph.Task {
  /// The keys that tasks and `defaults` share.
  static let sharedKeys: Set<String> = [
    "timeout", "grace", "retries", "backoff", "cpus", "memory", "resources", "limits",
    "tty", "isolate", "caches", "approve",
  ]

  /// Reads the keys that tasks and `defaults` share.
  mutating func readLimits(_ fields: Fields) throws(FormatProblem) {
    if let field = fields["timeout"] { timeoutSeconds = try field.positiveSeconds() }
    if let field = fields["grace"] {
      graceSeconds = try field.positiveSeconds(upTo: CairnFile.maximumGraceSeconds)
    }
    if let field = fields["retries"] { retries = try field.retries() }
    if let field = fields["backoff"] { backoff = try field.backoff() }
    if let field = fields["cpus"] { cpus = try field.integer(in: 1...CairnFile.maximumJobs) }
    if let field = fields["memory"] { (memoryBytes, memoryGrows) = try field.memory() }
    if let field = fields["resources"] { resources = try field.resources() }
    if let field = fields["limits"] { limits = try field.limits() }
    if let field = fields["tty"] { tty = try field.flag() }
    if let field = fields["isolate"] { isolation = try field.word(TaskGraph.Isolation.self) }
    if let field = fields["approve"] { approval = try field.word(TaskGraph.Approval.self) }
    if let field = fields["caches"] { caches = try field.caches() }
  }
}

extension Field {
  /// Paths below the project's root that are kept, without `..` and what a list of patterns cannot hold.
  fileprivate func caches() throws(FormatProblem) -> [String] {
    let fields = try list()
    guard fields.count <= CairnFile.maximumCaches else {
      throw problem("more than \(CairnFile.maximumCaches) paths")
    }
    var paths: [String] = []
    for field in fields {
      let path = try field.pathInside()
      let parts = path.split(separator: "/").filter { $0 != "." }
      guard !parts.isEmpty, !parts.contains("..") else {
        throw field.problem("expected a path below the project's root, found \(path.quoted)")
      }
      guard path.withVisibleControls == path, !path.contains(where: { "\"\\".contains($0) })
      else {
        throw field.problem("\(path.quoted) holds a control character, a quote or a backslash")
      }
      guard ![".git", ".cairn"].contains(parts[0]) else {
        throw field.problem("\(path.quoted) is no place for a cache")
      }
      paths.append(parts.joined(separator: "/"))
    }
    return paths
  }

  /// Counts by name, as `{ gpu: 1 }`.
  func resources() throws(FormatProblem) -> Resources {
    let entries = try entries()
    guard entries.count <= Resources.maximumNames else {
      throw problem("more than \(Resources.maximumNames) names")
    }
    var resources = Resources()
    for entry in entries {
      guard Resources.isName(entry.name) else {
        throw problem(
          "\(entry.name.quoted) is no name for a resource",
          hint: "at most \(Resources.maximumNameLength) of A-Z a-z 0-9 _ -, a letter or _ first",
          at: entry.position)
      }
      let count = Field(key: entry.name, owner: .section(key), value: entry.value)
      resources[entry.name] = try count.integer(in: 0...Resources.maximumCount)
    }
    return resources
  }

  /// A size, or one that grows: `2GiB * attempt`.
  fileprivate func memory() throws(FormatProblem) -> (bytes: Int64, grows: Bool) {
    guard let text = value.text, let star = text.firstIndex(of: "*") else {
      return (try positiveBytes(), false)
    }
    let factor = text[text.index(after: star)...].trimmingPrefix { $0 == " " }
    guard factor == "attempt" else { throw expected("a size, or one such as 2GiB * attempt") }
    var size = text[..<star]
    while size.last == " " { size.removeLast() }
    let base = Value(content: .text(String(size), isQuoted: false), position: value.position)
    return (try Field(key: key, owner: owner, value: base).positiveBytes(), true)
  }

  fileprivate func limits() throws(FormatProblem) -> TaskGraph.Limits {
    let fields = try section(["files", "fileSize", "cpuTime"])
    return TaskGraph.Limits(
      openFiles: try fields["files"]?.integer(in: 3...CairnFile.maximumOpenFiles),
      fileSizeBytes: try fields["fileSize"]?.positiveBytes(),
      cpuSeconds: try fields["cpuTime"]?.wholeSeconds())
  }

  /// The kernel counts processor time in whole seconds; parts are rounded up.
  private func wholeSeconds() throws(FormatProblem) -> Int {
    Int(try positiveSeconds().rounded(.up))
  }

  fileprivate func backoff() throws(FormatProblem) -> Backoff {
    let most = CairnFile.maximumBackoffSeconds
    guard value.map != nil else {
      let first = try seconds()
      guard first <= most else { throw problem("\(value.found) is too long") }
      return Backoff(
        firstSeconds: first, capSeconds: max(Backoff.standardCapSeconds, first))
    }
    let fields = try section(["first", "factor", "cap"])
    var backoff = Backoff()
    if let field = fields["first"] { backoff.firstSeconds = try field.seconds() }
    if let field = fields["factor"] {
      backoff.factor = try field.number(in: 1...CairnFile.maximumBackoffFactor)
    }
    backoff.capSeconds =
      try fields["cap"]?.positiveSeconds(upTo: most)
      ?? max(Backoff.standardCapSeconds, backoff.firstSeconds)
    guard backoff.firstSeconds <= min(backoff.capSeconds, most) else {
      throw problem("the first pause is longer than the cap")
    }
    return backoff
  }

  /// The keys of a map that is the value of this field.
  private func section(_ keys: Set<String>) throws(FormatProblem) -> Fields {
    try Fields(entries(), of: .section(key), keys: Fields.Keys(known: keys))
  }
}

extension Field {
  /// A number for all classes together, or one a class.
  fileprivate func retries() throws(FormatProblem) -> RetryPolicy {
    let range = 0...CairnFile.maximumRetries
    guard value.map != nil else { return RetryPolicy(.together(try integer(in: range))) }
    let classes = Outcome.Class.allCases.filter(\.isRetryable)
    let fields = try section(Set(classes.map(\.rawValue) + ["default", "codes"]))
    var limits: [Outcome.Class: Int] = [:]
    for name in classes {
      if let field = fields[name.rawValue] { limits[name] = try field.integer(in: range) }
    }
    return RetryPolicy(
      .apart(limits, others: try fields["default"]?.integer(in: range) ?? 0),
      codes: try fields["codes"]?.codes())
  }

  /// Exit codes and ranges of them, as `[75, 100..110]`.
  private func codes() throws(FormatProblem) -> [ClosedRange<Int32>] {
    let items = try list()
    guard !items.isEmpty else { throw problem("must not be empty") }
    guard items.count <= CairnFile.maximumRetryCodes else {
      throw problem("more than \(CairnFile.maximumRetryCodes) codes")
    }
    var ranges: [ClosedRange<Int32>] = []
    for item in items { ranges.append(try item.code()) }
    return ranges
  }

  private func code() throws(FormatProblem) -> ClosedRange<Int32> {
    let parts = (value.text ?? "").split(separator: "..", omittingEmptySubsequences: false)
    let bounds = parts.compactMap { Int32($0) }
    guard bounds.count == parts.count, (1...2).contains(bounds.count), let first = bounds.first,
      let last = bounds.last
    else { throw expected("an exit code from 1 to 255 or a range such as 100..110") }
    guard first <= last else { throw problem("range \(value.found) runs backwards") }
    guard first >= 1, last <= 255 else {
      throw problem("expected 1 to 255, found \(value.found)")
    }
    return first...last
  }

  fileprivate func number(in range: ClosedRange<Double>) throws(FormatProblem) -> Double {
    guard case .text(let text, isQuoted: false) = value.content, let number = Double(text),
      range.contains(number)
    else {
      throw expected("a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
    }
    return number
  }
}
