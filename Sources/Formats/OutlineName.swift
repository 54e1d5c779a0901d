/// The title of a node without its number, and the names that others may call it by.
struct OutlineName {
  private(set) var title: String
  /// What follows the title on its line.
  private(set) var rest = ""
  private(set) var labels: [String] = []

  init(_ node: Outline.Node) {
    var text = node.text
    if let point = node.point {
      if let number = point.number { labels.append(number) }
    } else if let number = text.sectionNumber {
      labels.append(number.joined(separator: " "))
      text = text.drop { !$0.isWhitespace }.trimmed
    } else {
      let number = text.prefix { $0.isNumber || $0 == "." }
      if number.contains("."), number.count < text.count {
        labels.append(number.words.joined(separator: " "))
        text = text.dropFirst(number.count).trimmed
      }
    }
    let plain = text.plainMarkup
    if let (label, title) = plain.labelled {
      labels.append(label)
      let words = label.words
      if words.count > 1 { labels.append(words[words.count - 1]) }
      // "Phase 1" says more than its title alone.
      text = words.isPhase && words[0] != "task" ? plain : title
      self.title = text
      if node.point == nil || words.isPhase && words[0] != "task" { return }
    }
    if node.point == nil {
      title = text.plainMarkup
    } else {
      (title, rest) = text.titleAndRest
    }
    if title.isEmpty { title = node.text }
  }
}

extension String {
  /// `US-1: Title`, `Task 3 - Title`: the label as words, and the title.
  fileprivate var labelled: (label: String, title: String)? {
    let word = prefix { $0.isLetter }
    guard (1...10).contains(word.count) else { return nil }
    var rest = dropFirst(word.count).drop { " -#_".contains($0) }
    let number = rest.prefix { $0.isNumber || $0 == "." }
    guard let first = number.first, first.isNumber, dropFirst(word.count).count > number.count
    else { return nil }
    rest = rest.dropFirst(number.count).drop { $0 == " " }
    guard let sign = rest.first, ":–—-.)".contains(sign) || number.hasSuffix(".") else {
      return nil
    }
    let title = rest.drop { " :–—-.)".contains($0) }.trimmed
    guard !title.isEmpty else { return nil }
    return ("\(word) \(number)".words.joined(separator: " "), title)
  }
}
