import Foundation
import Model

/// What `bench integrity` found.
struct IntegrityReport {
  /// Most that proof may multiply wall time by.
  static let promise = 1.05

  var rounds: [Round] = []

  struct Round {
    var with: Measure
    var without: Measure

    var ratio: Double { with.seconds / without.seconds }
  }

  /// Of one run.
  struct Measure {
    var tasks: Int
    var askedBytes: Int64
    /// Artifacts that lie there at the end and have a digest.
    var proved: Int
    /// From the first fact to the last.
    var seconds: Double
    /// Of Cairn itself.
    var cpuSeconds: Double
    /// From the end of an attempt's last process to the attempt's, summed.
    var sealSeconds: Double

    init(_ state: RunState, seconds: Double, cpuSeconds: Double) {
      tasks = state.taskCount
      askedBytes = state.reuse.askedBytes
      proved = state.artifacts.keys.count { state.artifacts[$0]?.digest.isEmpty == false }
      self.seconds = seconds
      self.cpuSeconds = cpuSeconds
      let attempts = state.graph.tasks.flatMap { state[$0.id].attempts }
      sealSeconds = attempts.reduce(0) { $0 + ($1.phases?.seal ?? 0) }
    }
  }

  /// A median, and the least and the most beside it.
  struct Spread: Encodable {
    var median: Double
    var low: Double
    var high: Double

    /// Of at least one value.
    init(_ values: [Double]) {
      median = BenchTable.median(values) ?? .nan
      low = values.min() ?? .nan
      high = values.max() ?? .nan
    }

    /// The most over the least, less one.
    var share: Double { high / low - 1 }
  }

  /// Of one way to run.
  struct Figures: Encodable {
    var wallSeconds: Spread
    var cpuSeconds: Spread
    var sealSeconds: Spread
    var provedArtifacts: Int

    init(_ measures: [Measure]) {
      wallSeconds = Spread(measures.map(\.seconds))
      cpuSeconds = Spread(measures.map(\.cpuSeconds))
      sealSeconds = Spread(measures.map(\.sealSeconds))
      provedArtifacts = measures.map(\.proved).max() ?? 0
    }
  }

  /// All that programs are told.
  struct Document: Encodable {
    var cairn = Fact.version
    var rounds: Int
    var tasks: Int
    var askedBytes: Int64
    var with: Figures
    var without: Figures
    var ratio: Spread
    var promise = IntegrityReport.promise
    var isHeld: Bool
  }

  /// Of at least one round.
  var document: Document {
    let ratio = Spread(rounds.map(\.ratio))
    return Document(
      rounds: rounds.count, tasks: rounds.first?.with.tasks ?? 0,
      askedBytes: rounds.first?.with.askedBytes ?? 0, with: Figures(rounds.map(\.with)),
      without: Figures(rounds.map(\.without)), ratio: ratio,
      isHeld: ratio.median <= Self.promise)
  }
}

extension IntegrityReport.Document {
  var lines: [String] {
    [
      "\(tasks) tasks, \(ByteText.words(askedBytes)) of artifacts, median of \(rounds) rounds "
        + "(least to most)",
      line("", "with proof", "without"),
      line("wall time", words(with.wallSeconds), words(without.wallSeconds)),
      line("Cairn's own cpu", words(with.cpuSeconds), words(without.cpuSeconds)),
      line("sealing, all attempts", words(with.sealSeconds), words(without.sealSeconds)),
      line("artifacts with a digest", "\(with.provedArtifacts)", "\(without.provedArtifacts)"),
      extra,
      String(
        format: "promise with / without <= %.2f: %.3f (%.3f to %.3f), %@", promise, ratio.median,
        ratio.low, ratio.high, isHeld ? "held" : "not held"),
    ] + doubt
  }

  private func line(_ name: String, _ one: String, _ two: String) -> String {
    [(name, 26), (one, 34), (two, 0)].map { text, width in
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }.joined()
  }

  private func words(_ spread: IntegrityReport.Spread) -> String {
    String(format: "%.3f s (%.3f to %.3f)", spread.median, spread.low, spread.high)
  }

  /// Says what proof can have cost at most, whatever else the machine did.
  private var extra: String {
    let wall = without.wallSeconds.median
    let cpu = with.cpuSeconds.median - without.cpuSeconds.median
    let seal = with.sealSeconds.median - without.sealSeconds.median
    return String(
      format: "proof adds %.3f s of cpu, %.2f %% of the wall time, and %.3f s of sealing, %.2f %%",
      cpu, cpu / wall * 100, seal, seal / wall * 100)
  }

  /// Where runs of one kind differ by more than the promise allows, its ratio says little.
  private var doubt: [String] {
    let share = max(with.wallSeconds.share, without.wallSeconds.share)
    guard share > promise - 1 else { return [] }
    return [
      String(
        format: "wall times of one kind differ by up to %.1f %%: too much to tell %.0f %% by them; "
          + "what proof adds tells more", share * 100, (promise - 1) * 100)
    ]
  }
}
