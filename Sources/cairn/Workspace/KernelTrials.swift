import Planning

/// Runs the kernels in memory that holds random contents, beside plain evaluation.
struct KernelTrials {
  private let seed: UInt64
  private var random: SplitMix64

  init(seed: UInt64) {
    self.seed = seed
    random = SplitMix64(seed: seed)
  }

  /// One evaluation in borrowed memory, and the same in its own.
  struct Trial: Encodable {
    var name: String
    /// What is changed and given back.
    var borrowedBits: Int
    /// What it needs besides.
    var ownBits: Int
    var plainOwnBits: Int
    var seconds: Double
    var plainSeconds: Double
    var isRestored: Bool
    /// The value is that of plain evaluation.
    var isRight: Bool

    var isExact: Bool { isRestored && isRight }
  }

  /// How many of the contents drawn were given back bit by bit, with the right value.
  struct Contents: Encodable {
    var drawn = 0
    var exact = 0
  }

  mutating func all() -> [Trial] {
    [cookMertz(bits: 3, height: 5)] + bilinear(height: 6, words: 131_072)
  }

  /// Draws contents for small trees of both kinds, in turn.
  mutating func contents(_ count: Int) -> Contents {
    var contents = Contents()
    let tree = BilinearTree(height: 3, words: 64, seed: seed)
    let plain = PlainVectors(tree)
    for number in 0..<count {
      let trial =
        number.isMultiple(of: 2) ? cookMertz(bits: 2, height: 2) : dirty(tree, plain)
      contents.drawn += 1
      if trial.isExact { contents.exact += 1 }
    }
    return contents
  }
}

extension KernelTrials {
  private mutating func cookMertz(bits: Int, height: Int) -> Trial {
    let tree = FunctionTree(bits: bits, height: height, seed: seed)
    let kernel = CookMertz(tree)
    let before = kernel.dirtyRegisters(using: &random)
    var registers = before
    let seconds = Self.seconds { kernel.addValue(to: &registers) }
    var plain = 0
    let plainSeconds = Self.seconds { plain = tree.value }
    let added = kernel.value(added: registers, to: before)
    return Trial(
      name: "Cook–Mertz, \(bits) bits, height \(height)", borrowedBits: kernel.borrowedBits,
      ownBits: kernel.cleanBits, plainOwnBits: tree.plainBits, seconds: seconds,
      plainSeconds: plainSeconds, isRestored: added != nil, isRight: added == plain)
  }

  /// The dial from one borrowed level to all of them, then the root added to a third borrowed vector.
  private mutating func bilinear(height: Int, words: Int) -> [Trial] {
    let tree = BilinearTree(height: height, words: words, seed: seed)
    let plain = PlainVectors(tree)
    return (1...height).map { dial(tree, levels: $0, plain) } + [dirty(tree, plain)]
  }

  private mutating func dial(_ tree: BilinearTree, levels: Int, _ plain: PlainVectors) -> Trial {
    let words = tree.words
    let borrowed = LentVectors(2, words: words, &random)
    let own = LentVectors(tree.cleanVectors(borrowedLevels: levels), words: words, &random)
    let seconds = Self.seconds {
      tree.evaluate(
        borrowedLevels: levels, in: own.vectors,
        borrowing: (borrowed.vectors[0], borrowed.vectors[1]))
    }
    return trial(
      tree, "\(levels) of \(tree.height) levels borrow", seconds, plain,
      borrowed: 2, own: own.vectors.count, isRestored: borrowed.areAsLent,
      isRight: own.vectors[0].elementsEqual(plain.root))
  }

  private mutating func dirty(_ tree: BilinearTree, _ plain: PlainVectors) -> Trial {
    let words = tree.words
    let lent = LentVectors(3, words: words, &random)
    let seconds = Self.seconds {
      tree.add(.plus, to: lent.vectors[2], borrowing: (lent.vectors[0], lent.vectors[1]))
    }
    let isRight = (0..<words).allSatisfy {
      lent.vectors[2][$0] &- lent.before[2][$0] == plain.root[$0]
    }
    tree.add(.minus, to: lent.vectors[2], borrowing: (lent.vectors[0], lent.vectors[1]))
    return trial(
      tree, "nothing of its own", seconds, plain, borrowed: 3, own: 0, isRestored: lent.areAsLent,
      isRight: isRight)
  }

  private func trial(
    _ tree: BilinearTree, _ way: String, _ seconds: Double, _ plain: PlainVectors, borrowed: Int,
    own: Int, isRestored: Bool, isRight: Bool
  ) -> Trial {
    let bits = tree.vectorBytes * 8
    return Trial(
      name: "bilinear, height \(tree.height), \(way)", borrowedBits: borrowed * bits,
      ownBits: own * bits, plainOwnBits: plain.count * bits, seconds: seconds,
      plainSeconds: plain.seconds, isRestored: isRestored, isRight: isRight)
  }

  fileprivate static func seconds(_ body: () -> Void) -> Double {
    ContinuousClock().measure(body) / .seconds(1)
  }
}

/// Vectors with random contents, and what those were.
private final class LentVectors {
  let vectors: [BilinearTree.Vector]
  let before: [[UInt64]]

  init(_ count: Int, words: Int, _ random: inout SplitMix64) {
    before = (0..<count).map { _ in (0..<words).map { _ in random.next() } }
    vectors = before.map { contents in
      let vector = BilinearTree.Vector.allocate(capacity: words)
      _ = vector.initialize(from: contents)
      return vector
    }
  }

  deinit { for vector in vectors { vector.deallocate() } }

  var areAsLent: Bool { zip(vectors, before).allSatisfy { $0.elementsEqual($1) } }
}

/// The tree evaluated in vectors of its own, the quickest of three times.
private struct PlainVectors {
  let root: [UInt64]
  let count: Int
  let seconds: Double

  init(_ tree: BilinearTree) {
    var random = SplitMix64(seed: 0)
    count = tree.cleanVectors(borrowedLevels: 0)
    let own = LentVectors(count, words: tree.words, &random)
    let nothing = BilinearTree.Vector(start: nil, count: 0)
    let times = (0..<3).map { _ in
      KernelTrials.seconds {
        tree.evaluate(borrowedLevels: 0, in: own.vectors, borrowing: (nothing, nothing))
      }
    }
    seconds = times.min() ?? 0
    root = Array(own.vectors[0])
  }
}
