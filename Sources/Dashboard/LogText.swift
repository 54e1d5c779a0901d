package import Canvas
package import Model

/// Bytes of a log as lines that can be shown.
///
/// Escape sequences are taken out whole, a carriage return starts its line anew (progress bars), and
/// bytes that are no UTF-8 show as `�`.
package enum LogText {
  /// Longest line that is looked at, in bytes; the rest of it is left out.
  package static let maximumLineBytes = 4_096

  /// Returns the last `limit` lines; one that the window cuts at its start is left out.
  package static func lastLines(of window: LogWindow, limit: Int) -> [SafeText] {
    var bytes = window.bytes[...]
    if bytes.last == 10 { bytes.removeLast() }
    var rows: [SafeText] = []
    while rows.count < limit, !(bytes.isEmpty && window.bytes.isEmpty) {
      guard let feed = bytes.lastIndex(of: 10) else {
        if window.offset == 0 || rows.isEmpty { rows.append(line(bytes)) }
        break
      }
      rows.append(line(bytes[(feed + 1)...]))
      bytes = bytes[..<feed]
    }
    return rows.reversed()
  }

  /// Returns one line, given without its line feed.
  package static func line(_ bytes: ArraySlice<UInt8>) -> SafeText {
    var bytes = bytes
    while bytes.last == 13 { bytes.removeLast() }
    if let start = bytes.lastIndex(of: 13) { bytes = bytes[(start + 1)...] }
    let plain = withoutEscapes(bytes.prefix(maximumLineBytes))
    return SafeText(String(decoding: plain, as: UTF8.self))
  }

  /// ECMA-48: CSI ends with 0x40…0x7E, a control string with BEL or ST, other sequences with 0x30…0x7E.
  private static func withoutEscapes(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.contains(27) else { return Array(bytes) }
    var plain: [UInt8] = []
    var at = bytes.startIndex
    while at < bytes.endIndex {
      guard bytes[at] == 27 else {
        plain.append(bytes[at])
        at += 1
        continue
      }
      at = endOfEscape(bytes, from: at + 1)
    }
    return plain
  }

  private static func endOfEscape(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int {
    guard start < bytes.endIndex else { return start }
    let kind = bytes[start]
    var at = start + 1
    if kind == UInt8(ascii: "[") {
      while at < bytes.endIndex, !(0x40...0x7E).contains(bytes[at]) { at += 1 }
      return min(at + 1, bytes.endIndex)
    }
    if [UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "^"), UInt8(ascii: "_")].contains(kind) {
      while at < bytes.endIndex, bytes[at] != 7, bytes[at] != 27 { at += 1 }
      let isTerminator = at + 1 < bytes.endIndex && bytes[at] == 27 && bytes[at + 1] == 0x5C
      return min(at + (isTerminator ? 2 : 1), bytes.endIndex)
    }
    at = start
    while at < bytes.endIndex, (0x20...0x2F).contains(bytes[at]) { at += 1 }
    return min(at + 1, bytes.endIndex)
  }
}
