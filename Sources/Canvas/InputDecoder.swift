/// Turns the bytes of a terminal into keys, however they are cut into pieces.
///
/// Unknown control sequences and replies are swallowed. An ESC may be the key or the
/// start of a sequence; whoever reads the terminal decides by time and calls `flush()`.
package struct InputDecoder: Sendable {
  /// Bytes of a control sequence that are looked at; a longer one is swallowed.
  package static let sequenceLimit = 64
  /// Bytes of a pasted text that are kept; the rest is dropped.
  package static let pasteLimit = 64 * 1024

  private enum State: Equatable {
    case ground
    case escape
    /// Inside `ESC [`; its bytes are in `collected`.
    case sequence
    /// Inside `ESC O`.
    case shifted
    /// The one byte behind `ESC [ [`, a function key of the Linux console.
    case console
    /// Inside an old mouse report; its bytes are in `collected`.
    case mouse
    /// Inside a reply that ends with BEL or ST; `true` behind its ESC.
    case string(Bool)
    case paste
  }

  /// What `flush()` would end.
  package enum Pending: Sendable {
    case sequence
    /// Must not be ended early: the rest of the text would be taken for keys.
    case paste
  }

  private var state = State.ground
  private var collected: [UInt8] = []
  private var text = ScalarDecoder()
  private var isAlt = false
  private var keys: [Key] = []

  package init() {}

  /// What waits for more bytes; nil if nothing does.
  package var pending: Pending? {
    switch state {
    case .ground: text.isEmpty ? nil : .sequence
    case .paste: .paste
    default: .sequence
    }
  }

  /// Returns the keys that these bytes complete.
  package mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
    for byte in bytes { take(byte) }
    defer { keys = [] }
    return keys
  }

  /// Ends what waits for more bytes: a lone ESC becomes the key, an unfinished sequence nothing.
  package mutating func flush() -> [Key] {
    switch state {
    case .ground: finishText()
    case .escape: keys.append(.escape)
    case .sequence where collected.isEmpty: keys.append(.alt("["))
    case .shifted where collected.isEmpty: keys.append(.alt("O"))
    case .string(false) where collected.count == 1:
      keys.append(.alt(Character(Unicode.Scalar(collected[0]))))
    case .paste: endPaste()
    default: break
    }
    reset()
    defer { keys = [] }
    return keys
  }
}

extension InputDecoder {
  private mutating func take(_ byte: UInt8) {
    switch state {
    case .ground: ground(byte)
    case .escape: escape(byte)
    case .sequence: sequence(byte)
    case .shifted: shifted(byte)
    case .console: finish(Self.consoleKey(byte))
    case .mouse: mouse(byte)
    case .string(let isEscaped): string(byte, isEscaped: isEscaped)
    case .paste: paste(byte)
    }
  }

  private mutating func reset() {
    state = .ground
    collected.removeAll(keepingCapacity: true)
    isAlt = false
  }

  private mutating func finish(_ key: Key?) {
    if let key { keys.append(key) }
    reset()
  }

  private mutating func finishText() {
    if let scalar = text.finish() { emit(scalar) }
  }

  private mutating func ground(_ byte: UInt8) {
    if byte >= 0x80 || !text.isEmpty {
      switch text.take(byte) {
      case .more: return
      case .scalar(let scalar): return emit(scalar)
      case .invalidBefore:
        emit("\u{FFFD}")
        return take(byte)
      }
    }
    if byte == 0x1b {
      state = .escape
    } else {
      plain(byte)
    }
  }

  /// A byte below 0x80 that is no ESC.
  private mutating func plain(_ byte: UInt8) {
    switch byte {
    case 0x00: isAlt = false
    case 0x08, 0x7f: finish(.backspace)
    case 0x09: finish(.tab)
    case 0x0a, 0x0d: finish(.enter)
    case 0x01...0x1a: finish(.control(Character(Unicode.Scalar(byte + 0x60))))
    case 0x1c...0x1f: finish(.control(Character(Unicode.Scalar(byte + 0x40))))
    default: emit(Unicode.Scalar(byte))
    }
  }

  private mutating func emit(_ scalar: Unicode.Scalar) {
    // C1 controls are no text; terminals send them for nothing that a person types.
    let isControl = (0x80...0x9f).contains(scalar.value)
    finish(isControl ? nil : isAlt ? .alt(Character(scalar)) : .character(Character(scalar)))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x1b: keys.append(.escape)
    case UInt8(ascii: "["): state = .sequence
    case UInt8(ascii: "O"): state = .shifted
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      state = .string(false)
      collected = [byte]
    default:
      state = .ground
      isAlt = true
      ground(byte)
    }
  }

  private mutating func string(_ byte: UInt8, isEscaped: Bool) {
    // Only whether anything came matters, for Alt and the introducer typed alone.
    if collected.count < 2 { collected.append(byte) }
    switch byte {
    case 0x07, 0x18, 0x1a: reset()
    case UInt8(ascii: "\\") where isEscaped: reset()
    case 0x1b: state = .string(true)
    case _ where isEscaped:
      reset()
      state = .escape
      take(byte)
    default: break
    }
  }
}

extension InputDecoder {
  private mutating func sequence(_ byte: UInt8) {
    switch byte {
    case 0x20...0x3f:
      if collected.count <= Self.sequenceLimit { collected.append(byte) }
    case UInt8(ascii: "[") where collected.isEmpty: state = .console
    case UInt8(ascii: "M") where collected.isEmpty: state = .mouse
    case 0x40...0x7e: endSequence(byte)
    default:
      // A control or a byte of text inside a sequence: the sequence was cut off.
      reset()
      take(byte)
    }
  }

  private mutating func endSequence(_ final: UInt8) {
    guard collected.count <= Self.sequenceLimit else { return reset() }
    if final == UInt8(ascii: "~"), collected == Array("200".utf8) {
      reset()
      state = .paste
      return
    }
    finish(Self.key(parameters: collected, final: final))
  }

  private mutating func mouse(_ byte: UInt8) {
    // Another control than 0 never stands in a report: it was cut off.
    guard byte >= 0x20 || byte == 0 else {
      reset()
      return take(byte)
    }
    collected.append(byte)
    if collected.count == 3 { finish(Self.mouseKey(bytes: collected)) }
  }

  private mutating func shifted(_ byte: UInt8) {
    switch byte {
    case 0x30...0x3b:
      if collected.count <= Self.sequenceLimit { collected.append(byte) }
    case 0x20...0x7e: finish(Self.shiftedKey(byte))
    default:
      reset()
      take(byte)
    }
  }

  private static let pasteEnd = Array("\u{1b}[201~".utf8)

  private mutating func paste(_ byte: UInt8) {
    // Room for the end mark, so that it is recognised behind a text that was cut.
    if collected.count >= Self.pasteLimit + Self.pasteEnd.count {
      collected.removeSubrange(Self.pasteLimit..<(Self.pasteLimit + 1))
    }
    collected.append(byte)
    guard collected.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) else { return }
    collected.removeLast(Self.pasteEnd.count)
    endPaste()
    reset()
  }

  private mutating func endPaste() {
    let whole = String(decoding: collected.prefix(Self.pasteLimit), as: UTF8.self)
    var clean = String.UnicodeScalarView()
    var previous: Unicode.Scalar = " "
    for scalar in whole.unicodeScalars {
      if scalar == "\r" || scalar == "\n" && previous != "\r" { clean.append("\n") }
      if scalar == "\t" || !Self.isControl(scalar) { clean.append(scalar) }
      previous = scalar
    }
    keys.append(.paste(String(clean)))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
  }
}
