/// A full binary tree whose leaves hold small numbers and whose inner nodes are functions of two of them:
/// an instance of the tree evaluation problem, drawn from a seed.
package struct FunctionTree: Sendable {
  /// Of each number, 1 to 6.
  package let bits: Int
  /// Levels of functions; 0 is a leaf alone.
  package let height: Int
  package let seed: UInt64

  package init(bits: Int, height: Int, seed: UInt64) {
    precondition((1...6).contains(bits) && (0...40).contains(height))
    self.bits = bits
    self.height = height
    self.seed = seed
  }

  /// The number at a leaf; the root is node 1, and the children of u are 2u and 2u + 1.
  package func leaf(_ node: UInt64) -> Int { number(seed ^ SplitMix64.mixed(node)) }

  /// A node's function, as its truth table has it.
  package func value(_ node: UInt64, _ left: Int, _ right: Int) -> Int {
    number(seed &+ SplitMix64.mixed(node << 12 | UInt64(left << 6 | right)))
  }

  private func number(_ place: UInt64) -> Int { Int(SplitMix64.mixed(place) & (1 << bits - 1)) }

  /// The root's value, depth first, with a number of its own on each level.
  ///
  /// - Complexity: O(2^height).
  package var value: Int { value(of: 1, height: height) }

  /// Bits that depth first needs of its own: a number a level, and the way down.
  package var plainBits: Int { (height + 1) * bits + height }

  private func value(of node: UInt64, height: Int) -> Int {
    guard height > 0 else { return leaf(node) }
    let left = value(of: 2 * node, height: height - 1)
    return value(node, left, value(of: 2 * node + 1, height: height - 1))
  }
}
