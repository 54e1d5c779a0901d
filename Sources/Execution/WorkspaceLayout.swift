package import Model

/// Where the files of a project lie.
///
///     .cairn/.gitignore  lock  journal.sqlite
///     .cairn/logs/<run>/<task>.<attempt>.log   .verify.log  .prompt.md
///     .cairn/logs/<run>/slot-<n>.spool                       output of what runs in a slot now
///     .cairn/workspace/<run>/<task>/<artifact>/              sealed
///     .cairn/workspace/<run>/<task>/<artifact>.<attempt>.part/   being written
///     .cairn/workspace/<run>/<task>/<artifact>.restore.part/     coming back, see `SpillFolder`
///     .cairn/workspace/<run>/<task>/<artifact>.zst               compressed, see `PackedTree`
///     .cairn/workspace/<run>/<task>/<artifact>.zst.part          being compressed
///     .cairn/workspace/<run>/<task>/<artifact>.expand.part/      coming back
///     .cairn/workspace/<run>/<task>/<artifact>.old/              being deleted
///     .cairn/workspace/<run>/<task>/in.<attempt>/<VARIABLE>/<folder> -> a sealed artifact
///     .cairn/workspace/slots/<n>/
///     .cairn/workspace/worktrees/                           see `WorktreeArea`
///
/// Dots cannot stand in an encoded name, so no artifact can be called like a half-written one.
package struct WorkspaceLayout: Sendable, Hashable {
  /// Longest encoded task name in a file name.
  static let maximumNameBytes = 60

  /// Absolute path of the project.
  package let root: String

  package init(root: String) { self.root = root }

  package var stateFolder: String { root + "/.cairn" }
  package var journal: String { stateFolder + "/journal.sqlite" }
  package var lock: String { stateFolder + "/lock" }
  package var logs: String { stateFolder + "/logs" }
  package var workspace: String { stateFolder + "/workspace" }
  var worktrees: String { workspace + "/worktrees" }

  /// The absolute path of a log and its name relative to `logs`.
  package func log(
    run: Int, task: TaskID, name: String, attempt: Int, stream: LogReference.Stream
  ) -> (path: String, name: String) {
    let ending =
      switch stream {
      case .output: "log"
      case .verify: "verify.log"
      case .prompt: "prompt.md"
      case .changes: "changes.diff"
      }
    let relative = "\(run)/\(Self.folder(task, name)).\(attempt).\(ending)"
    return (logs + "/" + relative, relative)
  }

  package func spool(run: Int, slot: Int) -> String { "\(logs)/\(run)/slot-\(slot).spool" }

  /// The name of a task on disk: `<id>-<name>`, every byte outside `[A-Za-z0-9_-]` as `%XX`.
  package static func folder(_ task: TaskID, _ name: String) -> String {
    "\(task.rawValue)-\(encoded(name))"
  }

  /// Cut at `maximumNameBytes`, never inside a `%XX`.
  static func encoded(_ name: String) -> String {
    String(unsafeUninitializedCapacity: maximumNameBytes) { result in
      var count = 0
      for byte in name.utf8 {
        let isPlain = isPlain(byte)
        guard count + (isPlain ? 1 : 3) <= maximumNameBytes else { break }
        if isPlain {
          result[count] = byte
        } else {
          result[count] = UInt8(ascii: "%")
          result[count + 1] = hex(byte >> 4)
          result[count + 2] = hex(byte & 15)
        }
        count += isPlain ? 1 : 3
      }
      return count
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
    default: false
    }
  }

  private static func hex(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") - 10 + digit
  }
}

extension WorkspaceLayout {
  /// Makes `.cairn`, which ignores itself in git.
  ///
  /// - Throws: `WorkspaceProblem` naming the folder and the system's reason.
  package func makeStateFolder() throws(WorkspaceProblem) {
    try FileTree.makeFolders(stateFolder)
    try FileTree.write(Array("*\n".utf8), ifMissing: stateFolder + "/.gitignore")
  }
}
