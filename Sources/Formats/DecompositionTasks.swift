/// A decomposition as Task Master holds it: tasks, and subtasks one level below.
///
/// An item whose parts have parts themselves gives way to them, so that a task's subtasks are the acts that
/// the document names: a phase is told in the details of its tasks, and what waits for it waits for the last
/// of them. Nothing is flattened below a task.
struct DecompositionTasks {
  struct Task: Equatable {
    /// Index of the item.
    var item: Int
    /// Indices of its parts.
    var subtasks: [Int] = []
    var needs: [Target] = []
    /// One entry a subtask.
    var subtaskNeeds: [[Target]] = []
  }

  /// Both count from 0.
  enum Target: Hashable {
    case task(Int)
    case subtask(task: Int, Int)

    /// Sorts by number.
    var place: (Int, Int) {
      switch self {
      case .task(let task): (task, -1)
      case .subtask(let task, let number): (task, number)
      }
    }
  }

  private(set) var tasks: [Task] = []
  private let children: [[Int]]
  /// Where each item is placed; nil for one that gave way.
  private var targets: [Target?]
  private var order: DecompositionOrder

  init(_ source: Decomposition) {
    children = source.children
    targets = [Target?](repeating: nil, count: source.items.count)
    order = DecompositionOrder(parents: source.items.map(\.parent))
    for index in source.items.indices where source.items[index].parent == nil { place(index) }
    for index in source.items.indices {
      for need in source.items[index].needs { _ = order.add(need, to: index) }
    }
    for (item, need) in source.needsFromInside() { tie(item, to: need) }
  }

  private mutating func place(_ item: Int) {
    guard children[item].allSatisfy({ children[$0].isEmpty }) else {
      for child in children[item] { place(child) }
      return
    }
    let number = tasks.count
    targets[item] = .task(number)
    for (offset, child) in children[item].enumerated() {
      targets[child] = .subtask(task: number, offset)
    }
    tasks.append(
      Task(
        item: item, subtasks: children[item],
        subtaskNeeds: [[Target]](repeating: [], count: children[item].count)))
  }
}

extension DecompositionTasks {
  /// The tasks that an item became.
  private func tasks(of item: Int) -> [Int] {
    switch targets[item] {
    case .task(let number), .subtask(let number, _): [number]
    case nil: children[item].flatMap { tasks(of: $0) }
    }
  }

  private mutating func tie(_ item: Int, to need: Int) {
    let ends = targets[need].map { [$0] } ?? last(of: tasks(of: need)).map(Target.task)
    for end in ends {
      switch targets[item] {
      case .task(let task): add(end, to: task)
      case .subtask(let task, let number): add(end, to: task, number)
      case nil: for task in firsts(of: tasks(of: item)) { add(end, to: task) }
      }
    }
  }

  /// Those that none of the others needs.
  private func last(of group: [Int]) -> [Int] {
    let needed = Set(group.flatMap { tasks[$0].needs })
    return group.filter { !needed.contains(.task($0)) }
  }

  /// Those that need none of the others.
  private func firsts(of group: [Int]) -> [Int] {
    let members = Set(group)
    return group.filter { number in
      !tasks[number].needs.contains {
        if case .task(let other) = $0 { members.contains(other) } else { false }
      }
    }
  }

  private mutating func add(_ target: Target, to task: Int) {
    if !tasks[task].needs.contains(target) { tasks[task].needs.append(target) }
  }

  /// A number alone in a subtask means its sibling, or is taken for it by one of Task Master's engines:
  /// a task is told by its subtasks, and one that has none is needed by the whole task.
  private mutating func add(_ target: Target, to task: Int, _ number: Int) {
    guard case .task(let other) = target else { return append(target, to: task, number) }
    let subtasks = tasks[other].subtasks.indices
    guard subtasks.isEmpty else {
      for subtask in subtasks { append(.subtask(task: other, subtask), to: task, number) }
      return
    }
    if order.add(tasks[other].item, to: tasks[task].item) { add(target, to: task) }
  }

  private mutating func append(_ target: Target, to task: Int, _ number: Int) {
    if !tasks[task].subtaskNeeds[number].contains(target) {
      tasks[task].subtaskNeeds[number].append(target)
    }
  }
}

extension Decomposition {
  /// All needs, those between parts of an item in front of those of the item itself: who ties by the ends
  /// of a group has to know what is tied inside of it.
  func needsFromInside() -> [(item: Int, need: Int)] {
    let pairs = items.indices.flatMap { item in items[item].needs.map { (item: item, need: $0) } }
    return pairs.map { ($0, sharedDepth($0.item, $0.need)) }
      .enumerated().sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }
      .map(\.element.0)
  }

  /// Level of the lowest item that holds both; 0 for none.
  private func sharedDepth(_ a: Int, _ b: Int) -> Int {
    let (above, other) = (Set(ancestors(of: a)), ancestors(of: b))
    return other.first(where: above.contains).map(depth) ?? 0
  }

  /// From the item itself upwards.
  func ancestors(of index: Int) -> [Int] {
    var found = [index]
    while let parent = items[found[found.count - 1]].parent { found.append(parent) }
    return found
  }

  /// What an item is a part of, as titles from the top.
  func placeNames(of index: Int) -> [String] {
    ancestors(of: index).dropFirst().reversed().map { items[$0].title }
  }
}
