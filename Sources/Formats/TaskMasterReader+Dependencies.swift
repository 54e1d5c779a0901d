import Model

extension TaskMasterReader {
  /// Most examples in a warning about many dependencies.
  private static let maximumExamples = 5

  /// A dependency as it is written.
  struct Mention {
    var text: String
    var value: Value
    /// Index in the list of dependencies.
    var offset: Int

    var position: Position { value.position }
  }

  private struct Ambiguity {
    var words: String
    var position: Position
  }

  /// Adds the needs: a task waits for its own dependencies and those of the tasks it lies in, a
  /// parent's last step for its subtasks too.
  ///
  /// A dependency that does not exist leaves its task waiting: Task Master never offers such a task
  /// either, and an agent that starts without what it builds on wastes its work.
  mutating func tie(_ graph: inout TaskGraph, _ ids: [TaskID]) throws(FormatProblem) {
    var own = [[Int]](repeating: [], count: items.count)
    var ambiguities: [Ambiguity] = []
    for index in items.indices {
      for mention in mentions(of: index) {
        let (found, isAmbiguous) = resolve(mention.text, from: index)
        if isAmbiguous {
          let words = "\(items[index].name) → \(mention.text)".withVisibleControls
          ambiguities.append(Ambiguity(words: words, position: mention.position))
        }
        if let found {
          own[index].append(found)
        } else {
          warn(
            .dependency, at: mention.position,
            "task \(items[index].name.quoted) depends on \(mention.text.quoted), which does not exist; "
              + "it waits")
          block(index)
          for blocked in [index] + descendants(of: index) {
            graph.tasks[ids[blocked].index].standing = items[blocked].standing
          }
        }
      }
    }
    report(ambiguities)
    var total = 0
    for index in items.indices {
      let needs = needs(of: index, own).map { ids[$0] }
      total += needs.count
      guard total <= CairnFile.maximumDependencies else {
        throw FormatProblem(message: "more than \(CairnFile.maximumDependencies) dependencies")
      }
      graph.tasks[ids[index].index].needs = needs.map { need in
        TaskGraph.Need(task: need, variable: graph[need].name.asVariable)
      }
    }
  }

  /// What an item waits for: its own dependencies, its subtasks, and what the tasks around it need.
  ///
  /// `own` has the dependencies of each item.
  func needs(of index: Int, _ own: [[Int]]) -> [Int] {
    var needs = own[index] + items[index].children
    var inside: Int? = index
    while let child = inside, let parent = items[child].parent {
      // What lies in the same parent comes first anyway, as far as it is needed.
      needs += own[parent].filter { !lies($0, in: parent) }
      inside = parent
    }
    var seen = Set<Int>()
    return needs.filter { seen.insert($0).inserted }
  }

  private func lies(_ item: Int, in parent: Int) -> Bool {
    var next: Int? = item
    while let index = next {
      if index == parent { return true }
      next = items[index].parent
    }
    return false
  }

  func descendants(of index: Int) -> [Int] {
    items[index].children.flatMap { [$0] + descendants(of: $0) }
  }

  func mentions(of index: Int) -> [Mention] {
    guard let value = items[index].value["dependencies"] else { return [] }
    let list = value.list ?? (value.text?.isEmpty == false ? [value] : [])
    return list.enumerated().compactMap { offset, item in
      guard let text = item.identifier ?? item["id"]?.identifier, !text.isEmpty else { return nil }
      return Mention(text: text, value: item, offset: offset)
    }
  }

  /// A dotted id is absolute; any other is the sibling first, then outwards to the tasks of the tag,
  /// as Task Master's `next` has it.
  func resolve(_ text: String, from index: Int) -> (item: Int?, isAmbiguous: Bool) {
    if text.contains("."), let absolute = named[text] { return (absolute, false) }
    var outer = items[index].parent
    while let parent = outer {
      if let sibling = named["\(items[parent].name).\(text)"] {
        return (sibling, named[text] != nil)
      }
      outer = items[parent].parent
    }
    return (named[text], false)
  }

  private mutating func report(_ ambiguities: [Ambiguity]) {
    guard let first = ambiguities.first else { return }
    let examples = ambiguities.prefix(Self.maximumExamples).map(\.words).joined(separator: ", ")
    let more = ambiguities.count - Self.maximumExamples
    warn(
      .dependency, at: first.position,
      "\(ambiguities.count) dependencies name both a sibling and a task, taken as the sibling: "
        + examples + (more > 0 ? " and \(more) more" : ""))
  }
}
