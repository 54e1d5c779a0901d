import Glibc
import Planning

/// The checksum of a workspace, computed in the pages of a dormant artifact and in memory of its own.
///
/// A tree of products over the artifacts (`BilinearTree`), a leaf being the sketch of one. Of its three
/// registers two are borrowed; what a subtree comes to is added to one of Cairn's own, for dirty memory
/// cannot be read. Each of the lower levels that borrows saves a vector for another pass over everything.
package struct LoanKernel {
  /// 64 KiB a vector.
  package static let words = 8_192
  /// g: at most 2^g passes over each artifact.
  package static let levels = 2
  /// Read at a time.
  static let bufferBytes = 16 << 10
  /// Borrowed.
  package static let borrowedBytes = 2 * words * MemoryLayout<UInt64>.stride

  private let order: LoanOrder
  private let layout: WorkspaceLayout
  private let tree: BilinearTree
  private let levels: Int

  init(_ order: LoanOrder) throws(WorkspaceProblem) {
    try order.check()
    self.order = order
    layout = WorkspaceLayout(root: order.root)
    // A leaf alone borrows nothing.
    var height = 1
    while 1 << height < order.pieces.count { height += 1 }
    tree = BilinearTree(height: height, words: Self.words, seed: order.seed)
    levels = min(Self.levels, height)
  }

  /// Does what an order asks for.
  ///
  /// - Parameters:
  ///   - order: From whoever holds the project.
  ///   - lock: A descriptor of the project's lock, which holds the project.
  /// - Returns: Checksums, bytes and times.
  /// - Throws: `WorkspaceProblem`; what was lent may then be damaged.
  /// - Complexity: O(bytes · 2^`levels`).
  package static func carryOut(
    _ order: LoanOrder, holding lock: Int32
  ) throws(WorkspaceProblem) -> LoanResult {
    let kernel = try LoanKernel(order)
    guard ProjectLock.isHeld(by: lock, of: kernel.layout) else {
      throw WorkspaceProblem("only who holds the project lends: `cairn workspace verify --lend`")
    }
    let nothing = BilinearTree.Vector(start: nil, count: 0)
    let plain = try kernel.evaluate(levels: 0, borrowing: (nothing, nothing))
    let path = "\(kernel.layout.workspace)/\(order.lent.place)"
    let borrowed = try Workspace.lend(path, as: "\"\(path)\"", bytes: borrowedBytes) {
      pages throws(WorkspaceProblem) in
      let words = pages.bindMemory(to: UInt64.self)
      return try kernel.evaluate(
        levels: kernel.levels,
        borrowing: (
          BilinearTree.Vector(rebasing: words[..<Self.words]),
          BilinearTree.Vector(rebasing: words[Self.words...])
        ))
    }
    return LoanResult(
      checksum: borrowed.checksum, plainChecksum: plain.checksum, ownBytes: borrowed.ownBytes,
      borrowedBytes: borrowedBytes, plainOwnBytes: plain.ownBytes, passes: borrowed.passes,
      seconds: borrowed.seconds, plainSeconds: plain.seconds)
  }

  private struct Evaluation {
    var checksum: String
    var ownBytes: Int
    var passes: Int
    var seconds: Double
  }

  private func evaluate(
    levels: Int, borrowing borrowed: (BilinearTree.Vector, BilinearTree.Vector)
  ) throws(WorkspaceProblem) -> Evaluation {
    let count = tree.cleanVectors(borrowedLevels: levels)
    let own = (0..<count).map { _ in BilinearTree.Vector.allocate(capacity: Self.words) }
    defer { for vector in own { vector.deallocate() } }
    for vector in own { vector.initialize(repeating: 0) }
    var reads = 0
    let clock = ContinuousClock()
    let start = clock.now
    try tree.evaluate(borrowedLevels: levels, in: own, borrowing: borrowed) {
      leaf, sign, target throws(WorkspaceProblem) in
      guard order.pieces.indices.contains(leaf) else {
        return tree.ownLeaves(leaf, sign, target)
      }
      if leaf == 0 { reads += 1 }
      try add(order.pieces[leaf], sign, to: target)
    }
    let seconds = (clock.now - start) / .seconds(1)
    var digest = Digest()
    digest.add(UnsafeRawBufferPointer(own[0]))
    return Evaluation(
      checksum: digest.hexadecimal(), ownBytes: count * tree.vectorBytes + Self.bufferBytes,
      passes: reads, seconds: seconds)
  }

  private func add(
    _ piece: LoanOrder.Piece, _ sign: BilinearTree.Sign, to target: BilinearTree.Vector
  ) throws(WorkspaceProblem) {
    let path = "\(layout.workspace)/\(piece.place)"
    var sketch = BlockSketch(sign, words: Self.words, seed: order.seed)
    let found = try FileTree.digest(path, buffer: Self.bufferBytes) { sketch.add($0, to: target) }
    sketch.finish(target)
    guard found == piece.digest else {
      throw WorkspaceProblem("\"\(path)\" is not what was sealed")
    }
  }
}
