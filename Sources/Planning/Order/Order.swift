/// A sequence in which the steps can run, one at a time, and the footprint that it needs.
package struct Order: Sendable, Equatable {
  package var steps: [Int32]
  /// The largest footprint, in allocated bytes.
  package var peakBytes: Int64
  /// Who found it, for people: "net", "liu", "tree late", "goal", "beam" or "search".
  package var method: String

  package init(steps: [Int32], peakBytes: Int64, method: String) {
    self.steps = steps
    self.peakBytes = peakBytes
    self.method = method
  }

  /// Measures an order of a dataflow.
  ///
  /// - Complexity: O(steps + uses).
  package init(_ steps: [Int32], of flow: Dataflow, method: String) {
    self.init(steps: steps, peakBytes: flow.peakBytes(steps), method: method)
  }
}
