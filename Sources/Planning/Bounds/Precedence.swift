/// Who comes before whom, in full: the transitive closure as two square tables of bits.
///
/// - Complexity: steps²/4 bytes.
struct Precedence: Sendable {
  let count: Int
  let words: Int
  /// Row v: v and all that must precede it, and v and all that must follow it.
  private(set) var before: [UInt64]
  private(set) var behind: [UInt64]

  /// - Complexity: O(edges · steps / 64).
  init(_ flow: Dataflow, order: [Int32]) {
    count = flow.count
    words = (flow.count + 63) / 64
    before = Array(repeating: 0, count: count * words)
    behind = before
    for step in order.lazy.map({ Int($0) }) {
      Self.mark(step, in: &before, words: words)
      for other in flow.predecessors[step] {
        Self.merge(Int(other), into: step, in: &before, words: words)
      }
    }
    for step in order.reversed().lazy.map({ Int($0) }) {
      Self.mark(step, in: &behind, words: words)
      for other in flow.successors[step] {
        Self.merge(Int(other), into: step, in: &behind, words: words)
      }
    }
  }

  /// Whether v comes behind u in every order, or is u.
  func precedes(_ u: Int, _ v: Int) -> Bool { behind[u * words + v >> 6] >> (v & 63) & 1 == 1 }

  /// From now on u precedes v, which must not precede u.
  ///
  /// - Complexity: O(steps² / 64).
  mutating func put(_ u: Int, before v: Int) {
    for step in 0..<count where precedes(step, u) {
      for word in 0..<words { behind[step * words + word] |= behind[v * words + word] }
    }
    for step in 0..<count where precedes(v, step) {
      for word in 0..<words { before[step * words + word] |= before[u * words + word] }
    }
  }

  private static func mark(_ step: Int, in rows: inout [UInt64], words: Int) {
    rows[step * words + step >> 6] |= 1 << (step & 63)
  }

  private static func merge(_ other: Int, into step: Int, in rows: inout [UInt64], words: Int) {
    rows.withUnsafeMutableBufferPointer { rows in
      for word in 0..<words { rows[step * words + word] |= rows[other * words + word] }
    }
  }
}
