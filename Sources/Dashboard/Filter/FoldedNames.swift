package import Model

/// Names and titles of all tasks in small letters, one behind another: a search walks through memory
/// once instead of folding 10,000 texts with every key.
package struct FoldedNames: Sendable {
  /// Between a name and its title, so that a word is not found across both.
  private static let separator: UInt8 = 10

  private var bytes: [UInt8] = []
  /// One row a task, and one behind the last.
  private var starts: [Int] = [0]
  private var nameEnds: [Int] = []

  /// A removed task has no name.
  package init(_ graph: TaskGraph = TaskGraph(name: "")) {
    starts.reserveCapacity(graph.tasks.count + 1)
    for task in graph.tasks {
      if !task.isRemoved { bytes += task.name.foldedBytes }
      nameEnds.append(bytes.count)
      if !task.isRemoved, let title = task.title {
        bytes.append(Self.separator)
        bytes += title.foldedBytes
      }
      starts.append(bytes.count)
    }
  }

  var count: Int { nameEnds.count }

  /// One row a task: whether its name or title holds the word.
  ///
  /// - Complexity: O(bytes of all names × length of the word) at worst.
  func holding(_ word: [UInt8]) -> [Bool] {
    rows { Self.position(of: word, in: $0) != nil }
  }

  /// One row a task: whether the word's letters stand in its name or title in order.
  func holdingInOrder(_ word: [UInt8]) -> [Bool] {
    rows { text in
      var at = 0
      for byte in text where at < word.count && byte == word[at] { at += 1 }
      return at == word.count
    }
  }

  /// The tasks with exactly this name, and the instances of a matrix of this name.
  func named(_ word: [UInt8]) -> [TaskID] {
    tasks { name in
      name.starts(with: word)
        && (name.count == word.count || name[name.startIndex + word.count] == UInt8(ascii: "["))
    }
  }

  func beginning(with word: [UInt8]) -> [TaskID] { tasks { $0.starts(with: word) } }

  private func rows(_ isMeant: (Slice<UnsafeBufferPointer<UInt8>>) -> Bool) -> [Bool] {
    bytes.withUnsafeBufferPointer { all in
      nameEnds.indices.map { isMeant(all[starts[$0]..<starts[$0 + 1]]) }
    }
  }

  private func tasks(_ isMeant: (Slice<UnsafeBufferPointer<UInt8>>) -> Bool) -> [TaskID] {
    bytes.withUnsafeBufferPointer { all in
      nameEnds.indices.filter { row in
        nameEnds[row] > starts[row] && isMeant(all[starts[row]..<nameEnds[row]])
      }
    }.map { TaskID($0) }
  }

  private static func position(
    of word: [UInt8], in text: Slice<UnsafeBufferPointer<UInt8>>
  ) -> Int? {
    guard let first = word.first else { return text.startIndex }
    var at = text.startIndex
    while at <= text.endIndex - word.count {
      if text[at] == first, text[at...].starts(with: word) { return at }
      at += 1
    }
    return nil
  }
}

extension [UInt8] {
  /// Whether the bytes of `word` stand in these, one behind another.
  func holds(_ word: [UInt8]) -> Bool {
    guard word.count <= count else { return false }
    return (0...(count - word.count)).contains { self[$0...].starts(with: word) }
  }
}
