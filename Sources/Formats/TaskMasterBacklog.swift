/// The tasks of one tag as they stand in the file, each for itself: one that is wrong hides no other,
/// and those that wait for each other are read as well.
package struct TaskMasterBacklog: Sendable {
  /// The one that was read.
  package let tag: String
  /// All tags of the file, in file order.
  package let tags: [String]
  /// What the file left open, and how it was taken.
  package let warnings: [FormatProblem]
  /// How messages call the file.
  let file: String
  let reader: TaskMasterReader
  /// The tag's list of tasks; nil where it has none yet.
  let list: Value?
  /// What each item says that it depends on.
  let dependencies: [[Dependency]]
  /// What depends on each item, in file order.
  let blocks: [[Int]]

  init(_ root: Value, tag: String?, file: String) throws(FormatProblem) {
    self.file = file
    let lists = try TaskMasterTags(root)
    let tag = try lists.choose(tag)
    var reader = TaskMasterReader(reference: TaskMasterReference())
    reader.collectLeniently(lists.tasks(of: tag))
    self.tag = tag
    tags = lists.names
    warnings = (lists.warnings + reader.warnings).map { $0.named(file) }
    list = lists.list(of: tag)
    dependencies = reader.items.indices.map { index in
      reader.mentions(of: index).map { mention in
        Dependency(
          text: mention.text, item: reader.resolve(mention.text, from: index).item,
          value: mention.value, offset: mention.offset)
      }
    }
    var blocks = [[Int]](repeating: [], count: reader.items.count)
    for (index, own) in dependencies.enumerated() {
      for item in Set(own.compactMap(\.item)) where item != index { blocks[item].append(index) }
    }
    self.blocks = blocks
    self.reader = reader
  }
}

extension TaskMasterBacklog {
  /// Parents in front of their subtasks.
  var items: [TaskMasterReader.Item] { reader.items }
  /// The first item with each id.
  var named: [String: Int] { reader.named }

  /// Full ids in file order, parents in front of their subtasks.
  package var ids: [String] { items.map(\.name) }

  /// Returns the item with this id.
  ///
  /// - Throws: `FormatProblem`, `.missing`: the tag has none.
  func index(of id: String) throws(FormatProblem) -> Int {
    if let index = named[id] { return index }
    throw FormatProblem(
      file: file, message: "no task \(id.quoted) in tag \(tag.quoted)",
      hint: Suggestion.hint(for: id, in: ids), code: .missing)
  }

  /// What the file says of an item; nil for a word that is none of Task Master's.
  func status(of index: Int) -> TaskMasterStatus? {
    guard let text = items[index].value["status"]?.text else { return .pending }
    return TaskMasterStatus(written: text)
  }

  /// Names and texts of what a task says in words; none for an id that the tag has not.
  package func prose(of id: String) -> [(String, String)] {
    guard let value = named[id].map({ items[$0].value }) else { return [] }
    let fields = [
      ("what", value["description"]), ("details", value["details"]),
      ("test", value["testStrategy"] ?? value["test_strategy"]),
    ]
    return fields.compactMap { name, field in field?.prose.map { (name, $0) } }
  }
}
