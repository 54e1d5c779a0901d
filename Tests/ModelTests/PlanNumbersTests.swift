import Model
import Testing

@Suite("Numbers of a plan") struct PlanNumbersTests {
  /// n equal artifacts of `bytes`, and a peak of some of them.
  private static func equal(
    _ count: Int, of bytes: Int64 = 10, peak: Int64, bound: Int64? = nil, floor: Int64? = nil
  ) -> PlanNumbers {
    PlanNumbers(
      peakBytes: peak * bytes, keepAllBytes: Int64(count) * bytes, artifactCount: count,
      boundBytes: (bound ?? peak) * bytes, floorBytes: (floor ?? 2) * bytes)
  }

  @Test func theGapIsWhatTheBoundLeavesOpen() {
    #expect(Self.equal(100, peak: 12, bound: 10).gap.map { ($0 * 100).rounded() } == 20)
    #expect(Self.equal(100, peak: 10, bound: 10).gap == 0)
    #expect(Self.equal(100, peak: 6, bound: 8).gap == -0.25)
    #expect(Self.equal(100, peak: 10, bound: 0).gap == nil)
  }

  @Test func savingIsAgainstKeepingEverything() {
    #expect(Self.equal(100, peak: 25).saving == 0.75)
    #expect(Self.equal(100, peak: 100).saving == 0)
    #expect(Self.equal(0, peak: 0).saving == nil)
  }

  @Test func theFloorHoldsForEveryMethod() {
    #expect(Self.equal(100, peak: 3, floor: 2).floorRatio == 1.5)
    #expect(Self.equal(100, peak: 3, floor: 0).floorRatio == nil)
  }

  @Test(arguments: [2, 64, 1_000, 1_000_000])
  func keepingEverythingHasExponentOne(count: Int) {
    #expect(Self.isNear(Self.equal(count, peak: Int64(count)).exponent, 1))
  }

  @Test func theExponentIsAHalfAtTheRootAndZeroAtOneArtifact() {
    #expect(Self.isNear(Self.equal(400, peak: 20).exponent, 0.5))
    #expect(Self.equal(400, peak: 1).exponent == 0)
  }

  @Test func oneArtifactOrNoneHasNoExponent() {
    #expect(Self.equal(1, peak: 1).exponent == nil)
    #expect(Self.equal(0, peak: 0).exponent == nil)
    #expect(Self.equal(9, peak: 0).exponent == nil)
    #expect(Self.equal(0, peak: 0).rootRatio == nil)
  }

  @Test func theRootIsMetOrMissed() throws {
    let met = try #require(Self.equal(400, peak: 20).rootRatio)
    #expect(met.value == 1)
    #expect(met.verdict == .met)
    let missed = try #require(Self.equal(400, peak: 21, bound: 20).rootRatio)
    #expect(missed.value == 1.05)
    #expect(missed.verdict == .missed)
  }

  @Test func theRootIsNotClaimedWhereItSaysNothing() {
    func verdict(_ numbers: PlanNumbers) -> PlanNumbers.Verdict? { numbers.rootRatio?.verdict }
    #expect(verdict(Self.equal(63, peak: 2)) == .notApplicable(.fewArtifacts))
    #expect(verdict(Self.equal(64, peak: 2)) == .met)
    #expect(verdict(Self.equal(100, peak: 20, floor: 11)) == .notApplicable(.oneTaskAbove))
    #expect(verdict(Self.equal(100, peak: 20, bound: 11)) == .notApplicable(.provedUnreachable))
    // A run with recompute may be below the bound of orders without: it is still no √n of the graph.
    #expect(verdict(Self.equal(100, peak: 9, bound: 11)) == .notApplicable(.provedUnreachable))
    #expect("\(PlanNumbers.Reason.fewArtifacts)" == "under 64 artifacts")
  }

  @Test(arguments: [1, 3, 1_000, 1 << 30] as [Int64])
  func scalingAllBytesChangesNothing(factor: Int64) {
    let one = Self.equal(100, of: 7, peak: 30, bound: 8, floor: 5)
    let scaled = Self.equal(100, of: 7 * factor, peak: 30, bound: 8, floor: 5)
    #expect(Self.isNear(one.gap, scaled.gap))
    #expect(Self.isNear(one.saving, scaled.saving))
    #expect(Self.isNear(one.floorRatio, scaled.floorRatio))
    #expect(Self.isNear(one.exponent, scaled.exponent))
    #expect(Self.isNear(one.rootRatio?.value, scaled.rootRatio?.value))
    #expect(one.rootRatio?.verdict == scaled.rootRatio?.verdict)
  }

  /// A sweep back over n states that keeps √n of them and as many again between two of those.
  @Test(arguments: [100, 10_000, 1_000_000])
  func aSweepBackByRootsIsWithinTwiceTheRootAndTheWork(count: Int) throws {
    let root = Int64(Double(count).squareRoot())
    let numbers = Self.equal(count, peak: 2 * root - 1)
    #expect(try #require(numbers.rootRatio?.value) <= 2)
    let executed = 2 * Double(count) - Double(root) - 1
    let work = PlanNumbers.workFactor(executedSeconds: executed, graphSeconds: Double(count - 1))
    #expect(try #require(work) <= 2)
  }

  @Test func workIsWhatWasExecutedOverWhatThereWas() {
    #expect(PlanNumbers.workFactor(executedSeconds: 30, graphSeconds: 20) == 1.5)
    #expect(PlanNumbers.workFactor(executedSeconds: 0, graphSeconds: 0) == nil)
  }

  private static func isNear(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return abs(one - other) <= 1e-12 * max(abs(one), abs(other), 1)
  }
}
