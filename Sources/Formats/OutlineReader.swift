/// Reads markdown or plain text into its outline; one value per document.
///
/// Headings are `# Title`, underlined lines, lines in bold alone and numbered sections (`1.2 Title`);
/// in a text without any of the first two also lines in capitals and lines with a colon in front of a list.
/// Points nest by their indentation, two columns or more.
struct OutlineReader {
  private static let boldLevel = 8
  private static let numberedLevel = 7
  /// Deepest list; deeper points stand where this one's do.
  private static let maximumNesting = 24
  /// Longest line in capitals, or with a colon, that is taken for a heading.
  private static let longestPlainHeading = 80

  private let lines: [OutlineLine]
  private var outline = Outline()
  private var headings: [(level: Int, node: Int)] = []
  private var points: [(indent: Int, node: Int)] = []
  private var isBehindBlank = true
  private var isContext = false
  private let isMarked: Bool
  /// First numbers of sections such as `1.2`, so that `1.` is one, too.
  private let sections: Set<String>
  private var lastSection = 0

  static func read(_ text: String) -> Outline {
    var reader = OutlineReader(OutlineLine.lines(of: text))
    var index = 0
    while index < reader.lines.count { index += reader.take(index) }
    return reader.outline
  }

  private init(_ lines: [OutlineLine]) {
    self.lines = lines
    isMarked = lines.indices.contains { index in
      lines[index].kind == .text
        && (lines[index].text.markedHeading != nil || Self.underline(lines, below: index) != nil)
    }
    sections = Set(
      lines.lazy.filter { $0.kind == .text && $0.indent == 0 }.compactMap { line in
        line.text.sectionNumber.flatMap { $0.count > 1 ? $0.first : nil }
      })
  }
}

extension OutlineReader {
  /// Reads what begins at a line; returns how many lines it took.
  private mutating func take(_ index: Int) -> Int {
    let line = lines[index]
    switch line.kind {
    case .blank:
      isBehindBlank = true
      addProse(line, isVerbatim: true)
      return 1
    case .code, .verbatim: addProse(line, isVerbatim: true)
    case .text: return takeText(index)
    }
    isBehindBlank = false
    return 1
  }

  private mutating func takeText(_ index: Int) -> Int {
    let line = lines[index]
    defer { isBehindBlank = line.text.isRule }
    if line.text.isRule { return 1 }
    if let tag = line.text.markerTag {
      if tag.name == "context" { isContext = tag.isOpen }
      return 1
    }
    if let (level, title) = heading(index) {
      if let section = Int(title.prefix(while: \.isNumber)) { lastSection = section }
      addHeading(title, level, line.number)
      return Self.underline(lines, below: index) == nil ? 1 : 2
    }
    if let (point, text) = line.text.point, !text.isEmpty {
      addPoint(point, text, line)
    } else {
      addText(line)
    }
    return 1
  }

  private func heading(_ index: Int) -> (level: Int, title: String)? {
    let line = lines[index]
    guard line.indent < 4 else { return nil }
    if let marked = line.text.markedHeading { return marked }
    if isBehindBlank, let level = Self.underline(lines, below: index) { return (level, line.text) }
    if line.indent == 0, let number = line.text.sectionNumber, isSection(number) {
      let title = line.text.drop { !$0.isWhitespace }.trimmed
      let level = isMarked ? Self.numberedLevel : number.count + 1
      return (level, "\(number.joined(separator: ".")). \(title)")
    }
    if isBehindBlank, let title = line.text.boldLine { return (Self.boldLevel, title) }
    return isMarked ? nil : plainHeading(index)
  }

  /// `1.` is the title of a section where others are called `2.1`, if it is its turn.
  private func isSection(_ number: [String]) -> Bool {
    if number.count > 1 { return true }
    guard !isMarked, !sections.isEmpty, isBehindBlank, let first = number.first else {
      return false
    }
    return sections.contains(first) || Int(first).map { $0 - 1 } == lastSection
  }

  private func plainHeading(_ index: Int) -> (level: Int, title: String)? {
    let text = lines[index].text
    guard isBehindBlank, lines[index].indent == 0, text.point == nil,
      text.count <= Self.longestPlainHeading
    else { return nil }
    let next = lines[(index + 1)...].first { $0.kind != .blank }
    let isAlone = index + 1 < lines.count && lines[index + 1].kind == .blank
    if isAlone, text.isCapitals { return (1, text) }
    guard text.hasSuffix(":"), next?.kind == .text, next?.text.point != nil else { return nil }
    return (2, String(text.dropLast()))
  }

  /// The level that a line of `=` or `-` below a line gives it.
  private static func underline(_ lines: [OutlineLine], below index: Int) -> Int? {
    guard lines[index].kind == .text, lines[index].text.point == nil,
      lines[index].text.markedHeading == nil, !lines[index].text.isRule, index + 1 < lines.count,
      index == 0 || lines[index - 1].kind == .blank
    else { return nil }
    let below = lines[index + 1].text
    guard lines[index + 1].kind == .text, below.count >= 3 else { return nil }
    if below.allSatisfy({ $0 == "=" }) { return 1 }
    return below.allSatisfy { $0 == "-" } ? 2 : nil
  }
}

extension OutlineReader {
  private mutating func addHeading(_ title: String, _ level: Int, _ line: Int) {
    while let last = headings.last, last.level >= level { headings.removeLast() }
    points = []
    let node = outline.add(
      Outline.Node(
        kind: .heading(level: level), text: title, line: line, parent: headings.last?.node,
        isContext: isContext))
    headings.append((level, node))
  }

  private mutating func addPoint(_ point: Outline.Point, _ text: String, _ line: OutlineLine) {
    while let last = points.last,
      line.indent < last.indent + 2 || points.count >= Self.maximumNesting
    { points.removeLast() }
    let node = outline.add(
      Outline.Node(
        kind: .point(point), text: text, line: line.number,
        parent: points.last?.node ?? headings.last?.node, isContext: isContext))
    points.append((line.indent, node))
  }

  /// A line in small letters right behind a point goes on with it; behind an empty line only an
  /// indented one belongs to it.
  private mutating func addText(_ line: OutlineLine) {
    if let last = points.last, !isBehindBlank {
      if outline.nodes[last.node].prose.isEmpty, line.text.first?.isLowercase == true {
        return outline.extend(last.node, with: line.text)
      }
      // `Priority: high` in front of which nobody left a line free.
      if line.indent <= last.indent, OutlineLabel.read(line.text) != nil { points = [] }
    }
    addProse(line, isVerbatim: false)
  }

  private mutating func addProse(_ line: OutlineLine, isVerbatim: Bool) {
    if line.kind != .blank, isBehindBlank {
      while let last = points.last, line.indent < last.indent + 2 { points.removeLast() }
    }
    let prose = Outline.Prose(text: line.text, line: line.number, isVerbatim: isVerbatim)
    outline.add(prose, to: points.last?.node ?? headings.last?.node)
  }
}
