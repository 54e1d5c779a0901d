/// A document as a tree of headings and points of lists, with the text that belongs to each.
struct Outline {
  enum Kind: Equatable {
    /// 1 is the highest; a line in bold alone is lower than every real heading.
    case heading(level: Int)
    case point(Point)
  }

  struct Point: Equatable {
    /// As in `3` or `b`; nil in an unordered list.
    var number: String?
    /// nil without a checkbox.
    var isChecked: Bool?
  }

  struct Node {
    var kind: Kind
    /// As it is written, with its marks.
    var text: String
    var line: Int
    /// Lines that follow it and are no nodes themselves.
    var prose: [Prose] = []
    var parent: Int?
    var children: [Int] = []
    /// Inside `<context>`.
    var isContext = false
  }

  struct Prose {
    var text: String
    var line: Int
    /// A line of code, of a table, or an empty one: no sentence.
    var isVerbatim: Bool
  }

  /// In the order of the document.
  fileprivate(set) var nodes: [Node] = []
  fileprivate(set) var roots: [Int] = []
  /// Text in front of the first node.
  fileprivate(set) var preface: [Prose] = []
}

extension Outline.Node {
  var point: Outline.Point? {
    if case .point(let point) = kind { point } else { nil }
  }

  var level: Int? {
    if case .heading(let level) = kind { level } else { nil }
  }
}

extension Outline {
  mutating func add(_ node: Node) -> Int {
    let index = nodes.count
    nodes.append(node)
    if let parent = node.parent {
      nodes[parent].children.append(index)
    } else {
      roots.append(index)
    }
    return index
  }

  /// Gives a line of text to a node, or to the document.
  mutating func add(_ prose: Prose, to node: Int?) {
    if let node { nodes[node].prose.append(prose) } else { preface.append(prose) }
  }

  /// Goes on with the text of a point, which was wrapped.
  mutating func extend(_ node: Int, with text: String) { nodes[node].text += " " + text }
}
