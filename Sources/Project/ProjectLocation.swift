import Formats
import Foundation

/// Where a project lies and which file defines its graph.
package struct ProjectLocation: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case cairn, taskMaster
    /// A recorded workflow: it can be planned, not run.
    case trace
  }

  /// Absolute; the working directory of tasks, and what holds `.cairn`.
  package var root: String
  /// Absolute.
  package var file: String
  package var kind: Kind
  /// How the file is called in messages: as given, else relative to where it was looked for.
  package var displayName: String

  package static let fileNames = ["cairn.yaml", "cairn.yml"]
  package static let taskMasterPath = ".taskmaster/tasks/tasks.json"

  /// The folder of journal, lock, logs and workspace.
  package var stateFolder: String { root + "/.cairn" }
  package var journal: String { stateFolder + "/journal.sqlite" }
  package var lock: String { stateFolder + "/lock" }
}

extension ProjectLocation {
  /// Finds the project that a path names, or the one that a folder lies in.
  ///
  /// A path may name the file itself or the folder that holds it; without a path the search goes from
  /// `folder` upwards.
  package static func find(path: String?, from folder: String) throws(ProjectProblem)
    -> ProjectLocation
  {
    guard let path else { return try search(upwardsFrom: folder) }
    let absolute = absolutePath(path, in: folder)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isFolder) else {
      throw ProjectProblem(.missing, "\(path): no such file or folder")
    }
    if !isFolder.boolValue { return location(file: absolute, displayName: path) }
    if let found = location(in: absolute, displayPrefix: path) { return found }
    throw ProjectProblem(
      .missing, "\(path): holds neither cairn.yaml nor \(taskMasterPath); `cairn init` writes one")
  }

  private static func search(upwardsFrom folder: String) throws(ProjectProblem) -> ProjectLocation {
    var current = folder
    var prefix = ""
    while true {
      if let found = location(in: current, displayPrefix: prefix) { return found }
      let parent = (current as NSString).deletingLastPathComponent
      if parent == current || parent.isEmpty { break }
      current = parent
      prefix += prefix.isEmpty ? ".." : "/.."
    }
    throw ProjectProblem(
      .missing,
      "no cairn.yaml and no \(taskMasterPath) in this folder or above; `cairn init` writes one")
  }

  private static func location(in folder: String, displayPrefix: String) -> ProjectLocation? {
    for name in fileNames + [taskMasterPath] {
      let file = folder + "/" + name
      guard FileManager.default.fileExists(atPath: file) else { continue }
      let display = displayPrefix.isEmpty ? name : displayPrefix + "/" + name
      return location(file: file, displayName: display)
    }
    return nil
  }

  private static func location(file: String, displayName: String) -> ProjectLocation {
    let folder = (file as NSString).deletingLastPathComponent
    guard file.hasSuffix(".json") else {
      return ProjectLocation(root: folder, file: file, kind: .cairn, displayName: displayName)
    }
    let suffix = "/" + taskMasterPath
    if file.hasSuffix(suffix) {
      let root = String(file.dropLast(suffix.count))
      return ProjectLocation(root: root, file: file, kind: .taskMaster, displayName: displayName)
    }
    let kind = isTrace(file) ? Kind.trace : .taskMaster
    return ProjectLocation(root: folder, file: file, kind: kind, displayName: displayName)
  }

  /// A file that cannot be read is for whoever loads it to complain about.
  private static func isTrace(_ file: String) -> Bool {
    guard let bytes = try? SourceText.read(file, called: file) else { return false }
    return WorkflowTraceFile.looksLike(bytes)
  }

  private static func absolutePath(_ path: String, in folder: String) -> String {
    let joined = path.hasPrefix("/") ? path : folder + "/" + path
    return (joined as NSString).standardizingPath
  }
}
