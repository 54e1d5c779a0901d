import Formats

/// A decomposition as lines of text: a tree with what each item waits for and where it comes from.
struct DecompositionListing {
  let lines: [String]

  init(_ source: Decomposition) {
    lines = source.items.indices.map { index in
      let item = source.items[index]
      let indent = String(repeating: "  ", count: source.depth(of: index) - 1)
      let priority = item.priority == .medium ? "" : "  \(item.priority.rawValue)"
      let needs = item.needs.map { source.path(of: $0) }.joined(separator: ", ")
      let after = needs.isEmpty ? "" : "  after \(needs)"
      let line = item.line.map { "  (line \($0))" } ?? ""
      return "\(indent)\(source.path(of: index)) \(item.title)\(priority)\(after)\(line)"
    }
  }
}
