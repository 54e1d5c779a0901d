/// A line of a document that is shown to readers: no front matter and no comments.
struct OutlineLine {
  /// What is verbatim is a row of a table, or too long for a line that a person wrote.
  enum Kind { case blank, text, verbatim, code }

  /// Longest line that is read for marks, in bytes.
  static let maximumBytes = 8_192

  /// From 1.
  var number: Int
  /// Columns in front of the text; a tab leads to the next multiple of 4.
  var indent: Int
  /// Without space at both ends; code keeps its indentation.
  var text: String
  var kind: Kind

  private static let tabColumns = 4

  init(_ raw: Substring, number: Int, isCode: Bool = false) {
    self.number = number
    var columns = 0
    var start = raw.startIndex
    while start < raw.endIndex, raw[start] == " " || raw[start] == "\t" {
      columns += raw[start] == "\t" ? Self.tabColumns - columns % Self.tabColumns : 1
      start = raw.index(after: start)
    }
    indent = columns
    if isCode {
      text = String(raw)
      kind = .code
    } else {
      text = raw[start...].trimmed
      let isVerbatim = text.hasPrefix("|") || text.utf8.count > Self.maximumBytes
      kind = text.isEmpty ? .blank : isVerbatim ? .verbatim : .text
    }
  }
}

extension OutlineLine {
  /// Splits a document into lines, without front matter and comments.
  static func lines(of text: String) -> [OutlineLine] {
    let raw = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    var lines: [OutlineLine] = []
    var fence: String?
    var isComment = false
    let skipped = frontMatter(raw)
    for (offset, line) in raw.enumerated().dropFirst(skipped) {
      let number = offset + 1
      if let open = fence {
        if line.trimmed.closes(open) { fence = nil }
        lines.append(OutlineLine(line, number: number, isCode: true))
      } else if !isComment, let opened = line.trimmed.fence {
        fence = opened
        lines.append(OutlineLine(line, number: number, isCode: true))
      } else {
        lines.append(OutlineLine(uncommented(line, &isComment), number: number))
      }
    }
    return lines
  }

  /// How many lines a head between two `---` takes.
  private static func frontMatter(_ lines: [Substring]) -> Int {
    guard let first = lines.first, first.trimmed == "---" else { return 0 }
    let end = lines.dropFirst().firstIndex { $0.trimmed == "---" || $0.trimmed == "..." }
    // A rule at the top is none: what follows it has no end, or is no `key: value`.
    guard let end, lines[1..<end].contains(where: { $0.contains(":") }) else { return 0 }
    return end + 1
  }

  private static func uncommented(_ line: Substring, _ isComment: inout Bool) -> Substring {
    var shown = ""
    var rest = line
    while !rest.isEmpty {
      let mark = isComment ? "-->" : "<!--"
      guard let found = rest.firstRange(of: mark) else {
        if !isComment { shown += rest }
        break
      }
      if !isComment { shown += rest[..<found.lowerBound] }
      rest = rest[found.upperBound...]
      isComment.toggle()
    }
    return shown[...]
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: String {
    let from = drop(while: \.isWhitespace)
    guard let last = from.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(from[...last])
  }

  /// Finds a text; without Foundation and case by case.
  func firstRange(of text: String) -> Range<Index>? {
    guard let first = text.first else { return nil }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first) {
      if self[found...].hasPrefix(text) {
        return found..<index(found, offsetBy: text.count)
      }
      start = index(after: found)
    }
    return nil
  }
}

extension String {
  /// The three or more signs that begin a block of code.
  fileprivate var fence: String? {
    guard let sign = first, sign == "`" || sign == "~" else { return nil }
    let signs = prefix { $0 == sign }
    guard signs.count >= 3, !dropFirst(signs.count).contains("`") else { return nil }
    return String(signs)
  }

  fileprivate func closes(_ fence: String) -> Bool {
    count >= fence.count && hasPrefix(fence) && allSatisfy { $0 == fence.first }
  }
}
