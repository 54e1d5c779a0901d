import Testing

@testable import Planning

@Suite("Cook and Mertz's tree evaluation")
struct CookMertzTests {
  struct Size: Sendable, CustomTestStringConvertible {
    var bits: Int
    var height: Int
    /// 3 registers of `bits` elements of the field; and of its own, by hand from the paper's counts.
    var borrowed: Int
    var clean: Int

    var testDescription: String { "\(bits) bits, height \(height)" }
  }

  static let sizes = [
    Size(bits: 1, height: 0, borrowed: 6, clean: 4),
    Size(bits: 1, height: 4, borrowed: 6, clean: 16),
    Size(bits: 2, height: 3, borrowed: 24, clean: 28),
    Size(bits: 3, height: 3, borrowed: 27, clean: 30),
    Size(bits: 4, height: 2, borrowed: 72, clean: 58),
    Size(bits: 5, height: 1, borrowed: 150, clean: 105),
  ]

  @Test("the value is added to one register, and all three are given back", arguments: sizes)
  func adds(size: Size) {
    let tree = FunctionTree(bits: size.bits, height: size.height, seed: 11)
    let kernel = CookMertz(tree)
    #expect(kernel.borrowedBits == size.borrowed)
    #expect(kernel.cleanBits == size.clean)
    var random = SystemRandomNumberGenerator()
    let before = kernel.dirtyRegisters(using: &random)
    var registers = before
    let calls = kernel.addValue(to: &registers)
    #expect(kernel.value(added: registers, to: before) == tree.value, "\(before)")
    // 1 + c + c² + …, each node calling its children c = 2·(m + 1) times in all.
    let fanOut = 2 * (kernel.turns + 1)
    #expect(calls == (0...size.height).reduce(0) { sum, _ in sum * fanOut + 1 })
    kernel.addValue(to: &registers)
    #expect(registers == before, "a second time takes it out again")
  }

  @Test("a tree of ANDs is true where all its leaves are")
  func means() {
    for seed in 0..<40 as Range<UInt64> {
      let tree = FunctionTree(bits: 1, height: 2, seed: seed)
      let lower = [UInt64(2), 3].map { tree.value($0, tree.leaf(2 * $0), tree.leaf(2 * $0 + 1)) }
      #expect(tree.value == tree.value(1, lower[0], lower[1]))
    }
  }

  @Test("what is no value of the tree is told from one")
  func tells() {
    let kernel = CookMertz(FunctionTree(bits: 2, height: 1, seed: 3))
    let before: [GaloisField.Element] = [1, 2, 3, 4, 5, 6]
    var damaged = before
    kernel.addValue(to: &damaged)
    damaged[4] ^= 1
    #expect(kernel.value(added: damaged, to: before) == nil)
    damaged[4] ^= 1
    damaged[0] ^= 2
    #expect(kernel.value(added: damaged, to: before) == nil)
  }

  @Test("a field's elements but 0 are the powers of each primitive root", arguments: 1...12)
  func field(degree: Int) {
    let field = GaloisField(degree: degree)
    let root = field.root(ofUnity: field.order)
    var seen: Set<GaloisField.Element> = []
    var power: GaloisField.Element = 1
    for _ in 0..<field.order {
      seen.insert(power)
      power = field.multiply(power, root)
    }
    #expect(seen.count == field.order && power == 1)
    for _ in 0..<200 {
      let (a, b, c) = (field.any(), field.any(), field.any())
      #expect(field.multiply(a, b) == field.multiply(b, a))
      #expect(field.multiply(a, b ^ c) == field.multiply(a, b) ^ field.multiply(a, c))
      #expect(field.multiply(field.multiply(a, b), c) == field.multiply(a, field.multiply(b, c)))
    }
  }
}

extension GaloisField {
  fileprivate func any() -> Element { Element.random(in: 0...Element(order)) }
}
