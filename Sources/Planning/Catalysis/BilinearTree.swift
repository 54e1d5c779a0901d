/// A full binary tree of vectors over the integers modulo 2^64: each inner node is the product of its
/// children, element by element, plus a vector of its own; drawn from a seed.
///
/// Products of sums are bilinear, so that the tree can be evaluated in memory that holds something else
/// (Ben-Or and Cleve, SIAM J. Comput. 1992): for any a, b that lie there, (a+l)(b+r) − a(b+r) − (a+l)b + ab
/// is l·r, and what was added to a and b is taken out again.
package struct BilinearTree: Sendable {
  package let height: Int
  /// Elements of each vector.
  package let words: Int
  package let seed: UInt64

  package init(height: Int, words: Int, seed: UInt64) {
    precondition((0...30).contains(height) && words > 0)
    self.height = height
    self.words = words
    self.seed = seed
  }

  package var vectorBytes: Int { words * MemoryLayout<UInt64>.stride }
}

extension BilinearTree {
  package typealias Vector = UnsafeMutableBufferPointer<UInt64>

  /// Adds a leaf's vector to a target, or takes it out again; leaves are numbered from 0, left to right.
  package typealias Leaves<Failure: Error> = (Int, Sign, Vector) throws(Failure) -> Void

  package enum Sign: Sendable {
    case plus, minus

    var opposite: Sign { self == .plus ? .minus : .plus }
  }

  /// Adds the root's vector to the target, or takes it out again, and leaves all else as it was.
  ///
  /// - Parameters:
  ///   - sign: Whether it is added or taken out.
  ///   - target: Whatever lies there.
  ///   - borrowed: Two more vectors; what lies there is changed meanwhile and given back.
  /// - Complexity: O(4^height · words).
  package func add(_ sign: Sign, to target: Vector, borrowing borrowed: (Vector, Vector)) {
    add(sign, to: target, borrowing: borrowed, leaves: ownLeaves)
  }

  /// The same with leaves from outside, each asked for 2^height times.
  ///
  /// - Throws: What `leaves` throws; what was borrowed is then left as it is, changed.
  package func add<Failure: Error>(
    _ sign: Sign, to target: Vector, borrowing borrowed: (Vector, Vector),
    leaves: Leaves<Failure>
  ) throws(Failure) {
    try add(node: 1, height: height, sign, to: target, borrowed.0, borrowed.1, leaves)
  }

  private func add<Failure: Error>(
    node: UInt64, height: Int, _ sign: Sign, to target: Vector, _ a: Vector, _ b: Vector,
    _ leaves: Leaves<Failure>
  ) throws(Failure) {
    guard height > 0 else { return try leaves(leaf(node), sign, target) }
    // Each child's value goes in and out of its register once, and after each time a·b is added: with
    // l alone, with both, with r alone and with neither.
    let steps: [(child: UInt64, sign: Sign, product: Sign)] = [
      (0, .plus, sign.opposite), (1, .plus, sign), (0, .minus, sign.opposite), (1, .minus, sign),
    ]
    for step in steps {
      let (register, x, y) = step.child == 0 ? (a, b, target) : (b, target, a)
      try add(
        node: 2 * node + step.child, height: height - 1, step.sign, to: register, x, y, leaves)
      addProduct(of: a, b, step.product, to: target)
    }
    addConstant(of: node, sign, to: target)
  }

  /// Evaluates the tree with vectors of its own on the upper levels and borrowed ones on the lower.
  ///
  /// - Parameters:
  ///   - borrowedLevels: g, 0 to `height`: each saves a vector, and doubles the work.
  ///   - clean: `cleanVectors(borrowedLevels:)` of them; the root's ends in the first.
  ///   - borrowed: As `add` has them; not touched if `borrowedLevels` is 0.
  /// - Complexity: O(2^(height + borrowedLevels) · words).
  package func evaluate(
    borrowedLevels: Int, in clean: [Vector], borrowing borrowed: (Vector, Vector)
  ) {
    evaluate(
      borrowedLevels: borrowedLevels, in: clean, borrowing: borrowed, leaves: ownLeaves)
  }

  /// The same with leaves from outside, each asked for 2^borrowedLevels times.
  ///
  /// - Throws: What `leaves` throws; what was borrowed is then left as it is, changed.
  package func evaluate<Failure: Error>(
    borrowedLevels: Int, in clean: [Vector], borrowing borrowed: (Vector, Vector),
    leaves: Leaves<Failure>
  ) throws(Failure) {
    precondition((0...height).contains(borrowedLevels))
    precondition(clean.count >= cleanVectors(borrowedLevels: borrowedLevels))
    try evaluate(node: 1, height: height, borrowedLevels, in: clean[...], borrowed, leaves)
  }

  /// Vectors that `evaluate` needs of its own.
  package func cleanVectors(borrowedLevels: Int) -> Int { height - borrowedLevels + 1 }

  private func evaluate<Failure: Error>(
    node: UInt64, height: Int, _ borrowedLevels: Int, in clean: ArraySlice<Vector>,
    _ borrowed: (Vector, Vector), _ leaves: Leaves<Failure>
  ) throws(Failure) {
    guard let own = clean.first else { preconditionFailure("a level has a vector of its own") }
    guard height > borrowedLevels else {
      own.update(repeating: 0)
      return try add(
        node: node, height: height, .plus, to: own, borrowed.0, borrowed.1, leaves)
    }
    try evaluate(node: 2 * node, height: height - 1, borrowedLevels, in: clean, borrowed, leaves)
    let rest = clean.dropFirst()
    try evaluate(
      node: 2 * node + 1, height: height - 1, borrowedLevels, in: rest, borrowed, leaves)
    guard let other = rest.first else { return }
    for index in 0..<words { own[index] = own[index] &* other[index] }
    addConstant(of: node, .plus, to: own)
  }
}

extension BilinearTree {
  /// The number of a leaf among the leaves.
  private func leaf(_ node: UInt64) -> Int { Int(node - 1 << UInt64(height)) }

  /// Draws a leaf from the seed: where there is none from outside, as to fill the last level up.
  package func ownLeaves(_ leaf: Int, _ sign: Sign, _ target: Vector) {
    addConstant(of: UInt64(leaf) + 1 << UInt64(height), sign, to: target)
  }

  /// Made up anew each time, so that the leaves need no room.
  func constant(_ node: UInt64, _ index: Int) -> UInt64 {
    SplitMix64.mixed(seed ^ node << 32 ^ UInt64(index))
  }

  private func addConstant(of node: UInt64, _ sign: Sign, to target: Vector) {
    switch sign {
    case .plus: for index in 0..<words { target[index] &+= constant(node, index) }
    case .minus: for index in 0..<words { target[index] &-= constant(node, index) }
    }
  }

  private func addProduct(of a: Vector, _ b: Vector, _ sign: Sign, to target: Vector) {
    switch sign {
    case .plus: for index in 0..<words { target[index] &+= a[index] &* b[index] }
    case .minus: for index in 0..<words { target[index] &-= a[index] &* b[index] }
    }
  }
}
