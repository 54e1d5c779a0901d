extension TaskMasterBacklog {
  /// What a task says that it depends on.
  struct Dependency: Sendable {
    /// As it is written.
    var text: String
    /// What it is taken for; nil if there is no such task.
    var item: Int?
    var value: Value
    /// Index in the list of dependencies.
    var offset: Int

    var position: Position { value.position }
  }

  /// In file order; without what is no id.
  func dependencies(of index: Int) -> [Dependency] { dependencies[index] }

  /// What is wrong with the dependencies of a tag.
  package struct Faults: Sendable, Equatable {
    /// Tasks that depend on themselves.
    package var own: [FormatProblem] = []
    /// Dependencies on what does not exist.
    package var missing: [FormatProblem] = []
    /// Tasks that wait for each other, one for each knot of them.
    package var circular: [FormatProblem] = []
    /// Numbers that are both a sibling's and a task's, and what they are taken for: no fault.
    package var ambiguous: [FormatProblem] = []

    package var all: [FormatProblem] { own + missing + circular }
  }

  /// Looks for dependencies that a run could not follow.
  ///
  /// - Complexity: O(tasks × depth + dependencies).
  package func faults() -> Faults {
    var faults = Faults()
    for index in items.indices {
      for dependency in dependencies[index] { judge(dependency, of: index, &faults) }
    }
    faults.circular = knots().map { knot in
      FormatProblem(
        at: items[knot[0]].value.position, "tasks wait for each other: \(words(knot))"
      ).named(file)
    }
    return faults
  }

  /// A circle as `1 → 2 → 1`.
  func words(_ circle: [Int]) -> String {
    (circle + circle.prefix(1)).map { items[$0].name.withVisibleControls }
      .joined(separator: " → ")
  }

  private func judge(
    _ dependency: Dependency, of index: Int, _ faults: inout Faults
  ) {
    let subject = "task \(items[index].name.quoted)"
    func fault(_ words: String) -> FormatProblem {
      FormatProblem(at: dependency.position, "\(subject) depends on \(words)").named(file)
    }
    let text = dependency.text.quoted
    guard let target = dependency.item else {
      let place = items[index].parent.map {
        "which is neither a subtask of \(items[$0].name.quoted) nor a task"
      }
      faults.missing.append(fault("\(text), \(place ?? "which does not exist")"))
      return
    }
    if target == index { faults.own.append(fault("itself")) }
    if let other = named[dependency.text], other != target {
      faults.ambiguous.append(fault("\(text), taken as its sibling \(items[target].name.quoted)"))
    }
  }

  /// Tasks that wait for each other, each knot as a walk around it, in file order.
  ///
  /// A knot is a strongly connected component of more than one task (Tarjan, "Depth-first search and
  /// linear graph algorithms", 1972): first of what the file says, then of what follows from it, as a
  /// task comes behind its subtasks.
  private func knots() -> [[Int]] {
    let own = dependencies.map { $0.compactMap(\.item) }
    let said = knots(own)
    let known = Set(said.joined())
    let following = knots(items.indices.map { reader.needs(of: $0, own) })
      .filter { known.isDisjoint(with: $0) }
    return (said + following).sorted { $0[0] < $1[0] }
  }

  private func knots(_ edges: [[Int]]) -> [[Int]] {
    StrongComponents(edges).components.filter { $0.count > 1 }.map { walk($0, edges) }
  }

  /// A closed walk within a component, from its first task.
  private func walk(_ component: [Int], _ edges: [[Int]]) -> [Int] {
    let members = Set(component)
    var path: [Int] = []
    var places: [Int: Int] = [:]
    var next = component.min() ?? 0
    while places[next] == nil {
      places[next] = path.count
      path.append(next)
      guard let following = edges[next].first(where: members.contains) else { return path }
      next = following
    }
    return Array(path[(places[next] ?? 0)...])
  }

  /// The tasks along a circle that a new dependency would close; nil if it closes none.
  ///
  /// - Complexity: O(tasks + dependencies).
  func circle(from index: Int, to target: Int) -> [Int]? {
    if index == target { return [index] }
    let inside = reader.descendants(of: index)
    // What a task depends on, its subtasks wait for as well, unless it is one of them.
    let goals = inside.contains(target) ? [index] : Set(inside + [index])
    let own = dependencies.map { $0.compactMap(\.item) }
    var origins = [target: target]
    var queue = [target]
    var next = 0
    while next < queue.count {
      let node = queue[next]
      next += 1
      if goals.contains(node) { return path(to: node, origins, from: target) }
      for following in reader.needs(of: node, own) where origins[following] == nil {
        origins[following] = node
        queue.append(following)
      }
    }
    return nil
  }

  private func path(to goal: Int, _ origins: [Int: Int], from start: Int) -> [Int] {
    var path = [goal]
    while let last = path.last, last != start, let origin = origins[last] { path.append(origin) }
    return [goal] + path.dropFirst().reversed()
  }
}

/// Components of a graph whose nodes reach each other, found without recursion.
struct StrongComponents {
  private(set) var components: [[Int]] = []
  private var numbers: [Int]
  private var lowest: [Int]
  private var isOpen: [Bool]
  private var stack: [Int] = []
  private var count = 0

  /// `edges` has one row a node.
  init(_ edges: [[Int]]) {
    numbers = [Int](repeating: -1, count: edges.count)
    lowest = numbers
    isOpen = [Bool](repeating: false, count: edges.count)
    for start in edges.indices where numbers[start] < 0 { visit(start, edges) }
  }

  private mutating func visit(_ start: Int, _ edges: [[Int]]) {
    var calls: [(node: Int, edge: Int)] = [(start, 0)]
    open(start)
    while let (node, edge) = calls.last {
      guard edge < edges[node].count else {
        calls.removeLast()
        close(node)
        if let (above, _) = calls.last { lowest[above] = min(lowest[above], lowest[node]) }
        continue
      }
      calls[calls.count - 1].edge += 1
      let next = edges[node][edge]
      if numbers[next] < 0 {
        open(next)
        calls.append((next, 0))
      } else if isOpen[next] {
        lowest[node] = min(lowest[node], numbers[next])
      }
    }
  }

  private mutating func open(_ node: Int) {
    numbers[node] = count
    lowest[node] = count
    count += 1
    stack.append(node)
    isOpen[node] = true
  }

  private mutating func close(_ node: Int) {
    guard lowest[node] == numbers[node], let start = stack.lastIndex(of: node) else { return }
    components.append(Array(stack[start...]))
    for member in stack[start...] { isOpen[member] = false }
    stack.removeSubrange(start...)
  }
}
