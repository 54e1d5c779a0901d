/// Evaluates a binary tree of functions in registers that hold something else, and gives that back.
///
/// Cook and Mertz, "Tree evaluation is in space O(log n · log log n)" (STOC 2024). A node's function is
/// made a polynomial, the multilinear extension of its truth table, of degree at most 2·bits in each
/// sum. For a primitive m-th root of unity w with m above that degree the mean of q(wʲ·τ + v) over j is
/// q(v), whatever the dirty τ: so a node adds its value to one register by asking its children to add
/// theirs to the two others, whose contents it multiplies by w in between. After m turns w is 1 again,
/// and so are the contents what they were.
package struct CookMertz: Sendable {
  package let tree: FunctionTree
  package let field: GaloisField
  /// m, the turns of each node: odd, above 2·bits, a divisor of the order of the field's group.
  package let turns: Int
  private let root: GaloisField.Element

  package init(_ tree: FunctionTree) {
    self.tree = tree
    turns = 2 * tree.bits + 1
    field = GaloisField(degree: Self.orderOfTwo(modulo: turns))
    root = field.root(ofUnity: turns)
  }

  /// The least e with modulus | 2^e − 1.
  private static func orderOfTwo(modulo modulus: Int) -> Int {
    var (exponent, power) = (1, 2 % modulus)
    while power != 1 { (exponent, power) = (exponent + 1, power * 2 % modulus) }
    return exponent
  }
}

extension CookMertz {
  /// Elements of the three registers, one after another.
  package var registerElements: Int { 3 * tree.bits }

  /// Bits that are borrowed: all that the registers hold.
  package var borrowedBits: Int { registerElements * field.degree }

  /// Bits of its own: at each level which of the node's 2·(m + 1) calls is under way, and the products
  /// of one walk over a truth table.
  package var cleanBits: Int {
    let calls = 2 * (turns + 1)
    return tree.height * (Int.bitWidth - (calls - 1).leadingZeroBitCount)
      + 2 * tree.bits * field.degree
  }

  /// Adds the bits of the root's value to the first register, and leaves all else as it was.
  ///
  /// Adding is XOR, so that a second call takes the value out again.
  ///
  /// - Parameter registers: Any elements of the field, `registerElements` of them.
  /// - Returns: Calls, 2·(m + 1) for each inner node's call.
  @discardableResult
  package func addValue(to registers: inout [GaloisField.Element]) -> Int {
    precondition(registers.count == registerElements, "three registers are borrowed")
    var borrower = Borrower(plan: self, registers: registers)
    borrower.add(node: 1, height: tree.height, to: 0, times: 1)
    registers = borrower.registers
    return borrower.calls
  }

  /// One evaluation, in its registers.
  private struct Borrower {
    let plan: CookMertz
    var registers: [GaloisField.Element]
    var calls = 0

    /// Adds `factor` times the node's value to the target's register.
    mutating func add(
      node: UInt64, height: Int, to target: Int, times factor: GaloisField.Element
    ) {
      calls += 1
      guard height > 0 else { return add(plan.tree.leaf(node), to: target, times: factor) }
      let others = [(target + 1) % 3, (target + 2) % 3]
      for (child, register) in others.enumerated() {
        add(node: 2 * node + UInt64(child), height: height - 1, to: register, times: 1)
      }
      for turn in 1...plan.turns {
        addExtension(of: node, at: others, to: target, times: factor)
        // From wʲ·τ + v to wʲ⁺¹·τ + v; at last to τ.
        let rest = turn < plan.turns ? 1 ^ plan.root : plan.root
        for (child, register) in others.enumerated() {
          multiply(register)
          add(node: 2 * node + UInt64(child), height: height - 1, to: register, times: rest)
        }
      }
    }

    private mutating func multiply(_ register: Int) {
      let bits = plan.tree.bits
      for place in register * bits..<(register + 1) * bits {
        registers[place] = plan.field.multiply(registers[place], plan.root)
      }
    }

    /// Adds the extensions of the bits of the node's function, at the point that both registers make.
    private mutating func addExtension(
      of node: UInt64, at arguments: [Int], to target: Int, times factor: GaloisField.Element
    ) {
      walk(node, arguments, target, variable: 2 * plan.tree.bits, row: 0, product: factor)
    }

    /// Sums over the rows of the truth table: each times the product of its variables, or of one less
    /// each where the row has a 0.
    private mutating func walk(
      _ node: UInt64, _ arguments: [Int], _ target: Int, variable: Int, row: Int,
      product: GaloisField.Element
    ) {
      guard product != 0 else { return }
      let bits = plan.tree.bits
      guard variable > 0 else {
        let value = plan.tree.value(node, row & (1 << bits - 1), row >> bits)
        return add(value, to: target, times: product)
      }
      let (argument, bit) = (variable - 1).quotientAndRemainder(dividingBy: bits)
      let point = registers[arguments[argument] * bits + bit]
      for (digit, factor) in [(0, point ^ 1), (1, point)] {
        walk(
          node, arguments, target, variable: variable - 1, row: row | digit << (variable - 1),
          product: plan.field.multiply(product, factor))
      }
    }

    private mutating func add(_ value: Int, to target: Int, times factor: GaloisField.Element) {
      let bits = plan.tree.bits
      for bit in 0..<bits where value >> bit & 1 == 1 { registers[target * bits + bit] ^= factor }
    }
  }
}

extension CookMertz {
  /// Registers with anything in them.
  package func dirtyRegisters(
    using random: inout some RandomNumberGenerator
  ) -> [GaloisField.Element] {
    (0..<registerElements).map { _ in
      GaloisField.Element.random(in: 0...GaloisField.Element(field.order), using: &random)
    }
  }

  /// The number that was added to the registers; nil if they are not what they were, plus a number.
  package func value(
    added registers: [GaloisField.Element], to before: [GaloisField.Element]
  ) -> Int? {
    let sums = zip(registers, before).map { $0 ^ $1 }
    guard sums[tree.bits...].allSatisfy({ $0 == 0 }), sums.allSatisfy({ $0 <= 1 }) else {
      return nil
    }
    return sums[..<tree.bits].reversed().reduce(0) { $0 << 1 | Int($1) }
  }
}
