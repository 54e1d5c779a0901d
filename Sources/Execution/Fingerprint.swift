import Glibc
package import Model

/// What a task's result depends on, as XXH3-128 digests in hexadecimal.
///
/// Fields are written with their lengths and a list with its count, so that no two definitions share
/// an encoding. `version` is part of it: another encoding is another fingerprint.
package enum Fingerprint {
  private static let version: UInt64 = 1

  /// Covers the action, the environment, the folder, what is taken under which names, the artifacts'
  /// names, the verification and, for a prompt, the agent.
  ///
  /// Not covered is what changes when or how often the task runs: retries, priority, limits, expected
  /// sizes, `after`, exports, the line in the file.
  ///
  /// `inputs` is what `inputs(_:root:)` says of the task's globs; nil if it has none.
  package static func definition(of task: TaskGraph.Task, in graph: TaskGraph, inputs: String?)
    -> String
  {
    var digest = Digest()
    digest.addNumber(version)
    add(task.action, agent: graph.agent, to: &digest)
    digest.addNumber(UInt64(task.environment.count))
    for variable in task.environment {
      digest.addField(variable.name)
      digest.addField(variable.value)
    }
    add(task.directory, to: &digest)
    digest.addNumber(UInt64(task.needs.count))
    for need in task.needs {
      digest.addField(graph[need.task].name)
      add(need.artifact, to: &digest)
      digest.addField(need.variable)
      add(need.folder, to: &digest)
    }
    add(task.outputs.map(\.name), to: &digest)
    add(task.verify, to: &digest)
    digest.addNumber(task.isPure ? 1 : 0)
    add(inputs, to: &digest)
    // Elsewhere it sees other files; a definition without has what it had before there were worktrees.
    if task.isolation == .worktree { digest.addField(task.isolation.rawValue) }
    return digest.hexadecimal()
  }

  /// One digest of several.
  package static func combine(_ parts: [String]) -> String {
    var digest = Digest()
    add(parts, to: &digest)
    return digest.hexadecimal()
  }

  private static func add(
    _ action: TaskGraph.Action, agent: TaskGraph.Agent?, to digest: inout Digest
  ) {
    switch action {
    case .shell(let script, let interpreter):
      digest.addField("shell")
      digest.addField(script)
      add(interpreter, to: &digest)
    case .exec(let arguments):
      digest.addField("exec")
      add(arguments, to: &digest)
    case .prompt(let text):
      digest.addField("prompt")
      digest.addField(text)
      add(agent?.command ?? [], to: &digest)
      add(agent?.prompt.rawValue, to: &digest)
    case .gate:
      digest.addField("gate")
    }
  }

  private static func add(_ text: String?, to digest: inout Digest) {
    digest.addNumber(text == nil ? 0 : 1)
    if let text { digest.addField(text) }
  }

  private static func add(_ list: [String], to digest: inout Digest) {
    digest.addNumber(UInt64(list.count))
    for text in list { digest.addField(text) }
  }
}

extension Fingerprint {
  /// Digests the names and contents of all files that the globs match, in order of their names.
  ///
  /// The globs are relative to `root`, the absolute path of the project, see `Glob`; one that matches
  /// nothing is no error.
  ///
  /// Throws a `WorkspaceProblem` naming a file that cannot be read, or too many files.
  ///
  /// - Complexity: O(files below the globs' fixed folders + bytes that match).
  package static func inputs(_ globs: [String], root: String) throws(WorkspaceProblem) -> String {
    var files: Set<String> = []
    for glob in globs { files.formUnion(try Glob(glob).files(in: root)) }
    var digest = Digest()
    var buffer = [UInt8](repeating: 0, count: FileTree.bufferBytes)
    add(globs, to: &digest)
    for file in files.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let path = file.hasPrefix("/") ? file : root + "/" + file
      let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileTree.problem("read input", path) }
      defer { close(descriptor) }
      digest.addField(file)
      try FileTree.addContent(descriptor, path, to: &digest, &buffer)
    }
    return digest.hexadecimal()
  }
}
