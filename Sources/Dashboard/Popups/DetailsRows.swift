import Canvas
import Model

extension DetailsPopup {
  static let labelColumns = 10

  /// The rows of the tab that shows; the output has none.
  func rows(_ state: DashboardState, columns: Int) -> [StyledRow] {
    guard !state.tasks(of: item).isEmpty else { return [Self.note("there is no such task", state)] }
    switch tab {
    case .overview: return overview(state, columns: columns)
    case .output: return []
    case .dependencies: return dependencies(state)
    case .environment: return environment(state, columns: columns)
    case .history: return history(state)
    }
  }

  /// The row that the cursor stands on, for tabs that have one.
  func cursorRow(_ state: DashboardState) -> Int? {
    switch tab {
    case .dependencies:
      let all = state.neighbours(of: item)
      guard all.indices.contains(cursor) else { return nil }
      // A heading above each part, and a blank (or `none`) between them.
      let needs = all.count { $0.isNeed }
      return cursor < needs ? cursor + 1 : cursor + max(needs, 1) - needs + 3
    case .history:
      return state.attempts(of: item).isEmpty ? nil : historyRow(ofAttempt: cursor, state)
    default: return nil
    }
  }

  static func note(_ text: SafeText, _ state: DashboardState) -> StyledRow {
    StyledRow(.text(text, state.theme.dim))
  }

  /// A label and one or more lines of values.
  static func field(
    _ label: String, _ lines: [[StyledRow.Span]], _ state: DashboardState
  ) -> [StyledRow] {
    lines.enumerated().map { position, spans in
      let head = SafeText((position == 0 ? label : "").padded(labelColumns))
      return StyledRow(spans: [.text(head, state.theme.dim)] + spans)
    }
  }

  static func field(
    _ label: String, _ text: String, columns: Int, limit: Int = 3, _ state: DashboardState
  ) -> [StyledRow] {
    let all = SafeText(text).broken(columns: max(2, columns - labelColumns))
    var lines = Array(all.prefix(limit))
    if all.count > limit, let last = lines.popLast() {
      lines.append(
        (last + "  ").clipped(to: max(2, columns - labelColumns - 1), mark: state.glyphs.cut))
    }
    return field(label, lines.map { [.text($0, Style())] }, state)
  }
}

// MARK: Dependencies

extension DetailsPopup {
  private func dependencies(_ state: DashboardState) -> [StyledRow] {
    let all = state.neighbours(of: item)
    return part("needs", all.filter(\.isNeed), state) + [StyledRow()]
      + part("feeds", all.filter { !$0.isNeed }, state)
  }

  private func part(
    _ title: SafeText, _ tasks: [(task: TaskID, isNeed: Bool)], _ state: DashboardState
  ) -> [StyledRow] {
    let head = StyledRow(.text(title, state.theme.strong))
    guard !tasks.isEmpty else { return [head, Self.note("  none", state)] }
    return [head]
      + tasks.map { entry in
        let now = state.run[entry.task].state
        let sign = SafeText("  \(String(state.glyphs.sign(of: now))) ")
        let name = state.name(of: entry.task).clipped(to: 30, mark: state.glyphs.cut)
        let gap = String(repeating: " ", count: 31 - name.columns)
        let time = state.seconds(of: entry.task).map(Figures.duration) ?? "-"
        let what = artifacts(entry, state)
        return StyledRow(
          .text(sign, state.theme.style(of: now)), .text(name, Style()),
          .text(SafeText(gap + now.rawValue.padded(10)), state.theme.style(of: now)),
          .text(SafeText(time.leading(8) + "  "), Style()), .text(SafeText(what), state.theme.dim))
      }
  }

  /// What is handed over: the artifact's name, or only the order.
  private func artifacts(_ entry: (task: TaskID, isNeed: Bool), _ state: DashboardState) -> String {
    guard case .task(let own) = item else { return "" }
    let (taker, giver) = entry.isNeed ? (own, entry.task) : (entry.task, own)
    let needs = state.run.graph[taker].needs.filter { $0.task == giver }
    guard !needs.isEmpty else { return "only the order" }
    if needs.contains(where: { $0.artifact == nil }) { return "all it wrote" }
    return needs.compactMap(\.artifact).joined(separator: ", ")
  }
}

// MARK: Environment

extension DetailsPopup {
  private func environment(_ state: DashboardState, columns: Int) -> [StyledRow] {
    guard case .task(let id) = item else {
      return [Self.note("a group has no environment; its tasks have", state)]
    }
    let task = state.run.graph[id]
    var rows = limits(of: task, state, columns: columns) + [StyledRow()]
    rows.append(StyledRow(.text("from the file", state.theme.strong)))
    if task.environment.isEmpty { rows.append(Self.note("  none", state)) }
    rows += task.environment.flatMap { variable in
      SafeText("\(variable.name)=\(variable.value)").broken(columns: max(2, columns - 2))
        .prefix(4).map { StyledRow(.text("  " + $0, Style())) }
    }
    rows += [StyledRow(), StyledRow(.text("from Cairn", state.theme.strong))]
    rows += ownVariables(of: task, state).map { StyledRow(.text("  " + SafeText($0), Style())) }
    let rest: SafeText =
      task.isPure
      ? "and PATH, HOME, LANG, TMPDIR, nothing else: the task is pure"
      : "and the environment that Cairn was started in"
    return rows + [StyledRow(), Self.note(rest, state)]
  }

  private func limits(
    of task: TaskGraph.Task, _ state: DashboardState, columns: Int
  ) -> [StyledRow] {
    var rows: [StyledRow] = []
    if case .shell(_, let interpreter) = task.action {
      rows += Self.field("shell", interpreter.joined(separator: " "), columns: columns, state)
    }
    let timeout = task.timeoutSeconds.map { Figures.duration($0) } ?? "none"
    rows += Self.field(
      "limits",
      "cpus \(task.cpus)  memory \(Self.memory(task))\(Self.resources(task))  timeout \(timeout)"
        + Self.kernelLimits(task), columns: columns, state)
    rows += Self.field(
      "retries", "\(task.retries), \(Self.words(task.backoff))", columns: columns, state)
    let when = task.when == .success ? "all needs are done" : task.when.words
    rows += Self.field("runs when", when, columns: columns, state)
    if task.priority != 0 {
      rows += Self.field("priority", String(task.priority), columns: columns, state)
    }
    return rows
  }

  private static func memory(_ task: TaskGraph.Task) -> String {
    guard let bytes = task.memoryBytes else { return "not declared" }
    return Figures.bytes(bytes) + (task.memoryGrows ? " × attempt" : "")
  }

  /// Each behind two spaces.
  private static func resources(_ task: TaskGraph.Task) -> String {
    task.resources.items.reduce("") { "\($0)  \($1.name) \($1.count)" }
  }

  /// Only those that are set, each behind two spaces.
  private static func kernelLimits(_ task: TaskGraph.Task) -> String {
    [
      task.graceSeconds.map { "grace \(Figures.shortDuration($0))" },
      task.limits.openFiles.map { "files \($0)" },
      task.limits.fileSizeBytes.map { "file size \(Figures.bytes($0))" },
      task.limits.cpuSeconds.map { "cpu time \(Figures.shortDuration(Double($0)))" },
      task.tty ? "tty" : nil,
    ].compactMap { $0 }.reduce("") { "\($0)  \($1)" }
  }

  private static func words(_ backoff: Backoff) -> String {
    var text = "from \(Figures.shortDuration(backoff.firstSeconds)) apart"
    if backoff.factor != Backoff.standardFactor { text += ", ×\(backoff.factor) each time" }
    if backoff.capSeconds != Backoff.standardCapSeconds {
      text += ", at most \(Figures.shortDuration(backoff.capSeconds))"
    }
    return text
  }

  private func ownVariables(of task: TaskGraph.Task, _ state: DashboardState) -> [String] {
    let attempt = state.run[task.id].lastAttempt?.number ?? 1
    let needs = Set(task.needs.map { "CAIRN_IN_\($0.variable)" }).sorted()
    let outputs =
      task.outputs.count == 1
      ? ["CAIRN_OUT"] : task.outputs.map { "CAIRN_OUT_\($0.name.uppercased())" }
    return [
      "CAIRN_RUN=\(state.run.run)", "CAIRN_TASK=\(task.name)", "CAIRN_ATTEMPT=\(attempt)",
      "CAIRN_SCRATCH  the leased slot",
    ] + outputs.map { "\($0)  where it writes" } + needs.map { "\($0)  what it needs" }
  }
}

extension TaskGraph.Condition {
  fileprivate var words: String {
    switch self {
    case .success: "all needs are done"
    case .failure: "some need failed"
    case .always: "all needs have ended"
    }
  }
}

// MARK: History

extension DetailsPopup {
  private func history(_ state: DashboardState) -> [StyledRow] {
    let attempts = state.attempts(of: item)
    guard !attempts.isEmpty else { return [Self.note("nothing has run yet", state)] }
    let isGroup = state.tasks(of: item).count > 1
    let name = isGroup ? "task".padded(18) : ""
    let head = SafeText(
      "\(name) #  at".padded(isGroup ? 29 : 11) + "queue     run  verify    peak     cpu  outcome")
    return [StyledRow(.text(head, state.theme.dim))]
      + attempts.flatMap { attemptRows($0, isGroup: isGroup, state) }
  }

  /// An attempt takes a second row where a message or a verification belongs to it.
  func historyRow(ofAttempt index: Int, _ state: DashboardState) -> Int {
    let attempts = state.attempts(of: item).prefix(index)
    return attempts.reduce(1) { $0 + (remark($1.record) == nil ? 1 : 2) }
  }

  private func attemptRows(
    _ attempt: (task: TaskID, record: AttemptRecord), isGroup: Bool, _ state: DashboardState
  ) -> [StyledRow] {
    let record = attempt.record
    let now = state.run[attempt.task].state
    let outcome = record.outcome
    let style =
      outcome.map { state.theme.style(of: $0.isSuccess ? .done : .failed) }
      ?? state.theme.style(of: now)
    let word = outcome?.words ?? now.rawValue
    let numbers = figures(record, state)
    var spans: [StyledRow.Span] = []
    if isGroup {
      let name = state.name(of: attempt.task).clipped(to: 17, mark: state.glyphs.cut)
      spans.append(
        .text(SafeText(name.string + String(repeating: " ", count: 18 - name.columns)), Style()))
    }
    spans += [.text(SafeText(numbers), Style()), .text(SafeText(word), style)]
    let detail = remark(record).map {
      StyledRow(
        .text(SafeText(String(repeating: " ", count: isGroup ? 22 : 4) + $0), state.theme.dim))
    }
    return [StyledRow(spans: spans)] + (detail.map { [$0] } ?? [])
  }

  private func figures(_ record: AttemptRecord, _ state: DashboardState) -> String {
    let run =
      record.phases?.run
      ?? (record.endSeconds ?? state.now) - record.startSeconds - record.pausedSeconds
    let usage = record.usage
    return String(record.number).leading(2) + "  "
      + Figures.duration(record.startSeconds).padded(6)
      + (record.phases.map { Figures.exact($0.queue) } ?? "-").leading(6)
      + Figures.exact(run).leading(8)
      + (record.verification.map { Figures.exact($0.seconds) } ?? "-").leading(8)
      + (usage.flatMap { Figures.peak($0, Figures.shortBytes) } ?? "-").leading(8)
      + (usage.map { Figures.exact($0.userSeconds + $0.systemSeconds) } ?? "-").leading(8) + "  "
  }

  /// What cannot be told from the numbers.
  private func remark(_ record: AttemptRecord) -> String? {
    var parts: [String] = []
    if record.admission == .recompute { parts.append("recomputed") }
    if let verification = record.verification {
      parts.append("verification: \(verification.status.words)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension ExitStatus {
  /// As in `exit 1` or `signal 9`.
  fileprivate var words: String {
    switch self {
    case .code(let code): code == 0 ? "passed" : "exit \(code)"
    case .signal(let number): "signal \(number)"
    }
  }
}

extension Figures {
  /// As in `0.8s` below a minute, then as a duration.
  static func exact(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 59.95 else { return duration(seconds) }
    let tenths = Int((max(0, seconds) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)s"
  }
}
