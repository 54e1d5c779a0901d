import Foundation
import Model
import Planning

/// What the artifacts of a simulated run come to.
struct SimulatedSizes {
  private let graph: TaskGraph
  private let guessBytes: Int64

  /// `guessBytes` stands in for sizes that nobody knows.
  init(_ graph: TaskGraph, guessBytes: Int64) {
    self.graph = graph
    self.guessBytes = guessBytes
  }

  var guesses: Int {
    graph.tasks.reduce(0) { sum, task in
      sum + task.outputs.count { $0.expectedBytes == nil }
    }
  }

  /// Sizes around the expected ones, where they differ from them.
  ///
  /// Lognormal, with `noise` as the standard deviation of the logarithm and the expected size as the
  /// median. Each depends on the seed, its task and its place alone.
  func table(noise: Double, seed: UInt64) -> ArtifactTable<Int64> {
    var sizes = ArtifactTable<Int64>()
    for task in graph.tasks where !task.outputs.isEmpty {
      var random = SplitMix64(seed: seed ^ (UInt64(task.id.rawValue) << 20 | 0x5EED))
      for output in task.outputs where noise > 0 || output.expectedBytes == nil {
        let expected = output.expectedBytes ?? guessBytes
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
