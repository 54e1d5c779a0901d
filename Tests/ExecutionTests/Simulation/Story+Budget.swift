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
  }

  /// Every twelfth story has one; drawn apart, so that the others go as they always did.
  static func budget(seed: UInt64) -> Budget? {
    var random = SplitMix64(seed: seed ^ 0x6275_6467_6574)
    guard random.chance(12) else { return nil }
    return Budget(
      factor: [0.7, 0.9, 1, 1, 1.2, 2].randomElement(using: &random) ?? 1,
      isDefault: random.chance(3), canSpill: random.chance(2),
      noise: random.chance(3) ? 0.6 : 0)
  }

  /// What an attempt makes of an output.
  func bytes(_ output: TaskGraph.Output, task: TaskID, attempt: Int) -> Int64 {
    let expected = output.expectedBytes ?? 0
    guard let noise = budget?.noise, noise > 0 else { return expected }
    let roll = dice.roll(.size, task.index, attempt, output.name.utf8.count)
    return Int64(Double(expected) * (1 + noise * (2 * roll - 1)))
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
