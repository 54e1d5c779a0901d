import Model

/// The graph as lanes, one task a row.
package struct Lanes: Sendable {
  private(set) var items: [Item] = []
  package init() {}
}
