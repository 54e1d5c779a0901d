package import Formats
import Foundation

/// Tasks of a Task Master file that are divided or judged, one after another.
package struct DecompositionExpansion: Sendable {
  package typealias Candidate = TaskMasterBacklog.Candidate

  private let place: TaskMasterPlace
  private let tag: String?
  /// The tasks of the tag, in file order.
  package let candidates: [Candidate]

  /// - Throws: `ProjectProblem`, `FormatProblem`: there is no such project or tag.
  package init(from folder: String, tag: String?) throws {
    let location = try ProjectLocation.find(path: nil, from: folder)
    place = try TaskMasterPlace(location)
    let own = location.kind == .cairn ? try DecompositionPlace.load(location).taskMaster?.tag : nil
    self.tag = place.tag(tag ?? own)
    candidates = try place.read().backlog(tag: self.tag).candidates
  }

  /// Absolute path of the project.
  package var root: String { place.location.root }

  /// Tasks by id.
  ///
  /// - Throws: `ProjectProblem`, `.missing`: the tag has no such task.
  package func tasks(_ ids: [String]) throws(ProjectProblem) -> [Candidate] {
    var found: [Candidate] = []
    for id in ids {
      guard let candidate = candidates.first(where: { $0.id == id }) else {
        throw ProjectProblem(.missing, "no task \(id.quoted) in \(place.name)")
      }
      found.append(candidate)
    }
    return found
  }
}

// Subtasks.
extension DecompositionExpansion {
  /// Writes the subtasks of a task, and returns how many; none leaves the file as it is.
  ///
  /// - Throws: `ProjectProblem`, `FormatProblem`.
  package func write(_ tasks: [AnsweredTask], as subtasksOf: Candidate) throws -> Int {
    guard !tasks.isEmpty else { return 0 }
    try place.store.edit { edit in
      try edit.settingSubtasks(
        of: subtasksOf.id, to: tasks, tag: tag, document: "task \(subtasksOf.id)")
    }
    return tasks.count
  }

  /// What the details of a task say by themselves.
  ///
  /// - Throws: `FormatProblem`: they hold no list of what to do.
  package func outline(of candidate: Candidate) throws(FormatProblem) -> [AnsweredTask] {
    let text = candidate.item.details
    let found = try OutlineFile.load(Array(text.utf8), file: "the details of task \(candidate.id)")
    let top = found.items.indices.filter { found.items[$0].parent == nil }
    return top.map { index in
      var item = found.items[index]
      let parts = found.items.filter { $0.parent == index }.map { "- \($0.title)" }
      item.details = ([item.details] + parts).filter { !$0.isEmpty }.joined(separator: "\n")
      item.line = nil
      return AnsweredTask(
        item: item, isAtomic: true, needs: item.needs.compactMap { top.firstIndex(of: $0) })
    }
  }
}

// Complexity.
extension DecompositionExpansion {
  package typealias Row = (id: String, title: String, judged: AnsweredComplexity)

  /// Has an agent judge tasks.
  ///
  /// - Throws: `ProjectProblem`.
  package func judge(_ tasks: [Candidate], by agent: DecompositionAgent) async throws -> [Row] {
    var rows: [Row] = []
    for task in tasks {
      let form = AnsweredComplexity.form
      let prompt = AnswerPrompt.complexity(of: task.item, schema: form.schema)
      let judged = try await agent.ask(prompt, called: "complexity-\(rows.count + 1)", as: form)
      rows.append((task.id, task.item.title, judged))
    }
    return rows
  }

  /// Writes Task Master's report, where its programs look for it unless `output` says otherwise, and returns
  /// its path.
  ///
  /// - Throws: `ProjectProblem`, `.storage`.
  package func write(
    _ rows: [Row], threshold: Int, to output: String?, in folder: String
  ) throws -> String {
    let name = output ?? reportName
    let path =
      name.hasPrefix("/") ? name : (output == nil ? place.location.root : folder) + "/" + name
    let project = (place.location.root as NSString).lastPathComponent
    let report = ComplexityReport(
      rows, total: candidates.count, threshold: threshold, project: project,
      time: TaskMasterStore.timestamp(.now))
    do {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    } catch {
      throw ProjectProblem(.storage, "\(name): \(error.localizedDescription)")
    }
    _ = try DecompositionOutput(path, called: name).put(report.text, isNew: false)
    return name
  }

  /// The tag is in the name, but for the first one's.
  private var reportName: String {
    let folder = ".taskmaster/reports/task-complexity-report"
    let used = tag ?? TaskMasterFile.defaultTag
    guard used != TaskMasterFile.defaultTag else { return folder + ".json" }
    let slug = used.lowercased().map { letter in
      letter.isASCII && (letter.isLetter || letter.isNumber) || letter == "_" ? letter : "-"
    }
    return "\(folder)_\(String(slug.prefix(50))).json"
  }
}
