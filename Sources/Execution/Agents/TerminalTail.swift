/// The last lines that a process showed on its terminal, as text.
///
/// No terminal is emulated: escape sequences are left out, and a carriage return begins the line
/// again. That is enough to tell what somebody is asked.
struct TerminalTail: Sendable {
  static let maximumLines = 12
  /// In bytes.
  static let maximumLine = 400

  private(set) var lines: [[UInt8]] = [[]]
  private var sequence = Sequence.none
  private var returns = false

  private enum Sequence: Sendable { case none, escape, control, string, stringEscape }

  mutating func read(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { read(byte) }
  }

  private mutating func read(_ byte: UInt8) {
    switch (sequence, byte) {
    case (.string, 0x07), (.stringEscape, _): sequence = .none
    case (.string, 0x1B): sequence = .stringEscape
    case (.string, _): break
    case (_, 0x1B): sequence = .escape
    case (.escape, UInt8(ascii: "[")): sequence = .control
    case (.escape, UInt8(ascii: "]")), (.escape, UInt8(ascii: "P")), (.escape, UInt8(ascii: "_")):
      sequence = .string
    case (.escape, _): sequence = .none
    case (.control, 0x40...0x7E): sequence = .none
    case (.control, _): break
    case (.none, _): show(byte)
    }
  }

  private mutating func show(_ byte: UInt8) {
    let last = lines.count - 1
    switch byte {
    case UInt8(ascii: "\n"):
      returns = false
      lines.append([])
      if lines.count > Self.maximumLines { lines.removeFirst() }
    case UInt8(ascii: "\r"): returns = true
    case 0x08: if !lines[last].isEmpty { lines[last].removeLast() }
    case 0..<0x20, 0x7F: break
    default:
      if returns { lines[last] = [] }
      returns = false
      if lines[last].count < Self.maximumLine { lines[last].append(byte) }
    }
  }

  /// All lines, the newest last.
  var text: String {
    lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  /// What the cursor stands behind, or the last line above it that says something.
  var lastWords: String? {
    for line in lines.reversed() {
      let text = String(decoding: line, as: UTF8.self)
      let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if !words.isEmpty { return words }
    }
    return nil
  }

  /// The cursor stands behind words that ask: for where nobody can tell whether the process reads.
  var looksLikeQuestion: Bool {
    let line = String(decoding: lines.last ?? [], as: UTF8.self)
    guard let end = line.last(where: { !$0.isWhitespace }) else { return false }
    return "?:])>".contains(end)
  }
}
