import Model

extension CairnFile {
  /// Returns the text of a Cairn file with the tasks of a decomposition at its end.
  ///
  /// - Throws: `FormatProblem`: the file is bad, has no agent, or does not end with its tasks.
  package static func appending(
    _ decomposition: Decomposition, document: String, to old: [UInt8], file: String
  ) throws(FormatProblem) -> String {
    let before = try load(old, file: file)
    do throws(FormatProblem) {
      let text = try SourceText.decode(old)
      guard let tasks = try YAMLReader.read(text)?["tasks"], let first = tasks.map?.first else {
        throw FormatProblem(message: "has no \"tasks\" to append to")
      }
      guard before.graph.agent != nil else {
        throw FormatProblem(
          message: "has no \"agent\", which the prompts of a decomposition need",
          hint: "agent: { command: [claude, -p], prompt: stdin }")
      }
      let taken = before.graph.tasks.map(\.name) + before.graph.groups.map(\.name)
      let added = DecompositionCairnFile(decomposition, document: document, taken: taken)
      let gap = text.hasSuffix("\n") ? "" : "\n"
      let result = text + gap + added.entries(indentation: max(1, first.position.column - 1))
      try require(result, before.graph.tasks.count + added.count)
      return result
    } catch {
      throw error.named(file)
    }
  }

  private static func require(_ text: String, _ count: Int) throws(FormatProblem) {
    let loaded = try? load(Array(text.utf8), file: "")
    guard loaded?.graph.tasks.count == count else {
      throw FormatProblem(
        message: "cannot append: \"tasks\" is not its last key in block style",
        hint: "move it to the end, or write another file with -o")
    }
  }
}
