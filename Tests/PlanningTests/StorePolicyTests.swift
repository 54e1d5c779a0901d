import Model
import Testing

@testable import Planning

@Suite("when a run lends, and what") struct StorePolicyTests {
  private static let kernel: Int64 = 128 << 10
  private static let budget: Int64 = 64 << 20

  private static func key(_ task: Int) -> StorePolicy.Key {
    StorePolicy.Key(task: TaskID(task), name: "out")
  }

  /// One that can be had again, of some MiB, whose reader is so far away.
  private static func dormant(
    _ task: Int, _ mebibytes: Int64 = 4, at distance: Double = 1, canBeHad: Bool = true
  ) -> StorePolicy.Dormant {
    StorePolicy.Dormant(
      key: key(task), bytes: mebibytes << 20, canBeHad: canBeHad, distance: distance)
  }

  private static func policy(knowing tasks: Range<Int> = 0..<8) -> StorePolicy {
    var policy = StorePolicy(leastBytes: kernel, from: 0)
    policy.looked(Dictionary(uniqueKeysWithValues: tasks.map { (key($0), true) }))
    return policy
  }

  private static func loan(
    _ policy: inout StorePolicy, _ dormant: [StorePolicy.Dormant], free: Int64 = 5 << 20,
    at seconds: Double = 5
  ) -> StorePolicy.Loan? {
    guard
      case .lend(let loan) = policy.decide(
        free: free, of: budget, at: seconds, dormant: { dormant })
    else { return nil }
    return loan
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var free: Int64 = 5 << 20
    var dormant: [StorePolicy.Dormant]
    var lent: Int?
    var proved: [Int] = []
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a tenth is free", free: budget / 10 + 1,
      dormant: [dormant(0), dormant(1)]),
    Case(
      testDescription: "less is free", free: budget / 10, dormant: [dormant(0), dormant(1)],
      lent: 0, proved: [1]),
    Case(
      testDescription: "more is taken than there is", free: -1,
      dormant: [dormant(0), dormant(1)], lent: 0, proved: [1]),
    Case(testDescription: "nothing lies still", dormant: []),
    Case(testDescription: "one alone has nothing to prove", dormant: [dormant(0)]),
    Case(
      testDescription: "none can be had again",
      dormant: [dormant(0, canBeHad: false), dormant(1, canBeHad: false)]),
    Case(
      testDescription: "what cannot be had again is proved",
      dormant: [dormant(0, canBeHad: false), dormant(1)], lent: 1, proved: [0]),
    Case(
      testDescription: "the farthest reader", dormant: [dormant(0, 9), dormant(1, at: 7)],
      lent: 1, proved: [0]),
    Case(
      testDescription: "a product has no reader",
      dormant: [dormant(0, at: 9), dormant(1, at: .infinity)], lent: 1, proved: [0]),
    Case(
      testDescription: "the largest of two as far", dormant: [dormant(0, 3), dormant(1, 4)],
      lent: 1, proved: [0]),
    Case(
      testDescription: "too small for the borrower", dormant: [dormant(0, 0), dormant(1, 0)]),
    Case(
      testDescription: "no more than the bound is read",
      dormant: [dormant(0, at: 9), dormant(1, 200), dormant(2, 100), dormant(3, 56)],
      lent: 0, proved: [1, 3]),
    Case(
      testDescription: "what is beyond the bound by itself is lent, not proved",
      dormant: [dormant(0, 257), dormant(1)], lent: 0, proved: [1]),
    Case(
      testDescription: "and nothing else is there to be proved",
      dormant: [dormant(0), dormant(1, 257, canBeHad: false)]),
  ]

  @Test("only where it is tight, with something to lend and to prove", arguments: cases)
  func decides(what: Case) {
    var policy = Self.policy()
    let loan = Self.loan(&policy, what.dormant, free: what.free)
    #expect(loan?.lent == what.lent.map(Self.key))
    #expect(loan?.proved ?? [] == what.proved.map(Self.key))
  }

  @Test("says why")
  func reason() {
    var policy = Self.policy()
    let loan = Self.loan(&policy, [Self.dormant(0), Self.dormant(1), Self.dormant(2, 2)])
    #expect(
      loan?.reason == "5 MiB of 64 MiB are free: proves 2 dormant artifacts in its memory")
    #expect(loan?.outcome == "proved 2 dormant artifacts, 6 MiB")
  }

  @Test("is asked every ten leases or five seconds, whichever comes first")
  func due() {
    var policy = Self.policy()
    #expect(!policy.isDue(at: 4.9) && policy.isDue(at: 5) && policy.dueSeconds == 5)
    for lease in 1...10 {
      policy.lease()
      #expect(policy.isDue(at: 0) == (lease == 10))
    }
    _ = policy.decide(free: Self.budget, of: Self.budget, at: 2) {
      Issue.record("where there is room nobody looks what lies there")
      return []
    }
    #expect(!policy.isDue(at: 6.9) && policy.isDue(at: 7))
    for _ in 1...10 { policy.lease() }
    let loan = StorePolicy.Loan(lent: Self.key(0), proved: [], provedBytes: 0, reason: "")
    policy.ended(loan, at: 8, isProved: true)
    #expect(!policy.isDue(at: 12.9) && policy.isDue(at: 13), "who waited for it comes first")
  }

  @Test("what is proved is not proved again before it is made again; the oldest goes first")
  func proves() throws {
    var policy = Self.policy()
    for task in [3, 2, 1] { policy.arrived(Self.key(task)) }
    policy.looked([Self.key(1): true, Self.key(2): true, Self.key(3): true])
    let all = [
      Self.dormant(0, at: 9), Self.dormant(1, 100), Self.dormant(2, 100), Self.dormant(3, 100),
    ]
    let first = try #require(Self.loan(&policy, all))
    #expect(first.proved == [3, 2].map(Self.key))
    policy.ended(first, at: 5, isProved: true)
    let second = try #require(Self.loan(&policy, all))
    #expect(second.proved == [Self.key(1)])
    policy.ended(second, at: 5, isProved: true)
    #expect(Self.loan(&policy, all) == nil)
    policy.arrived(Self.key(2))
    #expect(Self.loan(&policy, all)?.proved == [Self.key(2)])
  }

  @Test("asks the disk for what may be lent, the farthest first, and goes on at once")
  func looks() {
    var policy = Self.policy(knowing: 0..<0)
    let all = (0..<20).map { Self.dormant($0, at: Double($0)) }
    let free: Int64 = 1
    var looked: [StorePolicy.Key] = []
    while case .look(let keys) = policy.decide(
      free: free, of: Self.budget, at: 5, dormant: { all })
    {
      #expect(policy.isDue(at: 5), "a look is no decision")
      #expect(keys.count <= StorePolicy.looks)
      looked += keys
      policy.looked(Dictionary(uniqueKeysWithValues: keys.map { ($0, $0 == Self.key(6)) }))
    }
    #expect(looked == (4..<20).reversed().map(Self.key))
    #expect(Self.loan(&policy, all)?.lent == Self.key(6))
  }

  @Test("a loan proves no more artifacts than it may")
  func count() {
    var policy = Self.policy()
    let many = (1...StorePolicy.provedCount + 1).map { number in
      StorePolicy.Dormant(key: Self.key(number), bytes: 0, canBeHad: false, distance: 1)
    }
    let loan = Self.loan(&policy, [Self.dormant(0)] + many)
    #expect(loan?.proved == (1...StorePolicy.provedCount).map(Self.key))
  }

  @Test("gives up when loans come to nothing")
  func failures() throws {
    var policy = Self.policy()
    let loan = try #require(Self.loan(&policy, [Self.dormant(0), Self.dormant(1)]))
    policy.ended(loan, at: 50, isProved: false, isCounted: false)
    for failure in 1...StorePolicy.maximumFailures {
      #expect(policy.isDue(at: 100))
      policy.ended(loan, at: 50, isProved: false)
      #expect(policy.failures == failure)
    }
    #expect(!policy.isDue(at: 1_000) && policy.dueSeconds == nil)
  }
}
