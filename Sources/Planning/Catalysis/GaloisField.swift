/// GF(2^e): numbers of `degree` bits, added by XOR and multiplied as polynomials over GF(2) modulo a
/// primitive one.
package struct GaloisField: Sendable {
  package typealias Element = UInt16

  /// e, 1 to 12.
  package let degree: Int
  /// Of the multiplicative group: 2^e − 1.
  package let order: Int
  /// Of x, twice over, so that the sum of two logarithms needs no remainder.
  private let powers: [Element]
  private let logarithms: [Int]

  /// - Complexity: O(4^degree) at most, for the modulus is searched.
  package init(degree: Int) {
    precondition((1...12).contains(degree), "a table of 2^degree elements has to be small")
    self.degree = degree
    order = 1 << degree - 1
    let powers = Self.powersOfX(degree)
    var logarithms = Array(repeating: 0, count: 1 << degree)
    for (exponent, element) in powers.enumerated() { logarithms[Int(element)] = exponent }
    self.powers = powers + powers
    self.logarithms = logarithms
  }

  /// All elements but 0, as powers of x modulo the first polynomial of the degree that x is primitive to.
  private static func powersOfX(_ degree: Int) -> [Element] {
    let order = 1 << degree - 1
    for low in stride(from: 1, to: 1 << degree, by: 2) {
      var powers: [Element] = [1]
      var element = 1
      while powers.count < order {
        element <<= 1
        if element >> degree != 0 { element = (element ^ low) & order }
        if element == 1 { break }
        powers.append(Element(element))
      }
      if powers.count == order { return powers }
    }
    preconditionFailure("every degree has a primitive polynomial")
  }

  package func multiply(_ a: Element, _ b: Element) -> Element {
    guard a != 0, b != 0 else { return 0 }
    return powers[logarithms[Int(a)] + logarithms[Int(b)]]
  }

  /// A primitive root of unity: its first `order` powers differ, and the next is 1.
  ///
  /// `number` divides the order of the group.
  package func root(ofUnity number: Int) -> Element {
    precondition(order % number == 0, "there are roots of the divisors of 2^e - 1 only")
    return powers[order / number]
  }
}
