package import Model

/// A decomposition as a Cairn file: a prompt a leaf, a group a parent.
package struct DecompositionCairnFile {
  /// How the document is called.
  private let document: String
  private let source: Decomposition
  /// One a leaf that is not done yet: its item and name.
  private var tasks: [(item: Int, name: String)] = []
  private var names: [Int: String] = [:]
  private var groups: [Int: String] = [:]
  /// One an item: the leaves that it waits for.
  private var needs: [Int: [Int]] = [:]

  /// `taken` are names of tasks and groups that are in use already.
  package init(_ source: Decomposition, document: String, taken: [String] = []) {
    self.source = source
    self.document = document.withoutControls
    var used = Set(taken.map(\.asVariable))
    for leaf in source.leaves where !source.items[leaf].isDone {
      let name = Self.unique(source.items[leaf].title.slug, &used)
      tasks.append((leaf, name))
      names[leaf] = name
    }
    nameGroups(Set(taken))
    tieLeaves()
  }

  private static func unique(_ name: String, _ used: inout Set<String>) -> String {
    var candidate = name
    var number = 2
    while !used.insert(candidate.asVariable).inserted {
      candidate = "\(name)-\(number)"
      number += 1
    }
    return candidate
  }

  private mutating func nameGroups(_ taken: Set<String>) {
    var used = Set(names.values).union(taken)
    for parent in Set(source.items.compactMap(\.parent)).sorted() {
      let title = source.items[parent].title.asName
      var name = title
      var number = 2
      while !used.insert(name).inserted {
        name = "\(title) \(number)"
        number += 1
      }
      groups[parent] = name
    }
  }

  private mutating func tieLeaves() {
    let children = source.children
    func leaves(of item: Int) -> [Int] {
      children[item].isEmpty ? [item] : children[item].flatMap { leaves(of: $0) }
    }
    for (item, need) in source.needsFromInside() {
      let (own, other) = (leaves(of: item), leaves(of: need))
      let needed = Set(other.flatMap { needs[$0] ?? [] })
      let last = other.filter { !needed.contains($0) }
      let members = Set(own)
      for leaf in own where !(needs[leaf] ?? []).contains(where: members.contains) {
        needs[leaf, default: []] += last.filter { !(needs[leaf] ?? []).contains($0) }
      }
    }
  }
}

extension DecompositionCairnFile {
  package var count: Int { tasks.count }

  /// The whole file.
  package func text(agent: TaskGraph.Agent) -> String {
    let command = agent.command.map { JSONPiece.quote($0.withoutControls) }.joined(separator: ", ")
    return """
      # Made of \(document.quoted) by `cairn decompose`; each prompt names the line it comes from.
      name: \(JSONPiece.quote(source.name.asName))
      agent: { command: [\(command)], prompt: \(agent.prompt.rawValue) }
      # verify: npm test   # what must pass before a task counts; an agent's word is not proof
      budget: { jobs: 1 }
      tasks:

      """ + entries(indentation: 2)
  }

  /// The tasks alone, in block style.
  package func entries(indentation: Int) -> String {
    tasks.map { entry($0.item, $0.name, String(repeating: " ", count: indentation)) }.joined()
  }

  private func entry(_ item: Int, _ name: String, _ space: String) -> String {
    var lines = ["\(space)\(JSONPiece.quote(name)):"]
    let inner = space + "  "
    if let parent = source.items[item].parent, let group = groups[parent] {
      lines.append("\(inner)group: \(JSONPiece.quote(group))")
    }
    let needed = openNeeds(of: item).sorted().compactMap { names[$0] }
    if !needed.isEmpty {
      lines.append("\(inner)needs: [\(needed.map(JSONPiece.quote).joined(separator: ", "))]")
    }
    if let priority = source.items[item].priority.number {
      lines.append("\(inner)priority: \(priority)")
    }
    lines.append("\(inner)prompt: |2")
    for line in prompt(item).split(separator: "\n", omittingEmptySubsequences: false) {
      lines.append(line.isEmpty ? "" : "\(inner)  \(line)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is done already stands in no file: who waits for it waits for what it waited for.
  private func openNeeds(of item: Int) -> Set<Int> {
    var found: Set<Int> = []
    var seen: Set<Int> = []
    var open = needs[item] ?? []
    while let need = open.popLast() {
      guard seen.insert(need).inserted else { continue }
      if names[need] != nil { found.insert(need) } else { open += needs[need] ?? [] }
    }
    return found
  }

  private func prompt(_ index: Int) -> String {
    let item = source.items[index]
    let parts = [
      item.title, item.description,
      source.fullDetails(of: index, document: document),
      item.testStrategy.isEmpty ? "" : "Test strategy:\n\(item.testStrategy)",
    ]
    return parts.map { $0.withoutControls.trimmed }.filter { !$0.isEmpty }
      .joined(separator: "\n\n")
  }
}

extension Decomposition.Priority {
  /// As the key of a Cairn file; nil for what is neither high nor low.
  fileprivate var number: Int? {
    switch self {
    case .critical: 2
    case .high: 1
    case .medium: nil
    case .low: -1
    }
  }
}

extension String {
  /// Longest name that is made of a title.
  private static let longestSlug = 60

  /// Letters and digits of the title, in small letters, between hyphens.
  fileprivate var slug: String {
    var slug = ""
    for word in words {
      guard slug.unicodeScalars.count + word.unicodeScalars.count < Self.longestSlug else { break }
      slug += slug.isEmpty ? word : "-" + word
    }
    guard slug.isEmpty else { return slug }
    let start = (words.first ?? "").unicodeScalars.prefix(Self.longestSlug)
    return start.isEmpty ? "task" : String(String.UnicodeScalarView(start))
  }

  /// The title as a name of a group or graph.
  fileprivate var asName: String {
    let plain = String(withoutControls.map { "/\n\t".contains($0) ? "-" : $0 }).trimmed
    // Room for a number behind it.
    let most = plain.unicodeScalars.prefix(CairnFile.maximumNameLength - 8)
    let name = String(String.UnicodeScalarView(most)).trimmed
    return name.isEmpty || name == "." || name == ".." ? "work" : name
  }
}
