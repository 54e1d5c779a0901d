package import Model

/// What a filter lets through now.
package struct FilterMatches: Sendable, Equatable {
  /// One row a task.
  package private(set) var lets: [Bool]
  /// What is wrong with a word in this run: nothing is called so.
  package private(set) var problem: String?

  package subscript(task: TaskID) -> Bool { lets.indices.contains(task.index) && lets[task.index] }

  /// Tasks that are let through.
  package var count: Int { lets.count { $0 } }
}

/// What a filter looks at.
struct FilterSubject {
  var run: RunState
  var names: FoldedNames
  var tree: GroupTree
  /// nil where a task has no such figure.
  var figure: (Filter.Figure, TaskID) -> Double?
}

extension FilterMatches {
  /// Looks at every task once for each word.
  ///
  /// A word that means nothing in this run is left out and named in `problem`.
  ///
  /// - Complexity: O(words × (bytes of names + tasks + edges)).
  init(_ filter: Filter, in subject: FilterSubject) {
    lets = subject.run.graph.tasks.map { !$0.isRemoved }
    for clause in filter.clauses {
      do throws(Filter.Misreading) {
        let rows = try clause.kind.rows(subject, word: clause.word)
        for row in lets.indices where lets[row] { lets[row] = rows[row] != clause.isInverse }
      } catch {
        problem = problem ?? error.words
      }
    }
  }
}

extension Filter.Clause.Kind {
  /// One row a task: whether it is meant, before any `!`.
  fileprivate func rows(
    _ subject: FilterSubject, word: String
  ) throws(Filter.Misreading) -> [Bool] {
    switch self {
    case .holds(let text, let isFieldLike):
      let rows = subject.names.holding(text)
      if isFieldLike, !rows.contains(true) { throw unknownField(word) }
      return rows
    case .fuzzy(let text): return subject.names.holdingInOrder(text)
    case .states(let states): return subject.run.tasks.map { states.contains($0.state) }
    case .group(let name): return try members(name, subject)
    case .needs(let name):
      return reach(from: try tasks(name, subject), subject.run.links.dependents)
    case .feeds(let name):
      return reach(from: try tasks(name, subject), subject.run.links.predecessors)
    case .compares(let figure, let comparison, let value):
      return subject.run.tasks.indices.map { row in
        subject.figure(figure, TaskID(row)).map { comparison.holds($0, value) } ?? false
      }
    }
  }

  private func unknownField(_ word: String) -> Filter.Misreading {
    let fields = Filter.Field.allCases.map { $0.rawValue + ":" }
    let figures = Filter.Figure.allCases.map { $0.rawValue + ">" }
    return Filter.Misreading(
      words: "no name holds \(word); known: \((fields + figures).joined(separator: " "))")
  }

  private func members(
    _ name: [UInt8], _ subject: FilterSubject
  ) throws(Filter.Misreading) -> [Bool] {
    let groups = subject.run.graph.groups.indices.filter { index in
      let group = subject.run.graph.groups[index]
      return group.name.foldedBytes.holds(name) || group.title?.foldedBytes.holds(name) ?? false
    }
    guard !groups.isEmpty else {
      throw Filter.Misreading(words: "no group is called \(String(decoding: name, as: UTF8.self))")
    }
    var rows = subject.run.tasks.map { _ in false }
    for group in groups {
      for task in subject.tree.members[group] { rows[task.index] = true }
    }
    return rows
  }

  /// A task, the instances of a matrix, the members of a group; else all that begin so.
  private func tasks(
    _ name: [UInt8], _ subject: FilterSubject
  ) throws(Filter.Misreading) -> [TaskID] {
    let groups = subject.run.graph.groups.indices.filter {
      subject.run.graph.groups[$0].name.foldedBytes == name
    }
    let exact = subject.names.named(name) + groups.flatMap { subject.tree.members[$0] }
    let found = exact.isEmpty ? subject.names.beginning(with: name) : exact
    guard found.isEmpty else { return found }
    throw Filter.Misreading(words: "no task is called \(String(decoding: name, as: UTF8.self))")
  }

  /// All that links lead to from the given tasks; those themselves only if one leads to the other.
  private func reach(from start: [TaskID], _ links: TaskRows) -> [Bool] {
    var seen = Array(repeating: false, count: links.count)
    var stack = start
    while let next = stack.popLast() {
      for task in links[next.index] where !seen[task.index] {
        seen[task.index] = true
        stack.append(task)
      }
    }
    return seen
  }
}
