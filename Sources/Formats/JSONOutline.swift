/// A JSON text with the place of every value in it: one is changed, and the rest stays as it was
/// written, byte for byte.
///
/// A lossless tree that writes all of itself anew was rejected: what is never written cannot be
/// written differently.
struct JSONOutline: Sendable {
  /// The whole text, with a byte order mark if there was one.
  let bytes: [UInt8]
  let root: Value
  /// Bytes in front of the text that the values count from.
  private let lead: Int

  /// Reads a text of at most 64 MiB of UTF-8.
  init(_ bytes: [UInt8]) throws(FormatProblem) {
    self.bytes = bytes
    lead = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    root = try JSONReader.read(try SourceText.decode(bytes))
  }

  /// New bytes for a range of old ones, which count as `Value.bytes` do.
  struct Change: Sendable, Equatable {
    var range: Range<Int>
    var text: String
  }
}

extension JSONOutline {
  /// Returns the text with the changes, read anew; ranges may not overlap.
  ///
  /// - Throws: `FormatProblem`: the result is no JSON.
  /// - Complexity: O(bytes).
  func applying(_ changes: [Change]) throws(FormatProblem) -> JSONOutline {
    var result: [UInt8] = []
    var end = 0
    for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      let (from, to) = (change.range.lowerBound + lead, change.range.upperBound + lead)
      precondition(end <= from && to <= bytes.count, "changes overlap")
      result += bytes[end..<from]
      result += change.text.utf8
      end = to
    }
    return try JSONOutline(result + bytes[end...])
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.lowerBound + lead..<range.upperBound + lead], as: UTF8.self)
  }

  /// The spaces in front of a place, back to what is no space.
  func space(before offset: Int) -> String {
    let start = bytes[..<(offset + lead)].lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? 0
    return text(max(0, start - lead)..<offset)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}

extension JSONOutline {
  /// Sets keys of a map to values that are JSON already: the last of repeated keys, as JavaScript
  /// reads them, is replaced where it stands; missing ones come last, spaced as their neighbour.
  func setting(_ pairs: [(name: String, json: String)], in map: Value) -> [Change] {
    let entries = map.map ?? []
    var changes: [Change] = []
    var missing: [(name: String, json: String)] = []
    for pair in pairs {
      if let old = entries.last(where: { $0.name == pair.name }) {
        changes.append(Change(range: old.value.bytes, text: pair.json))
      } else {
        missing.append(pair)
      }
    }
    if !missing.isEmpty { changes.append(insertion(of: missing, in: map, behind: entries.last)) }
    return changes
  }

  private func insertion(
    of pairs: [(name: String, json: String)], in map: Value, behind last: Value.Entry?
  ) -> Change {
    guard let last else {
      let text = pairs.map { "\(JSONPiece.quote($0.name)):\(style.gap)\($0.json)" }
      let start = map.bytes.lowerBound + 1
      return Change(range: start..<start, text: text.joined(separator: ",\(style.gap)"))
    }
    let space = space(before: last.nameBytes.lowerBound)
    let colon = text(last.nameBytes.upperBound..<last.value.bytes.lowerBound)
    let text = pairs.map { ",\(space)\(JSONPiece.quote($0.name))\(colon)\($0.json)" }
    let end = last.value.bytes.upperBound
    return Change(range: end..<end, text: text.joined())
  }

  /// Adds an element at the end of a list, spaced as its neighbour, or as the file is where there is
  /// none.
  func appending(_ piece: JSONPiece, to list: Value) -> Change {
    guard let last = list.list?.last else {
      let outer = indentation(at: list.bytes.lowerBound)
      let text = JSONPiece.list([piece]).text(style, indentation: outer)
      return Change(range: list.bytes, text: text)
    }
    let end = last.bytes.upperBound
    let isFirst = (list.list?.count ?? 0) == 1
    var space = space(before: last.bytes.lowerBound)
    if isFirst, space.isEmpty { space = style.gap }
    let text = piece.text(style, indentation: indentation(at: last.bytes.lowerBound))
    return Change(range: end..<end, text: ",\(space)\(text)")
  }

  /// Takes one element out of a list, with the comma that it makes superfluous.
  func removing(_ index: Int, from list: Value) -> Change {
    removing(index, of: (list.list ?? []).map(\.bytes), from: list)
  }

  /// Takes one member out of a map, with the comma that it makes superfluous.
  func removing(member index: Int, from map: Value) -> Change {
    let members = (map.map ?? []).map { $0.nameBytes.lowerBound..<$0.value.bytes.upperBound }
    return removing(index, of: members, from: map)
  }

  private func removing(_ index: Int, of parts: [Range<Int>], from whole: Value) -> Change {
    let range =
      if index > 0 {
        parts[index - 1].upperBound..<parts[index].upperBound
      } else if parts.count > 1 {
        parts[0].lowerBound..<parts[1].lowerBound
      } else {
        whole.bytes.lowerBound + 1..<whole.bytes.upperBound - 1
      }
    return Change(range: range, text: "")
  }

  /// The spaces at the beginning of a place's line; empty in a text of one line.
  private func indentation(at offset: Int) -> String {
    guard style.newline != nil else { return "" }
    let before = bytes[..<(offset + lead)]
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? lead
    let spaces = bytes[start...].prefix { $0 == 0x20 || $0 == 0x09 }
    return String(decoding: spaces, as: UTF8.self)
  }

  /// How the text is laid out, by its first key.
  var style: JSONStyle {
    guard let first = root.map?.first else { return JSONStyle(newline: "\n", unit: "  ", gap: " ") }
    let space = space(before: first.nameBytes.lowerBound)
    let colon = text(first.nameBytes.upperBound..<first.value.bytes.lowerBound)
    let gap = colon.hasSuffix(" ") ? " " : ""
    guard space.contains(where: \.isNewline) else {
      return JSONStyle(newline: nil, unit: "", gap: gap)
    }
    let unit = String(space.reversed().prefix { $0 == " " || $0 == "\t" })
    return JSONStyle(newline: space.contains("\r\n") ? "\r\n" : "\n", unit: unit, gap: gap)
  }
}
