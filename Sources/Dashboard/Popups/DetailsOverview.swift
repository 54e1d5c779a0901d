import Canvas
import Model
import Planning

extension DetailsPopup {
  /// Rows of the body below which everything is said in fewer lines, for the sake of the output.
  private static let roomyRows = 20

  private func isRoomy(_ state: DashboardState) -> Bool {
    Self.area(state.size).rows >= Self.roomyRows
  }

  func overview(_ state: DashboardState, columns: Int) -> [StyledRow] {
    switch item {
    case .task(let id): overview(of: state.run.graph[id], state, columns: columns)
    case .group(let group): overview(ofGroup: group, state)
    case .cluster: overview(of: state.tasks(of: item), state)
    }
  }

  private func overview(
    of task: TaskGraph.Task, _ state: DashboardState, columns: Int
  ) -> [StyledRow] {
    var rows: [StyledRow] = []
    if let title = task.title {
      rows += Self.field("title", title, columns: columns, limit: 1, state)
    }
    rows += command(task, state, columns: columns)
    if let verify = task.verify {
      rows += Self.field("verify", verify, columns: columns, limit: 1, state)
    }
    rows += place(task, state, columns: columns)
    rows += standing(task, state)
    rows += progress(task.id, state)
    rows += usage(task, state)
    rows += artifacts(task, state)
    let all = state.neighbours(of: .task(task.id))
    rows += links("needs", all.filter(\.isNeed).map(\.task), state, columns: columns)
    rows += links("feeds", all.filter { !$0.isNeed }.map(\.task), state, columns: columns)
    return rows
  }

  private func command(
    _ task: TaskGraph.Task, _ state: DashboardState, columns: Int
  ) -> [StyledRow] {
    let (label, text) = task.action.words
    let lines = text.split(whereSeparator: \.isNewline)
    var shown = lines.prefix(isRoomy(state) ? 3 : 2).map {
      SafeText($0).clipped(to: max(2, columns - Self.labelColumns), mark: state.glyphs.cut)
    }
    if lines.count > shown.count {
      shown[shown.count - 1] =
        "\(String(state.glyphs.cut)) \(lines.count - shown.count + 1) more lines"
    }
    // A single long line is worth more than one row.
    if lines.count == 1 {
      return Self.field(label, String(lines[0]), columns: columns, limit: 2, state)
    }
    return Self.field(label, shown.map { [.text($0, Style())] }, state)
  }

  private func place(
    _ task: TaskGraph.Task, _ state: DashboardState, columns: Int
  ) -> [StyledRow] {
    var text = task.directory ?? "the project's root"
    let status = state.run[task.id]
    if let attempt = status.lastAttempt {
      if status.isRunning, let pid = attempt.pid { text += "   pid \(pid)" }
      if let slot = attempt.slot { text += "   slot \(slot)" }
    }
    if let chain = task.chain { text += "   chain \(chain)" }
    return Self.field("cwd", text, columns: columns, limit: 1, state)
  }

  private func standing(_ task: TaskGraph.Task, _ state: DashboardState) -> [StyledRow] {
    let status = state.run[task.id]
    let style = state.theme.style(of: status.state)
    let since = Figures.exact(max(0, state.now - status.sinceSeconds))
    var spans: [StyledRow.Span] = [
      .text("\(String(state.glyphs.sign(of: status.state))) \(status.state.rawValue)", style),
      .text(SafeText(status.state.hasEnded ? " \(since) ago" : " for \(since)"), Style()),
    ]
    if let attempt = status.lastAttempt {
      var text = "   attempt \(attempt.number)"
      if case .together(let retries) = task.retries.allowance {
        text += "/\(max(attempt.number, retries + 1))"
      }
      if let queue = attempt.phases?.queue { text += "   queued \(Figures.exact(queue))" }
      // Where it was not paused, how long it is in its state says as much.
      let ran = state.seconds(of: task.id).map(Figures.exact)
      if let ran, ran != since || status.state != .running { text += "   ran \(ran)" }
      spans.append(.text(SafeText(text), Style()))
    }
    guard let why = reason(task.id, state).map({ SafeText($0) }) else {
      return Self.field("state", [spans], state)
    }
    // A short reason stands beside the state, a longer one has a row of its own.
    let isShort = why.columns <= 16
    let reason = StyledRow.Span.text(isShort ? "   " + why : why, state.theme.dim)
    return Self.field("state", isShort ? [spans + [reason]] : [spans, [reason]], state)
  }

  private func reason(_ task: TaskID, _ state: DashboardState) -> String? {
    let status = state.run[task]
    if status.state == .done { return nil }
    let note = state.note(on: task).string
    return note.isEmpty ? status.reason : note
  }

  /// What the output says and how long that may take; else the time against what is expected.
  private func progress(_ task: TaskID, _ state: DashboardState) -> [StyledRow] {
    guard state.run[task].state == .running || state.run[task].state == .paused else { return [] }
    let seconds = state.run[task].runningSeconds(at: state.now)
    if let told = state.toldProgress(of: task) {
      var text = " \(Figures.percent(told.share))"
      if let done = told.done, let total = told.total { text += "  [\(done)/\(total)]" }
      if let left = told.secondsLeft(after: seconds) { text += "   eta ~\(Figures.duration(left))" }
      return Self.field(
        "progress",
        [[.bar(told.share, columns: 24, state.theme.gauge), .text(SafeText(text), Style())]], state)
    }
    guard let expected = state.outlook.estimate?.expectation(of: task), expected.basis != .run
    else { return [] }
    let (spent, whole) = (Figures.duration(seconds), Figures.duration(expected.seconds))
    let text = "says nothing; \(spent) of ~\(whole)"
    return Self.field("progress", [[.text(SafeText(text), state.theme.dim)]], state)
  }

  private func usage(_ task: TaskGraph.Task, _ state: DashboardState) -> [StyledRow] {
    let status = state.run[task.id]
    if status.isRunning {
      guard let sample = state.signals.tasks[task.id] else { return [] }
      var spans: [StyledRow.Span] = [.text(SafeText(Figures.bytes(sample.residentBytes)), Style())]
      if let declared = task.memoryBytes, declared > 0 {
        spans.append(.text(" of \(Figures.bytes(declared)) ", Style()))
        let share = Double(sample.residentBytes) / Double(declared)
        let style = share > 1 ? state.theme.warning : state.theme.gauge
        spans.append(.bar(min(1, share), columns: 14, style))
      }
      let processes = sample.processes == 1 ? "1 process" : "\(sample.processes) processes"
      spans.append(
        .text(SafeText("   cpu \(Figures.exact(sample.cpuSeconds))   \(processes)"), Style()))
      return Self.field("memory", [spans], state)
    }
    guard let usage = status.lastAttempt?.usage else { return [] }
    let text =
      "peak \(Figures.peak(usage) ?? "unknown")   cpu \(Figures.exact(usage.userSeconds))"
      + " + \(Figures.exact(usage.systemSeconds))   read \(Figures.bytes(usage.readBytes))"
      + "   wrote \(Figures.bytes(usage.writtenBytes))"
    return Self.field("usage", [[.text(SafeText(text), Style())]], state)
  }

  private func artifacts(_ task: TaskGraph.Task, _ state: DashboardState) -> [StyledRow] {
    let lines: [[StyledRow.Span]] = task.outputs.prefix(
      isRoomy(state) || task.outputs.count == 2 ? 2 : 1
    ).map { output in
      var text = output.name
      let key = RunState.ArtifactKey(task: task.id, name: output.name)
      if let sealed = state.run.artifacts[key] {
        let files = sealed.files == 1 ? "1 file" : "\(sealed.files) files"
        text += "  \(Figures.bytes(sealed.bytes)) in \(files), \(state.run.standing(of: key))"
      } else if let compressed = state.run.compressed[key] {
        text +=
          "  \(Figures.bytes(compressed.whole.bytes)), compressed to "
          + Figures.bytes(compressed.bytes)
      } else if let spilled = state.run.spilled[key] {
        text += "  \(Figures.bytes(spilled.bytes)), spilled"
      } else if state.run[task.id].state == .done {
        text += "  gone: no longer needed"
      } else if let expected = output.expectedBytes {
        text += "  ~\(Figures.bytes(expected)) expected"
      } else {
        text += "  size not known yet"
      }
      for export in task.exports where export.artifact == output.name {
        text += ", exported to \(export.path)"
      }
      return [.text(SafeText(text), Style())]
    }
    let rest = task.outputs.count - lines.count
    let more: [[StyledRow.Span]] =
      rest > 0 ? [[.text("\(String(rest)) more", state.theme.dim)]] : []
    return Self.field("artifact", lines + more, state)
  }

  /// Names and signs, as many as fit into two rows.
  private func links(
    _ label: String, _ tasks: [TaskID], _ state: DashboardState, columns: Int
  ) -> [StyledRow] {
    guard !tasks.isEmpty else {
      return Self.field(label, [[.text("nothing", state.theme.dim)]], state)
    }
    let room = columns - Self.labelColumns
    var lines: [[StyledRow.Span]] = [[]]
    var width = 0
    for (index, task) in tasks.enumerated() {
      let name = state.name(of: task).clipped(to: 30, mark: state.glyphs.cut)
      if width + name.columns + 5 > room - (lines.count == 2 ? 10 : 0), width > 0 {
        if lines.count == 2 {
          lines[1].append(.text("and \(String(tasks.count - index)) more", state.theme.dim))
          break
        }
        lines.append([])
        width = 0
      }
      let now = state.run[task].state
      lines[lines.count - 1] += [
        .text(name, Style()),
        .text(" \(String(state.glyphs.sign(of: now)))   ", state.theme.style(of: now)),
      ]
      width += name.columns + 5
    }
    return Self.field(label, lines, state)
  }
}

extension DetailsPopup {
  private func overview(ofGroup group: Int, _ state: DashboardState) -> [StyledRow] {
    guard state.run.graph.groups.indices.contains(group) else { return [] }
    let title = state.run.graph.groups[group].title.map { title in
      Self.field("title", [[.text(SafeText(title), Style())]], state)
    }
    return (title ?? []) + overview(of: state.tasks(of: item), state)
  }

  private func overview(of members: [TaskID], _ state: DashboardState) -> [StyledRow] {
    var tally = Tally()
    for task in members { tally.count(state.run[task].state) }
    let counts = state.histogram(of: tally).map { part in
      StyledRow.Span.text(part.text + "  ", state.theme.style(of: part.state))
    }
    var rows = Self.field("state", [counts], state)
    rows += Self.field(
      "done", [[.text("\(String(tally.done)) of \(String(tally.total))", Style())]], state)
    rows.append(StyledRow())
    let eventful = members.filter { state.run[$0].state.isEventful }
    let others = members.filter { !state.run[$0].state.isEventful }
    return rows + (eventful + others).map { member($0, state) }
  }

  private func member(_ task: TaskID, _ state: DashboardState) -> StyledRow {
    let now = state.run[task].state
    let name = state.name(of: task).clipped(to: 30, mark: state.glyphs.cut)
    let gap = String(repeating: " ", count: 31 - name.columns)
    let time = state.seconds(of: task).map(Figures.duration) ?? "-"
    return StyledRow(
      .text("\(String(state.glyphs.sign(of: now))) ", state.theme.style(of: now)),
      .text(name, Style()),
      .text(SafeText(gap + now.rawValue.padded(10)), state.theme.style(of: now)),
      .text(SafeText(time.leading(8) + "  "), Style()),
      .text(state.note(on: task), state.theme.dim))
  }
}

extension TaskGraph.Action {
  /// What kind it is, and its text.
  var words: (label: String, text: String) {
    switch self {
    case .shell(let script, _): ("run", script)
    case .exec(let arguments): ("exec", arguments.map(\.quoted).joined(separator: " "))
    case .prompt(let text): ("prompt", text)
    case .gate: ("gate", "nothing runs; only its verification")
    }
  }
}

extension String {
  /// As a shell would take it as one word.
  fileprivate var quoted: String {
    let isPlain =
      !isEmpty
      && utf8.allSatisfy { byte in
        (48...57).contains(byte) || (64...90).contains(byte) || (97...122).contains(byte)
          || "-_./=:,+%".utf8.contains(byte)
      }
    return isPlain
      ? self
      : "'"
        + split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}
