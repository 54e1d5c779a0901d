/// A line of a task's output, taken apart.
///
/// What is left is text, controls that move within the line, and control sequences that may say
/// something of the text. All others are gone.
///
/// ECMA-48: a control sequence ends with 0x40…0x7E, a control string with BEL or ST, another sequence
/// with 0x30…0x7E. What is cut short, by the end of the line too, is dropped as far as it goes.
struct OutputTokens: Sequence, IteratorProtocol {
  enum Token: Equatable {
    case text(ArraySlice<UInt8>)
    /// Backspace, tab or carriage return.
    case control(UInt8)
    /// CSI without a private mark: the last byte and what stands in front of it.
    case sequence(UInt8, parameters: ArraySlice<UInt8>)
  }

  private static let escape: UInt8 = 27
  private let bytes: ArraySlice<UInt8>
  private var at: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  mutating func next() -> Token? {
    while at < bytes.endIndex {
      let byte = bytes[at]
      guard byte != Self.escape else {
        if let token = takeEscape() { return token }
        continue
      }
      guard Self.isText(byte) else {
        at += 1
        return .control(byte)
      }
      return takeText()
    }
    return nil
  }

  private static func isText(_ byte: UInt8) -> Bool {
    byte != escape && byte != 8 && byte != 9 && byte != 13
  }

  private mutating func takeText() -> Token {
    let start = at
    while at < bytes.endIndex, Self.isText(bytes[at]) { at += 1 }
    return .text(bytes[start..<at])
  }

  private mutating func skip(_ range: ClosedRange<UInt8>) {
    while at < bytes.endIndex, range.contains(bytes[at]) { at += 1 }
  }

  /// Takes the last byte of a sequence, if it is one.
  private mutating func takeLast(_ range: ClosedRange<UInt8>) -> UInt8? {
    guard at < bytes.endIndex, range.contains(bytes[at]) else { return nil }
    defer { at += 1 }
    return bytes[at]
  }

  private mutating func takeEscape() -> Token? {
    at += 1
    guard at < bytes.endIndex else { return nil }
    switch bytes[at] {
    case UInt8(ascii: "["):
      at += 1
      return takeSequence()
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      skipString()
    default:
      skip(0x20...0x2F)
      _ = takeLast(0x30...0x7E)
    }
    return nil
  }

  private mutating func takeSequence() -> Token? {
    let start = at
    skip(0x30...0x3F)
    let parameters = bytes[start..<at]
    skip(0x20...0x2F)
    let isPlain = at == parameters.endIndex && !(parameters.first.map { $0 >= 0x3C } ?? false)
    guard let last = takeLast(0x40...0x7E), isPlain else { return nil }
    return .sequence(last, parameters: parameters)
  }

  private mutating func skipString() {
    while at < bytes.endIndex, bytes[at] != 7, bytes[at] != Self.escape { at += 1 }
    guard at < bytes.endIndex else { return }
    if bytes[at] == 7 {
      at += 1
    } else if at + 1 < bytes.endIndex, bytes[at + 1] == UInt8(ascii: "\\") {
      at += 2
    }
  }
}
