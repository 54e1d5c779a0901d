import Execution
package import Formats
import Foundation
import Glibc
package import Model

/// Where a decomposition comes from and goes to.
package struct DecompositionPlace: Sendable {
  package enum Kind: Sendable { case taskMaster, cairn }

  /// What becomes of a file that is there already.
  package enum Arrival: Sendable { case alone, append, replace }

  /// Absolute; the agent works there.
  package var root: String
  /// Absolute.
  package var path: String
  /// How the file is called in messages.
  package var name: String
  package var kind: Kind
  /// Of the project's Cairn file.
  package var agent: TaskGraph.Agent?
  /// The tag that the Cairn file names, or that Task Master itself would take.
  package var tag: String

  /// Finds the place for `output`, or where the project keeps its tasks: in its Task Master file if it has
  /// one or its Cairn file says so, else in a new Cairn file in `folder`.
  ///
  /// - Throws: `ProjectProblem`, `FormatProblem` for the project's Cairn file.
  package init(output: String?, prefers kind: Kind?, from folder: String) throws {
    let location = try? ProjectLocation.find(path: nil, from: folder)
    let file = try location.flatMap { $0.kind == .cairn ? try Self.load($0) : nil }
    agent = file?.taskMaster?.agent ?? file?.graph.agent
    root = location?.root ?? folder
    tag =
      file?.taskMaster?.tag ?? TaskMasterPlace.currentTag(root: location?.root ?? folder)
      ?? TaskMasterFile.defaultTag
    let isTaskMaster = location?.kind == .taskMaster || file?.taskMaster != nil
    if let output {
      let isJSON = output.hasSuffix(".json")
      guard isJSON || output.hasSuffix(".yaml") || output.hasSuffix(".yml") else {
        throw ProjectProblem(.usage, "\(output): expected a name that ends in .json or .yaml")
      }
      self.kind = isJSON ? .taskMaster : .cairn
      path = output.hasPrefix("/") ? output : folder + "/" + output
      name = output
    } else {
      let isTasks = (kind ?? (isTaskMaster ? .taskMaster : .cairn)) == .taskMaster
      self.kind = isTasks ? .taskMaster : .cairn
      // A project whose file is called cairn.yml has no use for a second one.
      let own = location?.kind == .cairn ? (location?.file as NSString?)?.lastPathComponent : nil
      name = isTasks ? ProjectLocation.taskMasterPath : own ?? ProjectLocation.fileNames[0]
      path = root + "/" + name
    }
  }

  static func load(_ location: ProjectLocation) throws -> LoadedFile {
    let bytes = try SourceText.read(location.file, called: location.displayName)
    return try CairnFile.load(bytes, file: location.displayName)
  }

  /// The bytes of a document.
  ///
  /// - Throws: `ProjectProblem`: it is missing or no file.
  package static func document(_ path: String) throws(ProjectProblem) -> [UInt8] {
    try SourceText.read(path, called: path)
  }
}

extension DecompositionPlace {
  /// Writes the decomposition; the file is the old or the new one at any moment.
  ///
  /// `tag` is that of a Task Master file, `agent` that of a new Cairn file, and the document is called
  /// `document`.
  ///
  /// - Throws: `ProjectProblem`, `FormatProblem`.
  package func write(
    _ decomposition: Decomposition, as arrival: Arrival, tag: String, document: String,
    agent: TaskGraph.Agent
  ) throws {
    switch kind {
    case .taskMaster: try writeTasks(decomposition, arrival, tag, document)
    case .cairn: try writeCairnFile(decomposition, arrival, document, agent)
    }
  }

  /// Says early what `write` would say, before an agent is paid for it.
  package func check(_ arrival: Arrival, tag: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    switch kind {
    case .cairn: if case .alone = arrival { throw exists }
    case .taskMaster:
      let edit = try TaskMasterEdit(try SourceText.read(path, called: name), file: name)
      let sample = Decomposition(name: "", items: [Decomposition.Item(title: "x")])
      _ = try edit.adding(
        sample, to: tag, as: arrival.ofTag, from: TaskMasterEdit.Origin(document: "", time: ""))
    }
  }

  private var exists: ProjectProblem {
    ProjectProblem(
      .notAllowed, "\(name) exists already; --append adds to it, --force replaces it")
  }

  private func writeTasks(
    _ decomposition: Decomposition, _ arrival: Arrival, _ tag: String, _ document: String
  ) throws {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ProjectProblem(.storage, "cannot make \(folder): \(error.localizedDescription)")
    }
    // The store locks and replaces what is there; Task Master's writers begin with this, too.
    try? Data("{}".utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    let origin = TaskMasterEdit.Origin(
      document: document, time: TaskMasterStore.timestamp(.now))
    try TaskMasterStore(path: path, called: name).edit { edit in
      try edit.adding(decomposition, to: tag, as: arrival.ofTag, from: origin)
    }
  }

  private func writeCairnFile(
    _ decomposition: Decomposition, _ arrival: Arrival, _ document: String, _ agent: TaskGraph.Agent
  ) throws {
    let isThere = FileManager.default.fileExists(atPath: path)
    if isThere, case .append = arrival {
      let old = try SourceText.read(path, called: name)
      let text = try CairnFile.appending(decomposition, document: document, to: old, file: name)
      _ = try DecompositionOutput(path, called: name).put(text, isNew: false)
      return
    }
    let file = DecompositionCairnFile(decomposition, document: document)
    let text = file.text(agent: agent)
    // What is written can be read, or it is our fault.
    let loaded = try CairnFile.load(Array(text.utf8), file: name)
    guard loaded.graph.tasks.count == file.count else {
      throw ProjectProblem(
        .internalFault, "\(name): tasks went missing on the way; nothing was written")
    }
    if isThere, case .alone = arrival { throw exists }
    guard try DecompositionOutput(path, called: name).put(text, isNew: !isThere) else {
      throw exists
    }
  }
}

extension DecompositionPlace.Arrival {
  fileprivate var ofTag: TaskMasterEdit.Arrival {
    switch self {
    case .alone: .alone
    case .append: .append
    case .replace: .replace
    }
  }
}

extension Trust {
  /// For a folder that need not hold a project yet.
  package init(root: String, agent: TaskGraph.Agent) {
    let location = ProjectLocation(root: root, file: root, kind: .cairn, displayName: root)
    self.init(location, agent: agent)
  }
}
