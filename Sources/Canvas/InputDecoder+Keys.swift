// What sequences mean. Modifiers of cursor and function keys are dropped: no key of ours has them.

extension InputDecoder {
  /// Returns the key of `ESC [ parameters final`, or nil if there is none.
  static func key(parameters: [UInt8], final: UInt8) -> Key? {
    if parameters.first == UInt8(ascii: "<") {
      let rest = Array(parameters.dropFirst())
      return rest.allSatisfy(isNumeric) ? mouseKey(numbers(rest), final: final) : nil
    }
    guard parameters.allSatisfy(isNumeric) else { return nil }
    let numbers = numbers(parameters)
    switch final {
    case UInt8(ascii: "~"): return tildeKey(numbers)
    case UInt8(ascii: "u"): return unicodeKey(numbers.first ?? 0, modifiers: second(numbers))
    case UInt8(ascii: "I") where parameters.isEmpty: return .focus(true)
    case UInt8(ascii: "O") where parameters.isEmpty: return .focus(false)
    case UInt8(ascii: "Z"): return .backTab
    // A report of the cursor's position; F3 has row 1 or none.
    case UInt8(ascii: "R") where numbers.first != 1 && !parameters.isEmpty: return nil
    case UInt8(ascii: "A")...UInt8(ascii: "S"): return cursorKey(final)
    default: return nil
    }
  }

  /// Returns the key of `ESC O final`.
  static func shiftedKey(_ final: UInt8) -> Key? {
    switch final {
    case UInt8(ascii: "M"): .enter
    case UInt8(ascii: "I"): .tab
    case UInt8(ascii: "X"): .character("=")
    case UInt8(ascii: "j")...UInt8(ascii: "y"):
      .character(Character(Unicode.Scalar(final - 0x40)))  // keypad: * + , - . / 0 to 9
    default: cursorKey(final)
    }
  }

  /// Returns the key of `ESC [ [ byte`, F1 to F5 of the Linux console.
  static func consoleKey(_ byte: UInt8) -> Key? {
    (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(byte)
      ? .function(Int(byte - UInt8(ascii: "A")) + 1) : nil
  }

  private static func cursorKey(_ final: UInt8) -> Key? {
    switch final {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(final - UInt8(ascii: "P")) + 1)
    default: nil
    }
  }

  private static func tildeKey(_ numbers: [Int]) -> Key? {
    switch numbers.first ?? 0 {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case let number where functionNumbers[number] != nil: functionNumbers[number].map(Key.function)
    case 27 where numbers.count == 3: unicodeKey(numbers[2], modifiers: numbers[1])
    default: nil
    }
  }

  private static let functionNumbers: [Int: Int] = [
    11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 17: 6, 18: 7, 19: 8, 20: 9, 21: 10, 23: 11, 24: 12,
    25: 13, 26: 14, 28: 15, 29: 16, 31: 17, 32: 18, 33: 19, 34: 20,
  ]

  /// A key by its scalar, as xterm's modifyOtherKeys and the kitty protocol send it.
  private static func unicodeKey(_ code: Int, modifiers: Int) -> Key? {
    let bits = max(0, modifiers - 1)
    let isShift = bits & 1 != 0
    switch code {
    case 9: return isShift ? .backTab : .tab
    case 13: return .enter
    case 27: return .escape
    case 8, 127: return .backspace
    default: break
    }
    // Private use: keys of the kitty protocol that have no text.
    guard code >= 0x20, !(0x80...0x9f).contains(code), !(0xe000...0xf8ff).contains(code),
      let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init)
    else { return nil }
    let character = Character(scalar)
    if bits & 4 != 0 { return control(character) }
    let shown = isShift ? character.uppercased().first ?? character : character
    return bits & 2 != 0 ? .alt(shown) : .character(shown)
  }

  private static func control(_ character: Character) -> Key? {
    let lower = character.lowercased().first ?? character
    let isNamed = ("a"..."z").contains(lower) || "[\\]^_".contains(lower)
    return isNamed ? .control(lower) : nil
  }

  /// A digit, a colon or a semicolon.
  private static func isNumeric(_ byte: UInt8) -> Bool { (0x30...0x3b).contains(byte) }

  private static func second(_ numbers: [Int]) -> Int { numbers.count > 1 ? numbers[1] : 1 }

  /// Parameters between semicolons; sub-parameters behind a colon are left out.
  private static func numbers(_ parameters: [UInt8]) -> [Int] {
    parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { part in
      part.prefix { $0 != UInt8(ascii: ":") }.reduce(0) { sum, digit in
        min(sum * 10 + Int(digit - UInt8(ascii: "0")), 0x110000)
      }
    }
  }
}
