package import Model
package import Planning

/// A newer version of a running graph's file.
package struct NewerGraph: Sendable {
  /// In the file's own numbering; acyclic.
  package var graph: TaskGraph
  /// Definitions, one a task of `graph`.
  package var fingerprints: [String]
  /// Tasks whose status somebody else has set, by name.
  package var edits: [String: Schedule.StatusEdit]
  /// Which file it is, for people.
  package var source: String

  package init(
    graph: TaskGraph, fingerprints: [String], edits: [String: Schedule.StatusEdit] = [:],
    source: String
  ) {
    precondition(fingerprints.count == graph.tasks.count, "one fingerprint a task")
    self.graph = graph
    self.fingerprints = fingerprints
    self.edits = edits
    self.source = source
  }

  package enum Answer: Sendable, Equatable {
    case taken
    /// Nothing can be recorded now: ask again.
    case later
    /// Why the run keeps the graph that it has.
    case refused(String)
  }
}

extension Engine {
  /// Goes on with a newer version of the graph, in one turn.
  ///
  /// What the edit asks of running and of failed tasks is asked by the actor `file` after that.
  package func change(to newer: NewerGraph) async -> NewerGraph.Answer {
    guard isLive else { return .taken }
    guard stall == nil else { return .later }
    readClock()
    announce()
    let requests: [Request]
    do throws(Schedule.Refusal) {
      requests = try take(newer)
    } catch {
      return .refused(error.description)
    }
    isUrgent = true
    proceed()
    let actor = Actor(kind: .file, name: "file", source: newer.source)
    for request in requests { _ = answer(request, by: actor) }
    return .taken
  }

  /// Records what somebody beside the engine has to say; false while nothing can be recorded.
  package func tell(_ notice: Fact.Notice) async -> Bool {
    guard isLive, stall == nil else { return false }
    readClock()
    record(.notice(notice))
    proceed()
    return true
  }

  private func take(_ newer: NewerGraph) throws(Schedule.Refusal) -> [Request] {
    let edit = try schedule.change(
      to: newer.graph, edits: newer.edits, selection: config.selection)
    for change in edit.cancelled { record(.taskState(Fact.TaskStateChanged(change))) }
    if var change = edit.change {
      change.fingerprints = fingerprints(of: edit, newer)
      change.source = newer.source
      graph = edit.graph
      record(.graphChanged(change))
      retention = retention.changed(to: graph)
    }
    announce()
    tellKept(edit, newer)
    return edit.requests
  }

  /// Who keeps a definition keeps its fingerprint, so that a resume runs the task again.
  private func fingerprints(of edit: Schedule.GraphEdit, _ newer: NewerGraph) -> [String] {
    let byName = newer.fingerprintsByName
    return edit.graph.tasks.map { task in
      if task.isRemoved { return "" }
      let known = state.fingerprints
      let own = known.indices.contains(task.id.index) ? known[task.id.index] : ""
      return edit.kept.contains(task.id) ? own : byName[task.name] ?? own
    }
  }

  private func tellKept(_ edit: Schedule.GraphEdit, _ newer: NewerGraph) {
    let byName = newer.fingerprintsByName
    for task in edit.kept.sorted() {
      let definition = byName[graph[task].name]
      guard definition != state.fingerprints[task.index],
        toldDefinitions.updateValue(definition ?? "", forKey: task) != definition ?? ""
      else { continue }
      let words =
        definition == nil
        ? "the file has it no longer; it goes on"
        : "the file defines it otherwise now; it keeps the definition it began with"
      record(.notice(Fact.Notice(code: "file.kept", text: words, task: task)))
    }
  }
}

extension NewerGraph {
  fileprivate var fingerprintsByName: [String: String] {
    Dictionary(zip(graph.tasks.map(\.name), fingerprints), uniquingKeysWith: { first, _ in first })
  }
}
