package import Model

/// Tasks that the graph view draws as one chip though no group holds them.
package struct Cluster: Sendable, Hashable {
  package enum Kind: String, Sendable {
    /// They wait for the same and the same wait for them.
    case twins
    /// One after another, with nothing else in between.
    case chain
    /// Twins and chains of twins and chains.
    case bundle
    /// The beginning of the graph, all of which is done.
    case finished
  }

  package var kind: Kind
  /// In the order of the graph; never empty.
  package var tasks: [TaskID]

  package init(kind: Kind, tasks: [TaskID]) {
    self.kind = kind
    self.tasks = tasks
  }
}

extension Cluster {
  /// As in `align-…`, `fetch…merge` or `done`.
  func name(_ names: [String], cut: Character) -> String {
    switch kind {
    case .finished: return "done"
    case .chain: return (names.first ?? "") + String(cut) + (names.last ?? "")
    case .twins, .bundle:
      let first = names.first ?? ""
      let prefix = names.dropFirst().reduce(first[...]) { $0.commonPrefix(with: $1) }
      return (prefix.count >= 2 ? String(prefix) : first) + String(cut)
    }
  }
}

extension Substring {
  func commonPrefix(with other: String) -> Substring {
    prefix(zip(self, other).prefix { $0 == $1 }.count)
  }
}
