import Model
import Testing

@Suite("The reuse meter") struct ReuseMeterTests {
  @Test func bytesThatFillAFreedPlaceAreRecycled() {
    var meter = ReuseMeter()
    #expect(meter.factor == nil)
    #expect(meter.bestFactor == nil)
    meter.grow(100)
    #expect(meter.factor == 0)
    meter.free(100)
    meter.grow(60)
    #expect(meter.footprintBytes == 60)
    #expect(meter.peakBytes == 100)
    #expect(meter.askedBytes == 160)
    #expect(meter.freshBytes == 100)
    #expect(meter.recycledBytes == 60)
    #expect(meter.factor == 60.0 / 160)
    #expect(meter.freshBytes(growingBy: 50) == 10)
  }

  @Test func scratchCountsOnlyWhileItIsHeld() {
    var meter = ReuseMeter()
    meter.grow(10)
    meter.release(scratch: 30)
    #expect(meter.footprintBytes == 10)
    #expect(meter.peakBytes == 40)
    meter.release(scratch: 30)
    #expect(meter.freshBytes == 40)
    #expect(meter.recycledBytes == 30)
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func freshBytesAreThePeakAndTheFactorNeverPassesTheBest(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    var meter = ReuseMeter()
    var live: [Int64] = []
    for _ in 0..<200 {
      switch Int.random(in: 0..<3, using: &generator) {
      case 0:
        live.append(Int64.random(in: 1...1000, using: &generator))
        meter.grow(live[live.count - 1])
      case 1: meter.release(scratch: Int64.random(in: 1...500, using: &generator))
      default: if let bytes = live.popLast() { meter.free(bytes) }
      }
      #expect(meter.footprintBytes == live.reduce(0, +))
      #expect(meter.freshBytes == meter.peakBytes)
    }
    let factor = try #require(meter.factor)
    let best = try #require(meter.bestFactor)
    #expect(factor <= best + 1e-12)
    #expect((0...1).contains(factor))
  }
}

@Suite("The autonomy score") struct AutonomyScoreTests {
  private func score(
    _ credits: [Double], busy: Double = 10, waited: Double = 0, incidents: Int = 0,
    recoveries: Int = 0
  ) -> AutonomyScore {
    AutonomyScore(
      credits: credits, busySeconds: busy, waitedSeconds: waited, incidents: incidents,
      recoveries: recoveries)
  }

  @Test func aRunThatNeededNobodyScoresOneButClaimsLess() {
    let one = score([1])
    #expect(one.value == 1)
    #expect(one.low < 0.6)
    let many = score(Array(repeating: 1, count: 1000))
    #expect(many.value == 1)
    #expect(many.low > 0.99 && many.low < 1)
  }

  @Test func nothingDeliveredScoresNothing() {
    #expect(score([0, 0]).value == 0)
    #expect(score([0, 0]).low == 0)
  }

  @Test func theExponentsAreThoseOfTheDefinition() {
    let waiting = score([1, 1], busy: 30, waited: 10)
    #expect(waiting.timely == 0.75)
    #expect(abs(waiting.value - 0.944087511294) < 1e-9)
    let halved = score([1, 0])
    #expect(abs(halved.value - 0.659753955386) < 1e-9)
    let failing = score([1], incidents: 3, recoveries: 1)
    #expect(failing.recovered == 0.5)
    #expect(abs(failing.value - 0.870550563296) < 1e-9)
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func boundsHoldAndNoInterventionHelps(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    let count = Int.random(in: 1...30, using: &generator)
    let credits = (0..<count).map { _ in Double(Int.random(in: 0...2, using: &generator)) / 2 }
    let incidents = Int.random(in: 0...10, using: &generator)
    let recoveries = Int.random(in: 0...incidents, using: &generator)
    let waited = Double.random(in: 0...20, using: &generator)
    let base = score(credits, waited: waited, incidents: incidents, recoveries: recoveries)
    #expect(0 <= base.low && base.low <= base.value && base.value <= 1)
    var touched = credits
    touched[0] = max(0, touched[0] - 0.5)
    #expect(
      score(touched, waited: waited, incidents: incidents, recoveries: recoveries).value
        <= base.value)
    #expect(
      score(credits, waited: waited + 1, incidents: incidents, recoveries: recoveries).value
        <= base.value)
    #expect(
      score(credits, waited: waited, incidents: incidents + 1, recoveries: recoveries).value
        <= base.value)
    #expect(
      score(credits + credits, waited: waited, incidents: incidents, recoveries: recoveries).low
        >= base.low - 1e-12)
  }
}
