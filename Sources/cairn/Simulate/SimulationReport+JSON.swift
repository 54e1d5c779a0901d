import Foundation
import Model
import Planning

// The first and the last line of `--json`; between them lie the facts.
extension SimulationReport {
  /// Says in front of the facts that they are made up, and of what.
  func head() throws -> Data {
    try Self.line(
      Head(
        graph: subject.graph.name, tasks: subject.graph.tasks.count, jobs: subject.config.jobs,
        budgetBytes: subject.config.workspace?.bytes, seed: options.seed, noise: options.noise,
        failingShare: options.fail, guesses: subject.guesses))
  }

  func summary(_ result: SimulatedRun.Tally) throws -> Data {
    try Self.line(Ending(subject, result, boundSeconds: bound.seconds))
  }

  private static func line(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}

private struct Head: Encodable {
  var cairn = Fact.version
  var kind = "simulation"
  var simulated = true
  let graph: String
  let tasks: Int
  let jobs: Int
  let budgetBytes: Int64?
  let seed: UInt64
  let noise: Double
  let failingShare: Double
  let guesses: Int
}

private struct Ending: Encodable {
  var cairn = Fact.version
  var kind = "simulation.ended"
  var simulated = true
  /// nil where the run waits for a person.
  let ending: String?
  let tasks: [String: Int]
  let attempts: Int
  let makespanSeconds: Double
  let makespanBoundSeconds: Double
  let peakBytes: Int64
  let plannedPeakBytes: Int64?
  let lowerBoundBytes: Int64?
  let budgetBytes: Int64?
  let standstills: Int
  let givenUp: Int

  init(_ subject: SimulationSubject, _ result: SimulatedRun.Tally, boundSeconds: Double) {
    ending = result.closed?.ending.rawValue
    let counts = TaskState.allCases.map { ($0.rawValue, result.counts[$0]) }
    tasks = Dictionary(uniqueKeysWithValues: counts.filter { $0.1 > 0 })
    attempts = result.attempts
    makespanSeconds = result.seconds
    makespanBoundSeconds = boundSeconds
    peakBytes = result.peakBytes
    plannedPeakBytes = subject.plan?.peakBytes
    lowerBoundBytes = subject.plan?.bound.bytes
    budgetBytes = subject.config.workspace?.bytes
    standstills = result.standstills
    givenUp = result.givenUp
  }
}
