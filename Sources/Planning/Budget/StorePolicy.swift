package import Model

/// When a run lends a dormant artifact, which, and to prove which others meanwhile.
///
/// Asked every ten leases or five seconds, whichever comes first, it lends only where the budget is
/// nearly used up after all that a plan can do: a loan takes no room, and next to no memory.
///
/// What is lent is what nobody reads for the longest time. What is proved is what no loan has proved
/// yet, the oldest first: it had the most time to come to harm, and nothing newer puts it off. Smallest
/// first would prove more artifacts in a loan, and large ones never.
package struct StorePolicy: Sendable {
  package typealias Key = RunState.ArtifactKey

  package struct Pace: Sendable, Equatable {
    package var leases = 10
    package var seconds = 5.0
    /// Of the budget: with less than that the workspace is nearly full.
    package var freeShare = 0.1

    package init() {}
  }

  /// Most bytes that a loan reads, so that nobody waits long for what is lent.
  ///
  /// What is larger by itself is left to the proof in front of its reader.
  package static let provedBytes: Int64 = 256 << 20
  /// Most artifacts that a loan proves.
  package static let provedCount = 1_024
  /// Most that are looked at on the disk at a time.
  package static let looks = 8
  /// Loans without a result after which nothing is lent any more.
  package static let maximumFailures = 3

  /// Of the borrower's memory.
  private let leastBytes: Int64
  private let pace: Pace
  private var leases = 0
  private var askedSeconds: Double
  private var arrivals: [Key: Int] = [:]
  private var proved: Set<Key> = []
  /// What is known of files that are large enough.
  private var canLend: [Key: Bool] = [:]
  package private(set) var failures = 0

  package init(leastBytes: Int64, pace: Pace = Pace(), from seconds: Double) {
    self.leastBytes = leastBytes
    self.pace = pace
    askedSeconds = seconds
  }

  /// An artifact that lies there as a whole, and that nobody reads or writes now.
  package struct Dormant: Sendable, Equatable {
    package var key: Key
    package var bytes: Int64
    /// Its task can make it again, or there is a copy of it.
    package var canBeHad: Bool
    /// Of its next reader in the plan; infinite where none is left.
    package var distance: Double

    package init(key: Key, bytes: Int64, canBeHad: Bool, distance: Double) {
      self.key = key
      self.bytes = bytes
      self.canBeHad = canBeHad
      self.distance = distance
    }
  }

  package struct Loan: Sendable, Equatable {
    package var lent: Key
    package var proved: [Key]
    package var provedBytes: Int64
    /// For people.
    package var reason: String

    /// What a loan that went well has come to, for people.
    package var outcome: String {
      "proved \(StorePolicy.words(proved.count)), \(ByteText.words(provedBytes))"
    }
  }

  package enum Decision: Sendable, Equatable {
    case nothing
    /// Ask again when it is known of these whether they have a file that can be lent.
    case look([Key])
    case lend(Loan)
  }
}

extension StorePolicy {
  /// A task was given a slot.
  package mutating func lease() { leases += 1 }

  /// An artifact has come to lie there, or has come back.
  package mutating func arrived(_ key: Key) {
    arrivals[key] = arrivals.count + 1
    proved.remove(key)
    canLend[key] = nil
  }

  package mutating func looked(_ answers: [Key: Bool]) { canLend.merge(answers) { $1 } }

  /// A loan is over; one that proved nothing counts as a failure, unless what it read was damaged.
  ///
  /// The next is ten leases or five seconds away, so that who has waited for what was lent starts.
  package mutating func ended(
    _ loan: Loan, at seconds: Double, isProved: Bool, isCounted: Bool = true
  ) {
    leases = 0
    askedSeconds = seconds
    if isProved {
      proved.formUnion(loan.proved + [loan.lent])
    } else if isCounted {
      failures += 1
    }
  }

  /// Whether it is time to ask.
  package func isDue(at seconds: Double) -> Bool {
    guard failures < Self.maximumFailures else { return false }
    return leases >= pace.leases || seconds >= askedSeconds + pace.seconds
  }

  /// When it is time to ask, whatever happens until then; nil once nothing is lent any more.
  package var dueSeconds: Double? {
    failures < Self.maximumFailures ? askedSeconds + pace.seconds : nil
  }

  private func isTight(free: Int64, of budget: Int64) -> Bool {
    Double(free) < pace.freeShare * Double(budget)
  }

  /// Decides; but for a look the next time is ten leases or five seconds away.
  ///
  /// `dormant` is asked for only where the workspace is nearly full.
  ///
  /// - Complexity: O(dormant · log dormant).
  package mutating func decide(
    free: Int64, of budget: Int64, at seconds: Double, dormant: () -> [Dormant]
  ) -> Decision {
    let decision =
      isTight(free: free, of: budget) ? choose(dormant(), free, budget) : .nothing
    if case .look = decision { return decision }
    leases = 0
    askedSeconds = seconds
    return decision
  }

  private func choose(_ dormant: [Dormant], _ free: Int64, _ budget: Int64) -> Decision {
    let due = dormant.filter { !proved.contains($0.key) && $0.bytes <= Self.provedBytes }
      .sorted { Self.isEarlier((arrivals[$0.key] ?? 0, $0.key), (arrivals[$1.key] ?? 0, $1.key)) }
    let candidates = candidates(dormant, due)
    guard let first = candidates.first else { return .nothing }
    guard canLend[first.key] == true else {
      let unknown = candidates.lazy.map(\.key).filter { canLend[$0] == nil }
      return .look(Array(unknown.prefix(Self.looks)))
    }
    let pieces = Self.pieces(due, but: first.key)
    return .lend(
      Loan(
        lent: first.key, proved: pieces.map(\.key),
        provedBytes: pieces.reduce(0) { $0 + $1.bytes },
        reason: "\(ByteText.words(max(0, free))) of \(ByteText.words(budget)) are free: proves "
          + "\(Self.words(pieces.count)) in its memory"))
  }

  private static func words(_ count: Int) -> String {
    count == 1 ? "1 dormant artifact" : "\(count) dormant artifacts"
  }

  /// What may be lent with something else to prove, the farthest first, the largest of those.
  private func candidates(_ dormant: [Dormant], _ due: [Dormant]) -> [Dormant] {
    dormant.filter { artifact in
      artifact.canBeHad && artifact.bytes >= leastBytes && canLend[artifact.key] != false
        && (due.count > 1 || due.contains { $0.key != artifact.key })
    }.sorted { one, other in
      if one.distance != other.distance { return one.distance > other.distance }
      if one.bytes != other.bytes { return one.bytes > other.bytes }
      return Self.isEarlier((0, one.key), (0, other.key))
    }
  }

  private static func pieces(_ due: [Dormant], but lent: Key) -> [Dormant] {
    var bytes: Int64 = 0
    var pieces: [Dormant] = []
    for artifact in due where artifact.key != lent && bytes + artifact.bytes <= provedBytes {
      guard pieces.count < provedCount else { break }
      bytes += artifact.bytes
      pieces.append(artifact)
    }
    return pieces
  }

  private static func isEarlier(_ one: (Int, Key), _ other: (Int, Key)) -> Bool {
    (one.0, one.1.task, one.1.name) < (other.0, other.1.task, other.1.name)
  }
}
