// What a line's first signs make of it.
extension String {
  /// `## Title`.
  var markedHeading: (level: Int, title: String)? {
    let marks = prefix { $0 == "#" }
    guard (1...6).contains(marks.count) else { return nil }
    let rest = dropFirst(marks.count)
    guard rest.isEmpty || rest.first?.isWhitespace == true else { return nil }
    var title = rest.trimmed
    while title.hasSuffix("#") { title.removeLast() }
    return (marks.count, title.trimmed)
  }

  /// `---`, `***` or `___`.
  var isRule: Bool {
    let signs = filter { !$0.isWhitespace }
    guard signs.count >= 3, let sign = signs.first, "-*_=".contains(sign) else { return false }
    return signs.allSatisfy { $0 == sign }
  }

  /// `<PRD>` or `</PRD>` alone on a line.
  var markerTag: (name: String, isOpen: Bool)? {
    guard hasPrefix("<"), hasSuffix(">"), count > 2 else { return nil }
    let inner = dropFirst().dropLast()
    let isOpen = !inner.hasPrefix("/")
    let name = isOpen ? inner : inner.dropFirst()
    guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0 == "-" || $0 == "_" }) else {
      return nil
    }
    return (name.lowercased(), isOpen)
  }

  /// `**Title**` or `**Title:**` alone on a line.
  var boldLine: String? {
    var text = self[...]
    if text.hasSuffix(":") { text = text.dropLast() }
    guard text.hasPrefix("**"), text.hasSuffix("**"), text.count > 4 else { return nil }
    let inner = text.dropFirst(2).dropLast(2)
    guard inner.firstRange(of: "**") == nil else { return nil }
    return inner.hasSuffix(":") ? String(inner.dropLast()) : String(inner)
  }

  /// The numbers of `1.2 Title` or `1. Title`; a sentence that begins with a version is none.
  var sectionNumber: [String]? {
    let word = prefix { !$0.isWhitespace }
    guard word.count < count, word.first?.isNumber == true else { return nil }
    let body = word.hasSuffix(".") ? word.dropLast() : word
    let parts = body.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 || word.hasSuffix("."),
      parts.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isNumber) })
    else { return nil }
    return drop { !$0.isWhitespace }.trimmed.first?.isUppercase == true ? parts : nil
  }

  var isCapitals: Bool {
    let letters = filter(\.isLetter)
    return letters.count >= 3 && letters.allSatisfy(\.isUppercase)
  }

  /// `- text`, `3. text`, `b) text`, with or without `[ ]`.
  var point: (point: Outline.Point, text: String)? {
    let mark = prefix { !$0.isWhitespace }
    guard mark.count < count else { return nil }
    let rest = dropFirst(mark.count).trimmed
    if mark.count == 1, let sign = mark.first, "-*+•◦–".contains(sign) {
      let (isChecked, text) = rest.checkbox
      return (Outline.Point(number: nil, isChecked: isChecked), text)
    }
    guard let end = mark.last, end == "." || end == ")" else { return nil }
    let number = mark.dropLast()
    let isNumber = (1...3).contains(number.count) && number.allSatisfy { $0.isASCII && $0.isNumber }
    let isLetter = number.count == 1 && number.allSatisfy { $0.isASCII && $0.isLowercase }
    guard isNumber || isLetter else { return nil }
    let (isChecked, text) = rest.checkbox
    return (Outline.Point(number: String(number), isChecked: isChecked), text)
  }

  private var checkbox: (isChecked: Bool?, text: String) {
    guard hasPrefix("["), count > 3, dropFirst(2).hasPrefix("] ") else { return (nil, self) }
    let sign = self[index(after: startIndex)]
    guard " xX".contains(sign) else { return (nil, self) }
    return (sign != " ", dropFirst(3).trimmed)
  }
}

// Text as it is read, without marks.
extension String {
  /// How far the end of a mark is looked for, in characters, and how often without finding one: a line
  /// of opening marks alone must not be read again for each of them.
  static let longestSpan = 256
  static let maximumOpenMarks = 16

  /// Without emphasis, backquotes and the targets of links.
  var plainMarkup: String {
    var text = ""
    var rest = self[...]
    var open = 0
    while let sign = rest.first {
      let mayClose = open < Self.maximumOpenMarks
      if sign == "`", mayClose, let code = rest.code {
        text += code.text
        rest = rest[code.end...]
      } else if sign == "[", mayClose, let link = rest.link {
        text += String(link.text).plainMarkup
        rest = rest[link.end...]
      } else if sign == "\\", let next = rest.dropFirst().first {
        text.append(next)
        rest = rest.dropFirst(2)
      } else {
        if sign == "`" || sign == "[" { open += 1 }
        if !"*`".contains(sign), !(sign == "_" && isEmphasis(rest, after: text)) {
          text.append(sign)
        }
        rest = rest.dropFirst()
      }
    }
    return text.trimmed
  }

  /// An underscore between letters is part of a name.
  private func isEmphasis(_ rest: Substring, after text: String) -> Bool {
    let before = text.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    let after = rest.dropFirst().first.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    return before != after && !(before && after)
  }

  /// Title and rest of a point or heading: `**Title** - rest`, `Title: rest`, else the first sentence.
  var titleAndRest: (title: String, rest: String) {
    if hasPrefix("**"), let end = dropFirst(2).firstRange(of: "**") {
      let bold = self[index(startIndex, offsetBy: 2)..<end.lowerBound]
      let title = (bold.hasSuffix(":") ? bold.dropLast() : bold).trimmed
      return (String(title).plainMarkup, self[end.upperBound...].withoutSeparator.plainMarkup)
    }
    let plain = plainMarkup
    for separator in [" - ", " – ", " — ", ": "] {
      guard let found = plain.firstRange(of: separator) else { continue }
      let title = plain[..<found.lowerBound].trimmed
      guard (3...Self.longestLead).contains(title.count) else { continue }
      return (title, plain[found.upperBound...].trimmed)
    }
    guard let stop = plain.firstRange(of: ". ") else { return (plain.withoutStop, "") }
    return (plain[..<stop.lowerBound].trimmed, plain[stop.upperBound...].trimmed)
  }

  /// Longest text in front of a colon or dash that is a title.
  private static let longestLead = 60

  private var withoutStop: String { hasSuffix(".") && !hasSuffix("..") ? String(dropLast()) : self }

  /// The text cut at the end of a word, with a mark.
  func shortened(to limit: Int) -> String {
    guard count > limit else { return self }
    let cut = prefix(limit - 1)
    let end = cut.lastIndex(where: \.isWhitespace) ?? cut.endIndex
    return (cut.distance(from: cut.startIndex, to: end) > limit / 2 ? cut[..<end] : cut).trimmed
      + "…"
  }
}

extension Substring {
  fileprivate var withoutSeparator: String {
    let text = trimmed
    return text.first.map { "-–—:".contains($0) } == true ? text.dropFirst().trimmed : text
  }

  /// The text between two backquotes, and where it ends.
  fileprivate var code: (text: Substring, end: Index)? {
    let start = index(after: startIndex)
    return self[start...].prefix(String.longestSpan).firstIndex(of: "`").map { close in
      (self[start..<close], index(after: close))
    }
  }

  /// The text of `[text](target)`, and where it ends.
  fileprivate var link: (text: Substring, end: Index)? {
    guard let close = prefix(String.longestSpan).firstRange(of: "]("),
      let end = self[close.upperBound...].prefix(String.longestSpan * 4).firstIndex(of: ")")
    else { return nil }
    return (self[index(after: startIndex)..<close.lowerBound], index(after: end))
  }
}
