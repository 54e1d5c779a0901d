import Model
import Planning

extension Story {
  /// A limit of the workspace.
  struct Budget {
    /// Bytes over those that the first plan needs.
    var factor: Double
    var isDefault: Bool
    var canSpill: Bool
    /// Largest share by which what is made is larger or smaller than expected.
    var noise: Double
    /// Whether samples tell what artifacts come to when they are compressed.
    var canCompress: Bool
    /// Whether what lies still may be lent.
    var lends = false
  }

  /// Every twelfth story has one; drawn apart, so that the others go as they always did.
  static func budget(seed: UInt64) -> Budget? {
    var random = SplitMix64(seed: seed ^ 0x6275_6467_6574)
    guard random.chance(12) else { return nil }
    var budget = Budget(
      factor: [0.7, 0.9, 1, 1, 1.2, 2].randomElement(using: &random) ?? 1,
      isDefault: random.chance(3), canSpill: random.chance(2),
      noise: random.chance(3) ? 0.6 : 0, canCompress: random.chance(2))
    // Where there is room to spill nothing is compressed.
    if budget.canCompress { budget.canSpill = random.chance(8) }
    budget.lends = random.chance(2)
    return budget
  }

  /// What an attempt makes of an output.
  func bytes(_ output: TaskGraph.Output, task: TaskID, attempt: Int) -> Int64 {
    let expected = output.expectedBytes ?? 0
    guard let noise = budget?.noise, noise > 0 else { return expected }
    let roll = dice.roll(.size, task.index, attempt, output.name.utf8.count)
    return Int64(Double(expected) * (1 + noise * (2 * roll - 1)))
  }

  /// What a sample promises; nil where none is taken.
  func compressedBytes(_ key: RunState.ArtifactKey, of bytes: Int64) -> Int64? {
    guard budget?.canCompress == true, bytes > 0 else { return nil }
    let share = dice.roll(.share, key.task.index, key.name.utf8.count)
    return share < 0.2 ? nil : max(1, Int64(Double(bytes) * share))
  }

  /// What it comes to: seldom more than was promised.
  func packedBytes(_ key: RunState.ArtifactKey, of bytes: Int64) -> Int64 {
    let promised = compressedBytes(key, of: bytes) ?? bytes
    let roll = dice.roll(.share, key.task.index, key.name.utf8.count, Int(bytes))
    return roll < 0.1 ? bytes : max(1, Int64(Double(promised) * roll))
  }

  /// What earlier runs would tell.
  var earlierRuns: EarlierRuns {
    var earlier = EarlierRuns()
    guard budget?.canCompress == true else { return earlier }
    let defined = Fact.Kind.graphDefined(
      Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in "" }))
    let sealed = graph.tasks.flatMap { task in
      task.outputs.map { output -> Fact.Kind in
        let key = RunState.ArtifactKey(task: task.id, name: output.name)
        let bytes = output.expectedBytes ?? 0
        return .artifactSealed(
          Fact.ArtifactSealed(
            task: task.id, attempt: 1, artifact: output.name, bytes: bytes, files: 1, digest: "",
            compressedBytes: compressedBytes(key, of: bytes)))
      }
    }
    earlier.add(
      RunHistory(
        ([defined] + sealed).enumerated().map { index, kind in
          Fact(sequence: index + 1, session: 1, elapsedSeconds: 0, wallTime: 1, kind: kind)
        }))
    return earlier
  }

  /// Whether a run under the budget has no reason but the budget to end before all is done.
  var isCalm: Bool {
    budget?.noise == 0 && asks.isEmpty && losses.isEmpty && edits.isEmpty
      && rates.failingJobs == 0 && crashes.isEmpty
      && graph.tasks.allSatisfy { $0.standing == .pending && fits($0) }
  }

  /// Whether a task asks for no more than there is: else it is set aside, and so is what it bars.
  private func fits(_ task: TaskGraph.Task) -> Bool {
    task.memoryBytes ?? 0 <= config.memoryBytes ?? .max
      && task.resources.items.allSatisfy { $0.count <= config.resources?[$0.name] ?? 0 }
  }
}
