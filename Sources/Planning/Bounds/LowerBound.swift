/// Bytes that no order of the steps gets below while each runs once, one at a time.
package struct LowerBound: Sendable, Equatable {
  /// What proves it, from the cheapest proof to the dearest.
  package enum Method: String, Sendable, Codable, CaseIterable {
    /// LB0: what one step reads, writes and needs as scratch. Holds with recompute and spill, too.
    case floor
    /// LB1: what must lie there while one step runs, for what made it is behind and who takes it ahead.
    case forced
    /// LB4: the best order of a tree that asks for less than the graph.
    case tree
    /// LB2: the least that any set of finished steps holds when one step starts.
    case cut
    /// LB3: the least that is held when the first, or the last, of a set of steps starts.
    case set
    /// LB5: every order of less is refuted, by what must precede what if it held less.
    case refuted
  }
  package var bytes: Int64
  package var method: Method

  package init(bytes: Int64, method: Method) {
    self.bytes = bytes
    self.method = method
  }

  /// Takes a bound over if it is the better one.
  mutating func raise(to bytes: Int64, by method: Method) {
    if bytes > self.bytes { self = LowerBound(bytes: bytes, method: method) }
  }
}
