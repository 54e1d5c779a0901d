/// Work that a document describes: items in a tree, and which waits for which.
///
/// A parent is what its children are parts of; only leaves are work of their own. What a parent needs
/// all its parts need, and needing a parent means needing all of them.
package struct Decomposition: Sendable, Equatable {
  /// Deepest level of items; those at the top are at level 1.
  package static let maximumDepth = 5
  package static let maximumItems = 2_000
  /// Most needs of all items together.
  package static let maximumNeeds = 20_000
  /// Longest title, in characters; Task Master takes no longer one.
  package static let maximumTitleLength = 200

  /// What the document is called.
  package var name: String
  /// Parents in front of their children, all in the order of the document.
  package var items: [Item] = []
  /// What was left out or taken in one of several ways, each with its line.
  package var notes: [FormatProblem] = []

  package init(name: String, items: [Item] = [], notes: [FormatProblem] = []) {
    self.name = name
    self.items = items
    self.notes = notes
  }

  package enum Priority: String, Sendable, CaseIterable {
    case critical, high, medium, low
  }

  package struct Item: Sendable, Equatable {
    package var title: String
    /// A sentence or two; empty if there is nothing but the title.
    package var description: String
    /// All that the document says beyond that.
    package var details: String
    /// How to see that it is done.
    package var testStrategy: String
    package var priority: Priority
    /// As it is written, as in `2 days`.
    package var estimate: String?
    /// It is marked as done already.
    package var isDone: Bool
    /// Index of the item that it is a part of.
    package var parent: Int?
    /// Indices, ascending.
    package var needs: [Int]
    /// From 1; nil only where an agent did not say.
    package var line: Int?

    package init(
      title: String, description: String = "", details: String = "", testStrategy: String = "",
      priority: Priority = .medium, estimate: String? = nil, isDone: Bool = false,
      parent: Int? = nil, needs: [Int] = [], line: Int? = nil
    ) {
      self.title = title
      self.description = description
      self.details = details
      self.testStrategy = testStrategy
      self.priority = priority
      self.estimate = estimate
      self.isDone = isDone
      self.parent = parent
      self.needs = needs
      self.line = line
    }
  }
}

extension Decomposition {
  /// The children of each item.
  package var children: [[Int]] {
    var children = [[Int]](repeating: [], count: items.count)
    for (index, item) in items.enumerated() {
      if let parent = item.parent { children[parent].append(index) }
    }
    return children
  }

  /// Items without parts.
  package var leaves: [Int] {
    let parents = Set(items.compactMap(\.parent))
    return items.indices.filter { !parents.contains($0) }
  }

  /// The level of an item, from 1.
  package func depth(of index: Int) -> Int {
    var depth = 1
    var next = items[index].parent
    while let parent = next {
      depth += 1
      next = items[parent].parent
    }
    return depth
  }

  /// Number of an item as a path, as in `2.1.3`.
  package func path(of index: Int) -> String {
    let siblings = items.indices.filter { items[$0].parent == items[index].parent }
    let own = String((siblings.firstIndex(of: index) ?? 0) + 1)
    return items[index].parent.map { "\(path(of: $0)).\(own)" } ?? own
  }
}
