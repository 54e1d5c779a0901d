import Foundation
import Model
import Planning

/// What the artifacts of a simulated run come to.
struct SimulatedSizes {
  private let graph: TaskGraph
  private let subject: PlanGraph.Subject

  /// What `subject` has learned goes before what the file says; its guess stands in for sizes that
  /// nobody knows.
  init(_ graph: TaskGraph, _ subject: PlanGraph.Subject) {
    self.graph = graph
    self.subject = subject
  }

  var guesses: Int {
    graph.tasks.reduce(0) { sum, task in
      sum + task.outputs.count { known(task.id, $0) == nil }
    }
  }

  private func known(_ task: TaskID, _ output: TaskGraph.Output) -> Int64? {
    subject.learned[RunState.ArtifactKey(task: task, name: output.name)] ?? output.expectedBytes
  }

  func load(failingShare: Double, noise: Double, seed: UInt64) -> Simulation.Load {
    var load = Simulation.Load(
      seconds: subject.seconds, failingShare: failingShare, seed: seed)
    load.sizes = table(noise: noise, seed: seed)
    return load
  }

  /// Sizes around the expected ones, where they differ from those of the file.
  ///
  /// Lognormal, with `noise` as the standard deviation of the logarithm and the expected size as the
  /// median. Each depends on the seed, its task and its place alone.
  private func table(noise: Double, seed: UInt64) -> ArtifactTable<Int64> {
    var sizes = ArtifactTable<Int64>()
    for task in graph.tasks where !task.outputs.isEmpty {
      var random = SplitMix64(seed: seed ^ (UInt64(task.id.rawValue) << 20 | 0x5EED))
      for output in task.outputs {
        let expected = known(task.id, output) ?? subject.guessBytes
        if noise == 0, expected == output.expectedBytes { continue }
        let factor = noise > 0 ? exp(noise * Self.normal(&random)) : 1
        sizes[RunState.ArtifactKey(task: task.id, name: output.name)] =
          Int64((Double(expected) * factor).rounded())
      }
    }
    return sizes
  }

  /// Box and Muller, "A note on the generation of random normal deviates", 1958.
  private static func normal(_ random: inout SplitMix64) -> Double {
    let radius = (-2 * log(Double.random(in: 1e-12...1, using: &random))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0...1, using: &random))
  }
}
