import Foundation

/// The branch that a folder's git repository is on.
///
/// Read from the file that says it: git need not be there for a name.
package enum GitBranch {
  private static let prefix = "ref: refs/heads/"

  /// Returns the branch of the repository that an absolute path lies in.
  ///
  /// - Throws: `ProjectProblem`: `.missing` without a repository, `.usage` for one on no branch.
  package static func current(in folder: String) throws(ProjectProblem) -> String {
    guard let repository = repository(above: folder) else {
      throw ProjectProblem(.missing, "\(folder): lies in no git repository")
    }
    let head = String(
      decoding: try SourceText.read(repository + "/HEAD", called: "\(repository)/HEAD"),
      as: UTF8.self
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    // Newer repositories keep their branches elsewhere, and say so by a name that no branch can have.
    guard head.hasPrefix(prefix), head != prefix + ".invalid" else {
      throw ProjectProblem(.usage, "\(folder): the git repository is on no branch; give a name")
    }
    return String(head.dropFirst(prefix.count))
  }

  private static func repository(above folder: String) -> String? {
    var current = folder
    while true {
      let path = current + "/.git"
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
        return isFolder.boolValue ? path : linked(path, from: current)
      }
      let parent = (current as NSString).deletingLastPathComponent
      if parent == current || parent.isEmpty { return nil }
      current = parent
    }
  }

  /// A worktree has a file in its place, which says where the repository is.
  private static func linked(_ path: String, from folder: String) -> String? {
    let mark = "gitdir: "
    guard let bytes = try? SourceText.read(path, called: path),
      case let text = String(decoding: bytes, as: UTF8.self), text.hasPrefix(mark)
    else { return nil }
    let place = text.dropFirst(mark.count).trimmingCharacters(in: .whitespacesAndNewlines)
    return place.hasPrefix("/") ? place : folder + "/" + place
  }
}
