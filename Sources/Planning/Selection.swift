package import Model

/// A selection names a task that the graph does not have.
package struct UnknownSelection: Error, Equatable, CustomStringConvertible {
  package var name: String

  package var description: String { "no task is called \"\(name)\"" }
}

extension TaskGraph {
  /// Returns the tasks that a selection is about, or nil for all of them.
  ///
  /// The name of a matrix means all its instances.
  package func selected(
    by selection: RunConfig.Selection?
  ) throws(UnknownSelection) -> Set<TaskID>? {
    switch selection {
    case nil: nil
    case .targets(let names): links().ancestors(of: try named(names))
    case .only(let names): Set(try named(names))
    case .from(let names): links().descendants(of: try named(names))
    }
  }

  private func named(_ names: [String]) throws(UnknownSelection) -> [TaskID] {
    var found: [TaskID] = []
    for name in names {
      let matches = tasks.filter {
        !$0.isRemoved && ($0.name == name || $0.name.hasPrefix("\(name)["))
      }
      if matches.isEmpty { throw UnknownSelection(name: name) }
      found += matches.map(\.id)
    }
    return found
  }
}
