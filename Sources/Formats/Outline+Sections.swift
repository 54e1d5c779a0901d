extension Outline {
  /// The heading that is the title of the whole: the first, if it is the only one of its level and no
  /// other is higher, or if nothing stands below it.
  var titleNode: Int? {
    guard let first = roots.first, let level = nodes[first].level else { return nil }
    let isAlone = roots.allSatisfy { $0 == first || (nodes[$0].level ?? .max) > level }
    let isEmpty = nodes[first].children.isEmpty && !hasText(first)
    return isAlone || isEmpty ? first : nil
  }

  /// What each node is about: parents come in front of their children.
  func sections() -> [OutlineSection] {
    var sections: [OutlineSection] = []
    for node in nodes {
      let outer = node.parent.map { sections[$0] } ?? .work
      sections.append(node.level == nil ? outer : section(of: node, in: outer))
    }
    return sections
  }

  private func section(of node: Node, in outer: OutlineSection) -> OutlineSection {
    let title = node.text.plainMarkup
    let named = OutlineSection.named(by: title)?.kind
    let section = named.map { $0.inside(outer, isPhase: title.words.isPhase) } ?? outer
    return section == .work && node.isContext ? .wish : section
  }

  func hasText(_ node: Int) -> Bool { nodes[node].prose.contains { !$0.text.isEmpty } }

  /// All that stands below a node, as lines.
  func lines(below node: Int, level: Int = 0) -> [String] {
    var lines = nodes[node].prose.map(\.text)
    for child in nodes[node].children {
      let mark = nodes[child].point.map { $0.number.map { "\($0). " } ?? "- " } ?? ""
      lines.append(String(repeating: "  ", count: level) + mark + nodes[child].text)
      lines += self.lines(below: child, level: level + 1)
    }
    return lines
  }
}
