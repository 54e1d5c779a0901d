import Foundation
import Model

@testable import Execution

/// A git repository with a project in it, that lives as long as the test.
final class TemporaryRepository: Sendable {
  let folder: TemporaryFolder
  /// The project's place in it, with a slash at its end, or empty.
  let prefix: String

  static let environment = ["PATH=/usr/bin:/bin", "HOME=/nonexistent"]

  init(
    prefix: String = "", _ files: [String: String] = ["a": "one\n", "lib/b": "two\n"]
  ) throws {
    folder = try TemporaryFolder()
    self.prefix = prefix
    try shell("git init -q -b main .")
    try write([".gitignore": "build/\n*.log\n"])
    try write(files)
    try commit("base")
  }

  var root: String { prefix.isEmpty ? folder.path : "\(folder.path)/\(prefix.dropLast())" }
  var layout: WorkspaceLayout { WorkspaceLayout(root: root) }

  /// Files of the project.
  func write(_ files: [String: String]) throws {
    for (name, text) in files { try folder.write(prefix + name, text) }
  }

  @discardableResult
  func commit(_ subject: String) throws -> String {
    try shell("git add -A && git -c user.name=ana -c user.email=a@b commit -q -m '\(subject)'")
    return try shell("git rev-parse HEAD")
  }

  /// Runs a script, as a task would, and returns what it wrote without the end of its last line.
  @discardableResult
  func shell(_ script: String, in directory: String? = nil) throws -> String {
    let reply = try ToolProcess(
      path: "/bin/bash", arguments: ["-euo", "pipefail", "-c", script],
      environment: Self.environment, directory: directory ?? folder.path
    ).run()
    let text = String(decoding: reply.output, as: UTF8.self)
    guard reply.code == 0 else {
      throw WorkspaceProblem("\(script): \(String(decoding: reply.errors, as: UTF8.self))")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  func repository() throws -> GitRepository {
    try GitRepository(root: root, environment: Self.environment)
  }

  /// A session's branch; `earlier` is what the journal says of the sessions before.
  func branch(run: Int = 1, earlier: RunState.Branch? = nil) throws -> RunBranch {
    try layout.makeStateFolder()
    try FileTree.makeFolders(layout.workspace)
    return try RunBranch(repository(), layout: layout, run: run, earlier: earlier)
  }
}

/// One attempt at a task with a worktree, played by a test.
struct WorktreeTry {
  let place: AttemptPlace
  let branch: RunBranch
  /// The project's root in the worktree.
  let root: String
  let fault: String?

  init(
    _ branch: RunBranch, _ name: String = "a", slot: Int = 0, caches: [String] = []
  ) throws {
    var task = TaskGraph.Task(id: TaskID(slot), name: name, action: .gate)
    task.isolation = .worktree
    task.caches = caches
    place = AttemptPlace(task: task, attempt: 1, slot: slot, needed: [])
    self.branch = branch
    let lease = try branch.lease(place)
    (root, fault) = (lease.root, lease.fault)
  }

  /// The top of the worktree.
  var files: String { branch.area.files(place.slot) }

  /// Merges, moves the branch, and returns what the log would say; nil for a conflict.
  func land() throws -> Fact.BranchMerged? {
    guard case .ready(let fact) = try branch.merge(place) else { return nil }
    try branch.advance(to: fact)
    return fact
  }
}
