package import Model

extension Schedule {
  /// Names that a reason lists; the rest is counted.
  static let maximumNames = 5

  /// How the run ends, once nothing in this session can bring it on; nil while it goes on or waits.
  ///
  /// A run that is held with something ready waits, and so does one with a task that a person holds.
  package func closing() -> Fact.RunClosed? {
    guard activeCount == 0, storeMoves == 0, lent.isEmpty else { return nil }
    if let drainReason, unfinished > 0 {
      return Fact.RunClosed(ending: .stopped, reason: drainReason)
    }
    if !hasFailedFast {
      guard unfinished == 0 || !(isSearching || isPlanDue) else { return nil }
      guard count(.backoff) == 0, count(.ready) == 0 || isOutOfRoom else { return nil }
      if count(.held) > 0, rows.contains(where: \.isHeldByPerson) { return nil }
      if options.isAttended, count(.waiting) > 0 { return nil }
      if isOutOfRoom { return Fact.RunClosed(ending: .stalled, reason: lackOfRoom()) }
    }
    if count(.failed) > 0 { return ended(.failed, .failed, "failed") }
    if count(.cancelled) > 0 { return ended(.stopped, .cancelled, "stopped") }
    if unfinished > 0 {
      return Fact.RunClosed(ending: .stalled, reason: stallReason())
    }
    let skipped = count(.skipped)
    let tail = skipped > 0 ? ", \(skipped) skipped" : ""
    return Fact.RunClosed(ending: .done, reason: "\(count(.done)) done\(tail)")
  }

  private var unfinished: Int {
    count(.blocked) + count(.held) + count(.ready) + count(.backoff)
      + count(.waiting)
  }

  private func count(_ state: TaskState) -> Int { tally[state] }

  private func ended(
    _ ending: Fact.RunClosed.Ending, _ state: TaskState, _ word: String
  ) -> Fact.RunClosed {
    let names = graph.tasks.filter { self[$0.id].state == state && isSelected($0.id) }.map(\.name)
    return Fact.RunClosed(
      ending: ending, reason: "\(names.count) \(word): \(Self.list(names))")
  }

  /// Names what the rest waits for: tasks that are set aside, or that the file took out.
  private func stallReason() -> String {
    let causes = graph.tasks.map(\.id).filter { task in
      let row = rows[task.index]
      if row.state == .held || row.state == .waiting { return row.isSelected }
      guard row.state == .skipped, row.settlement == .open else { return false }
      return links.dependents[task.index].contains { rows[$0.index].state == .blocked }
    }
    let names = causes.map { task in
      "\(graph[task].name) (\(rows[task.index].reason ?? rows[task.index].state.rawValue))"
    }
    return "\(unfinished) wait for \(Self.list(names))"
  }

  private static func list(_ names: [String]) -> String {
    let head = names.prefix(maximumNames).joined(separator: ", ")
    let rest = names.count - maximumNames
    return rest > 0 ? "\(head) and \(rest) more" : head
  }
}

extension Schedule.Row {
  fileprivate var isHeldByPerson: Bool {
    guard state == .held, case .person = hold else { return false }
    return true
  }
}
