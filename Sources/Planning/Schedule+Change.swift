import HeapModule
package import Model

// A running schedule takes a newer version of its file:
//
//   added    ──▶ a row of its own, as at the beginning of a run
//   changed  ──▶ takes the new definition, unless it runs or is done: then it keeps its own
//   removed  ──▶ cancelled, unless it runs: then it goes on
//   status   ──▶ wins where nothing runs; what runs is asked to stop where the file sets it aside
extension Schedule {
  /// What somebody has set a status over, as far as the run wrote it.
  package enum StatusEdit: Sendable, Equatable {
    /// Nothing of the run's.
    case plain
    /// The run's own word that it works on the task: whoever wrote may be the task itself, whose word is
    /// no proof.
    case overRunning
    /// The end that the run had written.
    case overEnding
  }

  /// What has become of the schedule, to be told in this order: `cancelled`, `change`, and what
  /// `takeChanges` and `takeNotices` have.
  package struct GraphEdit: Sendable {
    /// Removed tasks that had not ended; they are tombstones with `change`.
    package var cancelled: [Change] = []
    /// In the numbering of the run, without fingerprints; nil if the graph stays as it is.
    package var change: Fact.GraphChanged?
    /// The graph from now on.
    package var graph: TaskGraph
    /// Tasks that keep their definition though the file has another one, or none.
    package var kept: Set<TaskID> = []
    /// What the edit asks for that only the engine can do; nobody has been asked yet.
    package var requests: [Request] = []
  }

  /// Goes on with a newer version of the graph.
  ///
  /// - Parameters:
  ///   - newer: As the file has it, in its own numbering; acyclic.
  ///   - edits: Tasks whose status somebody has set, by name; of others that the run knows already it
  ///     stays what it was.
  ///   - selection: What the run is about.
  /// - Returns: What is to be told.
  /// - Throws: `Refusal` where the newer graph and what the run keeps of the older one have a cycle;
  ///   nothing has changed then.
  /// - Complexity: O(tasks · log tasks + edges).
  package mutating func change(
    to newer: TaskGraph, edits: [String: StatusEdit] = [:], selection: RunConfig.Selection? = nil
  ) throws(Refusal) -> GraphEdit {
    let old = graph
    let merge = try GraphMerge(
      graph, newer, edited: { edits[$0] != nil }, isActive: isActive,
      isDone: { rows[$0.index].state == .done && !isDoneByFile($0) })
    var edit = GraphEdit(graph: merge.graph, kept: merge.kept)
    noteOrphans(merge.orphans)
    guard merge.change != nil || !edits.isEmpty else { return edit }
    edit.change = merge.change
    let byFile = Set(old.tasks.map(\.id).filter(isDoneByFile))
    if let change = merge.change {
      edit.cancelled = cancel(change.removed)
      adopt(merge.graph, selection)
      if progress != nil, change.isStructural(beside: old) { needsPlan = true }
    }
    for task in graph.tasks where !task.isRemoved && isSelected(task.id) {
      guard task.id.index < old.tasks.count else {
        // What it begins with is news in a run that goes on.
        if rows[task.id.index].state != .blocked { changes.append(self[task.id]) }
        continue
      }
      if old[task.id] != task { holdWithinLimits(task) }
      guard let status = edits[task.name] else { continue }
      take(task, status, wasDoneByFile: byFile.contains(task.id), into: &edit.requests)
    }
    for task in graph.topologicalOrder(links) { evaluate(task) }
    propagate()
    return edit
  }

  /// What the file has lost is not tried again, unless it has come back.
  private mutating func noteOrphans(_ orphans: Set<TaskID>) {
    overruled = overruled.filter { $0.value != Self.removedWords }
    for task in orphans { overruled[task] = Self.removedWords }
  }

  /// A task that has ended is taken for what its file has made of it meanwhile.
  mutating func heedFile(_ task: TaskID) {
    guard let words = overruled.removeValue(forKey: task), rows[task.index].state != .done
    else { return }
    conclude(task, .skipped, .open, words)
  }

  private static let removedWords = "removed from the file"
}

// The graph.
extension Schedule {
  /// Ends removed tasks; what was told of them by then is returned.
  private mutating func cancel(_ removed: [TaskID]) -> [Change] {
    let first = changes.count
    for task in removed {
      rows[task.index].hold = nil
      rows[task.index].backoff = nil
      if isSelected(task), !rows[task.index].state.hasEnded {
        enter(task, .cancelled, Self.removedWords)
        leaving.append(task)
      }
      rows[task.index].isReset = false
      rows[task.index].isOvertaken = false
      rows[task.index].isSelected = false
      rows[task.index].settlement = .success
    }
    defer { changes.removeSubrange(first...) }
    return Array(changes[first...])
  }

  private mutating func adopt(_ newer: TaskGraph, _ selection: RunConfig.Selection?) {
    let known = graph.tasks.count
    graph = newer
    links = newer.links()
    ahead = Self.pathsAhead(newer, links, weights: options.weights)
    slots.change(to: newer)
    selectAnew(selection, known)
    for index in rows.indices { (rows[index].openNeeds, rows[index].failedNeeds) = (0, 0) }
    countNeeds()
    sortAnew()
    extendPlan(to: newer)
  }

  /// Adds rows for new tasks, and lets take part what a changed need has drawn in.
  private mutating func selectAnew(_ selection: RunConfig.Selection?, _ known: Int) {
    var chosen: Set<TaskID>?
    do throws(UnknownSelection) {
      chosen = try graph.selected(by: selection)
    } catch {
      // What the run was about is gone from the file: nothing new belongs to it.
      chosen = []
    }
    for task in graph.tasks {
      let isChosen = chosen?.contains(task.id) ?? true
      if task.id.index >= known {
        rows.append(row(task, isSelected: isChosen, isSatisfied: false, prior: Prior()))
      } else if isChosen, !task.isRemoved, !isSelected(task.id),
        rows[task.id.index].settlement == .open
      {
        var prior = Prior()
        prior.attempts = Int(rows[task.id.index].attempts)
        rows[task.id.index] = row(task, isSelected: true, isSatisfied: false, prior: prior)
        rows[task.id.index].isReset = true
      }
    }
  }

  /// Priorities and paths have changed; what was stepped stays so.
  private mutating func sortAnew() {
    let entries = ready.unordered + waiting.takeAll()
    ready = Heap(entries.map(renewed))
    granted = Heap(granted.unordered.map(renewed))
  }

  private func renewed(_ entry: Entry) -> Entry {
    Entry(
      priority: graph[entry.task].priority,
      ahead: progress?.urgency(of: entry.task) ?? ahead[entry.task.index], task: entry.task,
      stamp: entry.stamp)
  }

  /// Until a new plan is found nothing starts that the old one does not have.
  private mutating func extendPlan(to newer: TaskGraph) {
    if let old = subject {
      let more = newer.tasks.dropFirst(old.graph.tasks.count)
      subject?.graph = newer
      subject?.standings += more.map { _ in .open }
      subject?.seconds += more.map { _ in 1 }
      if !old.scratchBytes.isEmpty {
        let largest = old.scratchBytes.max() ?? 0
        subject?.scratchBytes += more.map { $0.isolation == .worktree ? largest : 0 }
      }
    }
    guard let count = progress?.next.count else { return }
    progress?.next += Array(repeating: -1, count: newer.tasks.count - count)
  }
}

// What the file says of a task.
extension Schedule {
  private func isDoneByFile(_ task: TaskID) -> Bool {
    let standing = graph[task].standing
    return rows[task.index].state == .done && rows[task.index].attempts == 0
      && (standing == .done || standing == .review && options.trustsReview)
  }

  /// A task's demands may have changed; what it asks for and nobody has holds it.
  private mutating func holdWithinLimits(_ task: TaskGraph.Task) {
    let limit = limitHold(task)
    if limit == nil, case .aside(_, canRelease: false) = rows[task.id.index].hold {
      rows[task.id.index].hold = nil
    }
    rows[task.id.index].hold = limit ?? rows[task.id.index].hold
  }

  private mutating func take(
    _ task: TaskGraph.Task, _ edit: StatusEdit, wasDoneByFile: Bool, into requests: inout [Request]
  ) {
    let row = rows[task.id.index]
    let setsAside = task.standing == .deferred || task.standing == .cancelled
    if row.isAdmitted {
      guard setsAside else {
        overruled[task.id] = nil
        return ignore(task, "it runs on")
      }
      overruled[task.id] = Self.words(of: task.standing)
      requests.append(.stop([task.id]))
    } else if row.state == .done, !wasDoneByFile {
      if [.pending, .deferred, .cancelled].contains(task.standing) {
        ignore(task, "it is done; a retry runs it again")
      }
    } else if edit == .overRunning, !setsAside {
      ignore(task, "only its verification counts")
    } else if row.state == .failed || row.state == .cancelled, task.standing == .pending {
      requests.append(.retry([task.id], downstream: false))
    } else {
      stand(task)
    }
  }

  /// Brings a task that does not run to where the file has put it.
  private mutating func stand(_ task: TaskGraph.Task) {
    let words = Self.words(of: task.standing)
    switch task.standing {
    case .done: conclude(task.id, .done, .success, words)
    case .review where options.trustsReview: conclude(task.id, .done, .success, words)
    case .deferred, .cancelled: conclude(task.id, .skipped, .open, words)
    case .review, .external:
      rows[task.id.index].hold =
        limitHold(task) ?? .aside(words, canRelease: true)
      reopen(task.id)
    case .pending, .blocked:
      if case .aside(_, canRelease: true) = rows[task.id.index].hold {
        rows[task.id.index].hold = nil
      }
      // What failed, and what a person has skipped, waits for somebody who asks for it.
      let isFiled = rows[task.id.index].settlement == .open || rows[task.id.index].state == .done
      if isFiled { reopen(task.id) }
    }
  }

  private mutating func conclude(
    _ task: TaskID, _ state: TaskState, _ settlement: Settlement, _ reason: String
  ) {
    if rows[task.index].hold?.canRelease ?? false { rows[task.index].hold = nil }
    rows[task.index].backoff = nil
    rows[task.index].isOvertaken = false
    if state == .done { needsPlan = progress != nil } else { leaving.append(task) }
    enter(task, state, reason)
    settle(task, settlement)
  }

  private mutating func reopen(_ task: TaskID) {
    if progress != nil { needsPlan = true }
    if rows[task.index].state.hasEnded, !rows[task.index].isOvertaken {
      reset([task])
    } else {
      evaluate(task)
    }
  }

  private mutating func ignore(_ task: TaskGraph.Task, _ why: String) {
    // Whoever works on a task says so, too.
    guard task.standing != .external else { return }
    notices.append(
      Fact.Notice(
        code: "file.ignored", text: "the file calls it \(task.standing.rawValue); \(why)",
        task: task.id))
  }
}

extension Fact.GraphChanged {
  /// Whether an order of the tasks that was good may be so no longer.
  fileprivate func isStructural(beside old: TaskGraph) -> Bool {
    guard added.isEmpty, removed.isEmpty else { return true }
    return changed.contains { task in
      let before = old[task.id]
      return before.needs != task.needs || before.after != task.after
        || before.outputs != task.outputs || before.isolation != task.isolation
    }
  }
}
