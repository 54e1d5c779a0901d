/// A row of a decomposition under review, as plain values: Dashboard knows no file formats.
package struct ReviewItem: Sendable, Equatable {
  package enum Priority: String, Sendable, CaseIterable {
    case critical, high, medium, low
  }

  /// Which item of the decomposition it is; stays when others are dropped.
  package var id: Int
  package var title: String
  package var priority: Priority
  /// Description, details and test strategy, for whoever looks closer.
  package var text: String
  /// Id of the item that it is a part of; parents come in front of their parts.
  package var parent: Int?
  /// Ids of what it waits for.
  package var needs: [Int]
  /// Line of the document.
  package var line: Int?

  package init(
    id: Int, title: String, priority: Priority, text: String = "", parent: Int? = nil,
    needs: [Int] = [], line: Int? = nil
  ) {
    self.id = id
    self.title = title
    self.priority = priority
    self.text = text
    self.parent = parent
    self.needs = needs
    self.line = line
  }
}
