package import Model

/// How long tasks took in earlier runs of the same project, and how large their artifacts were, by name.
package struct EarlierRuns: Sendable, Equatable {
  /// Newest runs that are looked back over.
  package static let maximumRuns = 8
  /// Facts that are read for it in all: a long past must not cost more than it tells.
  package static let maximumFacts = 200_000

  /// Seconds of the attempts that succeeded, one a run, in no order.
  private var samples: [String: Sample] = [:]
  private(set) var runs = 0
  /// Bytes of each artifact, by task and artifact, and by class of task: what instances of one matrix
  /// make is alike.
  private var sizes: [Artifact: Int64] = [:]
  private var classes: [Artifact: [Int64]] = [:]
  /// Largest share that the compressed form of an artifact, and of any of its class, was expected to
  /// take.
  private var shares: [Artifact: Double] = [:]
  private var classShares: [Artifact: Double] = [:]

  private struct Artifact: Hashable {
    var task: String
    var name: String
  }

  package init() {}

  /// Times that are known from elsewhere, as those of a simulation.
  package init(_ graph: TaskGraph, seconds: [Double]) {
    runs = 1
    for task in graph.tasks { samples[task.name, default: Sample()].add(seconds[task.id.index]) }
  }

  package var isEmpty: Bool { samples.isEmpty }

  /// Adds the tasks of one run that are done.
  package mutating func add(_ state: RunState) {
    guard runs < Self.maximumRuns else { return }
    runs += 1
    for (index, status) in state.tasks.enumerated() where status.state == .done {
      guard let seconds = status.standingAttempt?.seconds else { continue }
      samples[state.graph.tasks[index].name, default: Sample()].add(seconds)
    }
  }

  /// Adds times and sizes of one run.
  package mutating func add(_ history: RunHistory) {
    guard runs < Self.maximumRuns else { return }
    add(history.state)
    for key in history.sizes.keys where history.state.graph.tasks.indices.contains(key.task.index) {
      let name = history.state.graph[key.task].name
      let bytes = history.sizes[key] ?? 0
      let artifact = Artifact(task: name, name: key.name)
      sizes[artifact] = max(sizes[artifact] ?? 0, bytes)
      let kin = Artifact(task: Self.class(name), name: key.name)
      classes[kin, default: []].append(bytes)
      guard let share = history.compressedShares[key] else { continue }
      shares[artifact] = max(shares[artifact] ?? 0, share)
      classShares[kin] = max(classShares[kin] ?? 0, share)
    }
  }

  /// Mean seconds of a task's successes; nil if there was none.
  package func seconds(of task: String) -> Double? { samples[task]?.mean }

  /// Bytes that an artifact is expected to take: the most that it ever took, else what nine in ten of
  /// its class did not pass; nil if nothing is known of either.
  package func bytes(of artifact: String, task: String) -> Int64? {
    if let bytes = sizes[Artifact(task: task, name: artifact)] { return bytes }
    guard let known = classes[Artifact(task: Self.class(task), name: artifact)]?.sorted() else {
      return nil
    }
    return known[(known.count - 1) * 9 / 10]
  }

  /// Bytes of an artifact's compressed form over those of the whole: the most that was ever expected of
  /// it, else of its class; nil if nothing is known of either.
  package func compressedShare(of artifact: String, task: String) -> Double? {
    shares[Artifact(task: task, name: artifact)]
      ?? classShares[Artifact(task: Self.class(task), name: artifact)]
  }

  /// What the instances of a matrix have in common: the name in front of the values.
  static func `class`(_ name: String) -> String { TaskGraph.matrixName(of: name) }

  subscript(name: String) -> Sample? { samples[name] }

  /// Variance divided by the square of the mean, pooled over all tasks that were measured twice or more;
  /// nil while none was.
  ///
  /// It stands in for the variance of tasks that were measured once.
  var relativeVariance: Double? {
    var sum = 0.0
    var freedom = 0.0
    for sample in samples.values where sample.count >= 2 && sample.mean > 0 {
      guard let variance = sample.variance else { continue }
      sum += (sample.count - 1) * variance / (sample.mean * sample.mean)
      freedom += sample.count - 1
    }
    return freedom > 0 ? sum / freedom : nil
  }
}

/// Mean and variance as they come.
///
/// Welford, "Note on a method for calculating corrected sums of
/// squares and products", 1962.
struct Sample: Sendable, Equatable {
  private(set) var count = 0.0
  private(set) var mean = 0.0
  private var squares = 0.0

  /// Of the sample, with n − 1.
  var variance: Double? { count < 2 ? nil : squares / (count - 1) }

  mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
  }

  /// The sample as it were with every value so many times as large.
  func scaled(by factor: Double) -> Sample {
    var scaled = self
    scaled.mean *= factor
    scaled.squares *= factor * factor
    return scaled
  }
}
