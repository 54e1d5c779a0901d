/// The tasks of one tag as they stand in the file, each for itself: one that is wrong hides no other,
/// and those that wait for each other are read as well.
package struct TaskMasterBacklog: Sendable {
  /// The one that was read.
  package let tag: String
  /// All tags of the file, in file order.
  package let tags: [String]
  /// What the file left open, and how it was taken.
  package let warnings: [FormatProblem]
  /// Parents in front of their subtasks.
  let items: [TaskMasterReader.Item]
  /// The first item with each id.
  let named: [String: Int]

  init(_ root: Value, tag: String?) throws(FormatProblem) {
    let lists = try TaskMasterTags(root)
    let tag = try lists.choose(tag)
    var reader = TaskMasterReader(reference: TaskMasterReference())
    reader.collectLeniently(lists.tasks(of: tag))
    self.tag = tag
    tags = lists.names
    warnings = lists.warnings + reader.warnings
    items = reader.items
    named = reader.named
  }

  /// Full ids in file order, parents in front of their subtasks.
  package var ids: [String] { items.map(\.name) }

  /// Returns the item with this id.
  ///
  /// - Throws: `FormatProblem`, `.missing`: the tag has none.
  func index(of id: String) throws(FormatProblem) -> Int {
    if let index = named[id] { return index }
    throw FormatProblem(
      message: "no task \(id.quoted) in tag \(tag.quoted)",
      hint: Suggestion.hint(for: id, in: ids), code: .missing)
  }
}
