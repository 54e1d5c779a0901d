import Canvas

/// What the beginning of a line says of it: when it was written, and its level.
///
/// Only what is written as loggers and compilers write it counts: a word in capitals, in brackets, in
/// front of a colon, or as a field of JSON or logfmt. `Error in the plan` names no level.
struct LogLineHead: Sendable, Equatable {
  /// Bytes of a line that are looked at.
  static let limit = 512
  /// Words behind a time among which a level is looked for.
  private static let wordLimit = 5

  /// Bytes of the line as it is shown, the blanks behind them too.
  private(set) var time: Range<Int>?
  private(set) var level: LogLevel?
  /// The bytes that name the level.
  private(set) var word: Range<Int>?

  /// - Parameter line: Bytes of a log; escape sequences and what is overprinted do not count.
  init(of line: ArraySlice<UInt8>) {
    var line = line
    while line.last == 10 || line.last == 13 { line.removeLast() }
    line = line.prefix(4 * Self.limit)
    if let start = line.lastIndex(of: 13) { line = line[(start + 1)...] }
    if line.contains(27) {
      var pen = OutputPen()
      self.init(shown: pen.line(line).text.utf8)
    } else {
      self.init(shown: Array(line.prefix(Self.limit)))
    }
  }

  /// - Parameter text: The line as it is shown.
  init(shown text: [UInt8]) {
    var reader = HeadReader(Array(text.prefix(Self.limit)))
    reader.skipBlanks()
    let start = reader.at
    if reader.takeTime() {
      reader.skipBlanks()
      time = start..<reader.at
    }
    if reader.peek == UInt8(ascii: "{") {
      take(reader.jsonLevel())
    } else {
      take(reader.level(words: time == nil ? 1 : Self.wordLimit) ?? reader.fieldLevel())
    }
  }

  private mutating func take(_ found: (level: LogLevel, word: Range<Int>)?) {
    level = found?.level
    word = found?.word
  }
}

/// Reads the beginning of a line byte by byte.
private struct HeadReader {
  typealias Found = (level: LogLevel, word: Range<Int>)

  let bytes: [UInt8]
  var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  func byte(_ offset: Int) -> UInt8? {
    at + offset < bytes.count ? bytes[at + offset] : nil
  }

  mutating func skipBlanks() {
    while peek == 32 || peek == 9 { at += 1 }
  }

  mutating func skip(_ character: UInt8) {
    if peek == character { at += 1 }
  }
}

// MARK: Times

extension HeadReader {
  /// Forms of a time at the beginning of a line: `0` is a digit, `a` a letter, all else itself.
  private static let forms: [[UInt8]] = [
    "0000-00-00T00:00:00", "0000-00-00 00:00:00", "0000/00/00 00:00:00", "00:00:00",
    "aaa 00 00:00:00", "aaa  0 00:00:00",
  ].map { Array($0.utf8) }

  mutating func takeTime() -> Bool {
    let start = at
    let isBracketed = peek == UInt8(ascii: "[")
    if isBracketed { at += 1 }
    let isTaken = Self.forms.contains { takeForm($0) } || isBracketed && takeSeconds()
    guard isTaken else {
      at = start
      return false
    }
    takeFraction()
    takeZone()
    if isBracketed { skip(UInt8(ascii: "]")) }
    return true
  }

  private mutating func takeForm(_ form: [UInt8]) -> Bool {
    guard at + form.count <= bytes.count else { return false }
    for (offset, wanted) in form.enumerated() {
      let byte = bytes[at + offset]
      let isRight =
        switch wanted {
        case UInt8(ascii: "0"): byte.isDigit
        case UInt8(ascii: "a"): byte.isLetter
        default: byte == wanted || wanted == UInt8(ascii: "T") && byte == UInt8(ascii: "t")
        }
      guard isRight else { return false }
    }
    // A longer number is none of these.
    guard !(byte(form.count)?.isDigit ?? false) else { return false }
    at += form.count
    return true
  }

  /// Since the start, as the kernel says it: `[   12.345678]`.
  private mutating func takeSeconds() -> Bool {
    let start = at
    skipBlanks()
    let digits = at
    while peek?.isDigit == true { at += 1 }
    guard at > digits, peek == UInt8(ascii: ".") || peek == UInt8(ascii: "]") else {
      at = start
      return false
    }
    // `[12]` counts steps.
    return peek == UInt8(ascii: ".")
  }

  private mutating func takeFraction() {
    guard peek == UInt8(ascii: ".") || peek == UInt8(ascii: ","), byte(1)?.isDigit == true else {
      return
    }
    at += 1
    while peek?.isDigit == true { at += 1 }
  }

  private mutating func takeZone() {
    if peek == UInt8(ascii: "Z") || peek == UInt8(ascii: "z") {
      at += 1
    } else if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-"), byte(1)?.isDigit == true {
      at += 1
      while peek?.isDigit == true || peek == UInt8(ascii: ":") { at += 1 }
    }
  }
}

// MARK: Levels

extension HeadReader {
  /// The level among the first words, or behind a place as compilers write it: `main.c:3:5: error:`.
  mutating func level(words: Int) -> Found? {
    if let found = glogLevel() { return found }
    for number in 0..<words {
      skipBlanks()
      if let found = wordLevel() { return found }
      let start = at
      while let byte = peek, byte != 32, byte != 9 { at += 1 }
      if number == 0, isPlace(start..<at) {
        skipBlanks()
        return wordLevel()
      }
    }
    return nil
  }

  /// As in `E1126 05:10:23.123456`.
  private func glogLevel() -> Found? {
    guard let level = peek.flatMap({ LogLevel.letters[$0] }), byte(5) == 32,
      (1...4).allSatisfy({ byte($0)?.isDigit == true }), byte(6)?.isDigit == true
    else { return nil }
    return (level, at..<(at + 1))
  }

  /// A path and a line number, ending with a colon.
  private func isPlace(_ range: Range<Int>) -> Bool {
    let parts = bytes[range].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return parts.count >= 3 && parts[1].first?.isDigit == true
      && parts[1].allSatisfy { $0.isDigit } && parts.last?.isEmpty == true
  }

  private func wordLevel() -> Found? {
    var start = at
    let opening = start < bytes.count ? bytes[start] : 0
    let isBracketed = opening == UInt8(ascii: "[") || opening == UInt8(ascii: "<")
    if isBracketed { start += 1 }
    while isBracketed, start < bytes.count, bytes[start] == 32 { start += 1 }
    var end = start
    while end < bytes.count, bytes[end].isLetter { end += 1 }
    guard end > start else { return nil }
    let word = bytes[start..<end]
    var next = end
    while isBracketed, next < bytes.count, bytes[next] == 32 { next += 1 }
    let behind = next < bytes.count ? bytes[next] : nil
    if isBracketed {
      guard behind == UInt8(ascii: "]") || behind == UInt8(ascii: ">") else { return nil }
      let letter = word.count == 1 ? word.first.flatMap { LogLevel.letters[$0] } : nil
      return (letter ?? Self.level(word)).map { ($0, start..<end) }
    }
    guard isEndOfName(next, isCapital: word.allSatisfy { $0 < 0x60 }) else { return nil }
    return Self.level(word).map { ($0, start..<end) }
  }

  /// A colon, as in `error:` and `error[E0308]:`; behind capitals a blank or a bar will do.
  private func isEndOfName(_ end: Int, isCapital: Bool) -> Bool {
    guard end < bytes.count else { return isCapital }
    switch bytes[end] {
    case UInt8(ascii: ":"): return true
    case UInt8(ascii: "["): return end + 1 < bytes.count && bytes[end + 1].isLetter
    case 32, 9, UInt8(ascii: "|"): return isCapital
    default: return false
    }
  }

  private static func level(_ word: ArraySlice<UInt8>) -> LogLevel? {
    LogLevel.words[String(decoding: word.map { $0 | 0x20 }, as: UTF8.self)]
  }

  private static let names = ["level", "lvl", "severity", "loglevel", "levelname"]

  /// As in `level=warn`, at the beginning or behind a blank.
  func fieldLevel() -> Found? {
    guard bytes.contains(UInt8(ascii: "=")) else { return nil }
    for name in ["level=", "lvl=", "severity="] {
      for start in places(of: Array(name.utf8)) where start == 0 || bytes[start - 1] == 32 {
        if let found = value(from: start + name.utf8.count) { return found }
      }
    }
    return nil
  }

  /// As in `"level": "warn"` or `"level":40`.
  func jsonLevel() -> Found? {
    for name in Self.names {
      for start in places(of: Array("\"\(name)\"".utf8)) {
        var next = start + name.utf8.count + 2
        while next < bytes.count, bytes[next] == 32 || bytes[next] == UInt8(ascii: ":") {
          next += 1
        }
        if let found = value(from: next) { return found }
      }
    }
    return nil
  }

  private func value(from start: Int) -> Found? {
    var start = start
    if start < bytes.count, bytes[start] == UInt8(ascii: "\"") { start += 1 }
    var end = start
    while end < bytes.count, bytes[end].isLetter || bytes[end].isDigit { end += 1 }
    let word = bytes[start..<end]
    if !word.isEmpty, word.count <= 2, word.allSatisfy({ $0.isDigit }) {
      let number = word.reduce(0) { $0 * 10 + Int($1) - 48 }
      return LogLevel(number: number).map { ($0, start..<end) }
    }
    return Self.level(word).map { ($0, start..<end) }
  }

  private func places(of needle: [UInt8]) -> [Int] {
    guard bytes.count >= needle.count else { return [] }
    return (0...(bytes.count - needle.count)).filter {
      bytes[$0] | 0x20 == needle[0] | 0x20
        && zip(bytes[$0...], needle).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (48...57).contains(self) }
  fileprivate var isLetter: Bool { (97...122).contains(self | 0x20) }
}
