/// Artifacts that were lent while dormant, and what became of them.
package struct LoanMeter: Sendable, Equatable, Codable {
  package private(set) var count = 0
  package private(set) var bytes: Int64 = 0
  /// Given back, and proved by the digest.
  package private(set) var restored = 0
  /// Given back otherwise, or not at all: a fault, for it must be 0.
  package private(set) var failed = 0

  package init() {}

  /// Loans that are open.
  package var open: Int { count - restored - failed }

  mutating func begin(_ bytes: Int64) {
    count += 1
    self.bytes += bytes
  }

  mutating func end(isExact: Bool) {
    if isExact { restored += 1 } else { failed += 1 }
  }
}
