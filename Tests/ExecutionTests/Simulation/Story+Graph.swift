import Model
import Planning

extension Story {
  private enum Shape: CaseIterable { case wide, chain, diamond, layered, random }

  static func graph(_ random: inout SplitMix64) -> TaskGraph {
    let shape = Shape.allCases.randomElement(using: &random) ?? .random
    let largest = random.chance(10) ? 20 : random.chance(3) ? 12 : 6
    var graph = TaskGraph(name: "story")
    for index in 0..<Int.random(in: 1...largest, using: &random) {
      var task = TaskGraph.Task(
        id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["run", "t\(index)"]))
      equip(&task, &random)
      for need in before(index, shape, &random) { join(&task, graph[TaskID(need)], &random) }
      graph.tasks.append(task)
    }
    return graph
  }

  private static func before(
    _ index: Int, _ shape: Shape, _ random: inout SplitMix64
  ) -> [Int] {
    guard index > 0 else { return [] }
    switch shape {
    case .wide: return random.chance(6) ? [index - 1] : []
    case .chain: return [index - 1]
    case .diamond: return index % 4 == 0 ? [index - 1, max(0, index - 2)] : [(index - 1) / 4 * 4]
    case .layered:
      let start = index / 3 * 3
      return start == 0 ? [] : (0..<2).map { _ in start - Int.random(in: 1...3, using: &random) }
    case .random: return (0..<index).filter { _ in random.chance(4) }
    }
  }

  private static func join(
    _ task: inout TaskGraph.Task, _ need: TaskGraph.Task, _ random: inout SplitMix64
  ) {
    guard !random.chance(5) else { return task.after.append(need.id) }
    let artifact = random.chance(3) ? need.outputs.randomElement(using: &random)?.name : nil
    task.needs.append(
      TaskGraph.Need(task: need.id, artifact: artifact, variable: need.name.uppercased()))
  }

  private static func equip(_ task: inout TaskGraph.Task, _ random: inout SplitMix64) {
    if random.chance(15) { task.action = .gate }
    task.cpus = random.chance(3) ? Int.random(in: 2...5, using: &random) : 1
    task.memoryBytes = random.chance(2) ? Int64.random(in: 0...105, using: &random) : nil
    task.timeoutSeconds = random.chance(3) ? Double(Int.random(in: 1...8, using: &random)) : nil
    task.memoryGrows = random.chance(4)
    let retries = random.chance(2) ? Int.random(in: 1...3, using: &random) : 0
    task.retries =
      random.chance(4)
      ? RetryPolicy(.apart([.exit: retries, .artifact: 2], others: 1))
      : RetryPolicy(.together(retries))
    task.backoff = Backoff(
      firstSeconds: Double(Int.random(in: 0...4, using: &random)) / 2, capSeconds: 20)
    task.verify = random.chance(4) || task.action == .gate ? "verify" : nil
    task.keep = random.chance(3) ? false : random.chance(8) ? true : nil
    task.priority = random.chance(4) ? Int.random(in: -1...1, using: &random) : 0
    task.isPure = random.chance(2)
    if random.chance(7) { task.when = random.chance(2) ? .failure : .always }
    if random.chance(25) {
      task.standing = TaskGraph.Standing.allCases.randomElement(using: &random) ?? .pending
    }
    let names = random.chance(4) ? [] : random.chance(4) ? ["bam", "qc"] : ["out"]
    task.outputs = names.map {
      TaskGraph.Output(
        name: $0, expectedBytes: Int64(Int.random(in: 0...50, using: &random)) * 4_096)
    }
    if let name = names.first, random.chance(6) {
      task.exports = [TaskGraph.Export(artifact: name, path: "exported/\(task.name)")]
    }
  }
}
