/// Turns the outline of a document into items of work.
///
/// Headings and points of lists become items where their section describes work: a plan if there is one,
/// else what is to be built and tested, else an order of work, else goals. A heading that names its section
/// only ("Features") gives way to what stands in it. Sections that describe no work add their text to the
/// item that they stand in, or are left out. A nested list is divided further only if its points are steps
/// (`OutlineVerbs.areSteps`): an item without such a list is atomic.
struct OutlineWork {
  /// An item while it is read.
  struct Draft {
    var item: Decomposition.Item
    var node: Int
    /// Names by which the text may call it: `3`, `1.2`, `phase 1`, `us 1`.
    var labels: [String] = []
    /// What may say for what it waits.
    var sentences: [Sentence] = []
    /// What says nothing else.
    var stated: [Sentence] = []
    /// The text says that nothing comes in front of it.
    var isFirst = false
    var section: OutlineSection
  }

  struct Sentence {
    var text: String
    var line: Int
  }

  let outline: Outline
  /// One a node: of its heading, or of the one that it stands under.
  let sections: [OutlineSection]
  private let titleNode: Int?
  private(set) var chosen: [OutlineSection] = []
  private(set) var drafts: [Draft] = []
  /// Headings at the top of what was left out.
  private(set) var leftOut: [Int] = []

  /// Sections that are looked for work, the best first.
  private static let tiers: [[OutlineSection]] = [[.plan], [.work, .tests], [.order], [.wish]]

  init(_ outline: Outline) throws(FormatProblem) {
    self.outline = outline
    titleNode = outline.titleNode
    sections = outline.sections()
    for tier in Self.tiers where drafts.isEmpty {
      chosen = tier
      leftOut = []
      for root in outline.roots { try visit(root, parent: nil) }
    }
  }

  /// What the document calls itself.
  var title: String? { titleNode.map { outline.nodes[$0].text.plainMarkup } }
}

// Which nodes become items.
extension OutlineWork {
  private mutating func visit(_ node: Int, parent: Int?) throws(FormatProblem) {
    if node == titleNode { return try visitChildren(of: node, parent: parent) }
    guard chosen.contains(sections[node]) else { return try pass(node, parent: parent) }
    let isPoint = outline.nodes[node].point != nil
    let title = outline.nodes[node].text.plainMarkup
    if !isPoint, OutlineSection.named(by: title)?.isGeneric == true {
      let before = drafts.count
      try visitChildren(of: node, parent: parent)
      if drafts.count > before {
        if let parent { absorbProse(of: node, into: parent) }
        return
      }
      guard outline.hasText(node) else { return }
    }
    try addItem(node, parent: parent)
  }

  private mutating func visitChildren(of node: Int, parent: Int?) throws(FormatProblem) {
    for child in outline.nodes[node].children { try visit(child, parent: parent) }
  }

  /// A node that is no work: what stands in it may be.
  private mutating func pass(_ node: Int, parent: Int?) throws(FormatProblem) {
    if let parent { return absorb(node, into: parent) }
    let (before, known) = (drafts.count, leftOut.count)
    for child in outline.nodes[node].children where outline.nodes[child].level != nil {
      try visit(child, parent: nil)
    }
    // All of it is, so its parts need no word.
    if drafts.count == before { leftOut[known...] = [node] }
  }

  private mutating func addItem(_ node: Int, parent: Int?) throws(FormatProblem) {
    guard drafts.count < Decomposition.maximumItems else {
      throw FormatProblem(
        line: outline.nodes[node].line,
        message: "more than \(Decomposition.maximumItems) items of work", hint: "split the document"
      )
    }
    let index = drafts.count
    drafts.append(draft(of: node, parent: parent))
    let depth = depth(of: index)
    absorbProse(of: node, into: index)
    let children = outline.nodes[node].children
    let points = children.filter { outline.nodes[$0].point != nil && !isLabel($0) }
    let isPoint = outline.nodes[node].point != nil
    let areSteps = !isPoint || OutlineVerbs.areSteps(points.map { outline.nodes[$0] })
    for child in children {
      let isWork = outline.nodes[child].level != nil || areSteps && !isLabel(child)
      if isWork, depth < Decomposition.maximumDepth {
        try visit(child, parent: index)
      } else {
        absorb(child, into: index)
      }
    }
  }

  private func isLabel(_ node: Int) -> Bool { OutlineLabel.read(outline.nodes[node].text) != nil }

  private func depth(of draft: Int) -> Int {
    drafts[draft].item.parent.map { depth(of: $0) + 1 } ?? 1
  }
}

// What an item says.
extension OutlineWork {
  private func draft(of index: Int, parent: Int?) -> Draft {
    let node = outline.nodes[index]
    let name = OutlineName(node)
    let tags = OutlineTags(name.title)
    let outer = parent.map { drafts[$0].item }
    var item = Decomposition.Item(
      title: tags.title.shortened(to: Decomposition.maximumTitleLength), description: name.rest,
      priority: tags.priority ?? outer?.priority ?? .medium, estimate: tags.estimate,
      // What is done is done in all its parts, whatever their boxes say.
      isDone: node.point?.isChecked == true || outer?.isDone == true, parent: parent,
      line: node.line)
    if item.title != tags.title, item.description.isEmpty { item.description = tags.title }
    var draft = Draft(item: item, node: index, labels: name.labels, section: sections[index])
    draft.sentences = [Sentence(text: node.text.plainMarkup, line: node.line)]
    return draft
  }

  /// Takes the lines below a node itself: the first paragraph describes, the rest are details.
  private mutating func absorbProse(of node: Int, into draft: Int) {
    for prose in outline.nodes[node].prose {
      if !prose.isVerbatim, take(prose.text, at: prose.line, into: draft) { continue }
      if !prose.isVerbatim {
        drafts[draft].sentences.append(Sentence(text: prose.text.plainMarkup, line: prose.line))
      }
      add(prose.text, to: draft)
    }
    describe(node, draft)
  }

  private mutating func describe(_ node: Int, _ draft: Int) {
    guard drafts[draft].node == node, drafts[draft].item.description.isEmpty else { return }
    let prose = outline.nodes[node].prose.drop { $0.text.isEmpty }
    let paragraph = prose.prefix { !$0.text.isEmpty && !$0.isVerbatim }.map(\.text)
      .filter { OutlineLabel.read($0) == nil }
    drafts[draft].item.description = paragraph.joined(separator: " ").plainMarkup
  }

  private mutating func add(_ line: String, to draft: Int) {
    drafts[draft].item.details += line + "\n"
  }

  /// Takes all of a node and what stands in it as text.
  mutating func absorb(_ node: Int, into draft: Int, level: Int = 0) {
    let (text, line) = (outline.nodes[node].text, outline.nodes[node].line)
    let children = outline.nodes[node].children
    let label = outline.nodes[node].level == nil ? nil : OutlineLabel.named(text)
    switch (outline.nodes[node].level != nil ? sections[node] : nil, label) {
    case (.criteria, _), (.tests, _), (_, .tests):
      return addTests(outline.lines(below: node), to: draft)
    case (.order, _), (_, .needs):
      return state(children.map { outline.nodes[$0] }, in: draft)
    default: break
    }
    if take(text, at: line, into: draft) {
      if case .tests = OutlineLabel.read(text)?.label {
        return addTests(outline.lines(below: node), to: draft)
      }
      if case .needs = OutlineLabel.read(text)?.label {
        return state(children.map { outline.nodes[$0] }, in: draft)
      }
    } else {
      let mark = outline.nodes[node].point.map { $0.number.map { "\($0). " } ?? "- " } ?? ""
      let indent = String(repeating: "  ", count: level)
      drafts[draft].sentences.append(Sentence(text: text.plainMarkup, line: line))
      add(indent + mark + text, to: draft)
    }
    absorbProse(of: node, into: draft)
    let inner = outline.nodes[node].point == nil ? level : level + 1
    for child in children { absorb(child, into: draft, level: inner) }
  }

  /// Takes a line that says one thing about the item; false if it is none.
  private mutating func take(_ text: String, at line: Int, into draft: Int) -> Bool {
    guard let (label, value) = OutlineLabel.read(text) else { return false }
    switch label {
    case .priority:
      guard let priority = Decomposition.Priority(words: value) else { return false }
      drafts[draft].item.priority = priority
    case .estimate:
      guard !value.isEmpty else { return false }
      drafts[draft].item.estimate = value
    case .description:
      guard !value.isEmpty, drafts[draft].item.description.isEmpty else { return false }
      drafts[draft].item.description = value
    case .needs: state(value, at: line, in: draft)
    case .tests: if !value.isEmpty { addTests([value], to: draft) }
    }
    return true
  }

  private mutating func state(_ nodes: [Outline.Node], in draft: Int) {
    for node in nodes { state(node.text.plainMarkup, at: node.line, in: draft) }
  }

  private mutating func state(_ text: String, at line: Int, in draft: Int) {
    if ["none", "nothing", "n a", "no"].contains(text.words.joined(separator: " ")) {
      drafts[draft].isFirst = true
    } else if !text.isEmpty {
      drafts[draft].stated.append(Sentence(text: text, line: line))
    }
  }

  private mutating func addTests(_ lines: [String], to draft: Int) {
    let text = lines.joined(separator: "\n").trimmed
    guard !text.isEmpty else { return }
    let old = drafts[draft].item.testStrategy
    drafts[draft].item.testStrategy = old.isEmpty ? text : old + "\n" + text
  }
}
