package import Model

/// How fast a replay goes: so many seconds of the run in one.
package enum ReplaySpeed: Sendable, Hashable {
  case real, double, five, ten, sixty
  /// Of a simulation, which may be of seconds or of weeks; more than 0.
  case times(Double)
  /// As fast as whoever looks takes the facts.
  case unlimited

  /// What a replay goes through; any other speed is doubled and halved.
  package static let steps = [Self.real, .double, .five, .ten, .sixty, .unlimited]

  /// Seconds of the run in one of the viewer; nil is without a limit.
  package var factor: Double? {
    switch self {
    case .real: 1
    case .double: 2
    case .five: 5
    case .ten: 10
    case .sixty: 60
    case .times(let factor): factor
    case .unlimited: nil
    }
  }

  /// As in `10`, `0.25` or `max`.
  package var name: String {
    guard let factor else { return "max" }
    if factor >= 10 || factor == factor.rounded() { return String(Int(factor.rounded())) }
    return String(max(1, (factor * 100).rounded()) / 100)
  }

  /// Reads `10`, `x10`, `×10` or `max`; nil for a speed that there is not.
  package init?(_ text: String) {
    let digits = text.first == "x" || text.first == "×" ? String(text.dropFirst()) : text
    guard let speed = Self.steps.first(where: { $0.name == digits }) else { return nil }
    self = speed
  }

  package static let factors = 0.01...1e9

  fileprivate func next(_ step: Int) -> ReplaySpeed {
    if case .times(let factor) = self {
      let changed = step > 0 ? factor * 2 : factor / 2
      return .times(min(max(changed, Self.factors.lowerBound), Self.factors.upperBound))
    }
    let all = Self.steps
    let at = all.firstIndex(of: self) ?? 0
    return all[min(all.count - 1, max(0, at + step))]
  }
}

/// What a person asks of a replay.
package enum ReplayMove: Sendable, Hashable {
  /// Play or pause; at the end, play from the beginning.
  case togglePlay
  case faster, slower
  /// So many facts on or back, and pause.
  case step(Int)
  /// To the next failure, or the previous one, and pause.
  case nextFailure, previousFailure
  case seek(ReplayPoint)
  /// Share of the whole run, on or back.
  case slide(Double)
}

/// When each fact of a run was recorded, and which ones tell of a failed attempt.
package struct ReplayIndex: Sendable, Equatable {
  /// Elapsed seconds of each fact, the first first; never falling.
  package private(set) var seconds: [Double] = []
  /// Numbers of the facts, ascending.
  package private(set) var failures: [Int] = []
  /// The fact that brought the graph: nothing can be shown in front of it.
  package private(set) var first = 1
  /// nanoseconds since 1970 of the first fact.
  package private(set) var startWallTime: Int64 = 0

  package init() {}

  package var count: Int { seconds.count }
  package var totalSeconds: Double { seconds.last ?? 0 }

  /// Takes the next fact of the run.
  package mutating func append(_ fact: Fact) {
    if seconds.isEmpty { startWallTime = fact.wallTime }
    seconds.append(max(totalSeconds, fact.elapsedSeconds))
    switch fact.kind {
    case .graphDefined where first == 1: first = count
    case .attemptEnded(let ended) where !ended.outcome.isSuccess: failures.append(count)
    default: break
    }
  }

  /// Facts that were recorded up to a time.
  ///
  /// - Complexity: O(log facts).
  package func count(until limit: Double) -> Int {
    var (low, high) = (0, seconds.count)
    while low < high {
      let middle = (low + high) / 2
      if seconds[middle] <= limit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Elapsed seconds of a fact, by its number.
  package func seconds(of sequence: Int) -> Double {
    seconds.isEmpty ? 0 : seconds[min(count, max(1, sequence)) - 1]
  }
}

/// Where a replay stands and what is due.
///
/// It knows no clock: it is told how much time has passed, and says how long the next fact is away. Each
/// fact comes at its recorded time divided by the speed.
package struct ReplayPace: Sendable, Equatable {
  /// Facts that are handed out at once without a limit of the speed.
  package static let burst = 4_096

  package let index: ReplayIndex
  /// Number of the newest fact that may be seen.
  package private(set) var shown: Int
  /// The run's clock, in elapsed seconds.
  package private(set) var seconds: Double
  package private(set) var speed: ReplaySpeed
  package private(set) var isPlaying: Bool
  /// The facts are made up.
  package let isSimulated: Bool

  package init(
    _ index: ReplayIndex, speed: ReplaySpeed = .real, at start: Double = 0,
    isSimulated: Bool = false
  ) {
    self.index = index
    self.speed = speed
    self.isSimulated = isSimulated
    isPlaying = true
    (shown, seconds) = (0, 0)
    seek(to: start)
  }

  package var isAtEnd: Bool { shown >= index.count }
  package var totalSeconds: Double { index.totalSeconds }
}

extension ReplayPace {
  /// Lets so many seconds of the viewer pass.
  package mutating func advance(by passed: Double) {
    guard isPlaying, !isAtEnd, let factor = speed.factor, passed > 0 else { return }
    seconds = min(totalSeconds, seconds + passed * factor)
    shown = max(shown, index.count(until: seconds))
  }

  /// The newest fact that a reader who has seen `sequence` may have now; nil if there is none.
  ///
  /// Without a limit of the speed, asking is what moves the replay on.
  package mutating func due(after sequence: Int) -> Int? {
    if isPlaying, speed.factor == nil, sequence >= shown, !isAtEnd {
      shown = min(index.count, shown + Self.burst)
      seconds = index.seconds(of: shown)
    }
    return sequence < shown ? shown : nil
  }

  /// Seconds of the viewer until the next fact is due; nil while nothing will be.
  package var secondsToNext: Double? {
    guard isPlaying, !isAtEnd else { return nil }
    guard let factor = speed.factor else { return 0 }
    return max(0, (index.seconds(of: shown + 1) - seconds) / factor)
  }

  package mutating func perform(_ command: ReplayMove) {
    switch command {
    case .togglePlay where isAtEnd:
      isPlaying = true
      seek(to: 0)
    case .togglePlay: isPlaying.toggle()
    case .faster: speed = speed.next(1)
    case .slower: speed = speed.next(-1)
    case .step(let facts): stop(at: shown + facts)
    case .nextFailure: index.failures.first { $0 > shown }.map { stop(at: $0) }
    case .previousFailure: index.failures.last { $0 < shown }.map { stop(at: $0) }
    case .seek(let point): seek(to: point.seconds(of: totalSeconds))
    case .slide(let share): seek(to: seconds + share * totalSeconds)
    }
  }

  private mutating func stop(at sequence: Int) {
    isPlaying = false
    shown = min(index.count, max(min(index.first, index.count), sequence))
    seconds = index.seconds(of: shown)
  }

  private mutating func seek(to time: Double) {
    guard time.isFinite else { return }
    seconds = min(totalSeconds, max(0, time))
    shown = min(index.count, max(index.first, index.count(until: seconds)))
    seconds = max(seconds, index.count == 0 ? 0 : index.seconds(of: min(shown, index.first)))
  }
}
