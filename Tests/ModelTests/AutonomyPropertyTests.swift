import Foundation
import Glibc
import Model
import Testing

/// The properties of the autonomy score, on runs made up by chance; each failure names its seed.
@Suite("The autonomy score of any run")
struct AutonomyPropertyTests {
  /// A tenth by default, all of them with `CAIRN_SOAK=1`.
  static let seeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 1_000 : 100))

  private static func story(_ seed: UInt64) -> (AutonomyStory, SeededGenerator) {
    var random = SeededGenerator(state: seed)
    return (AutonomyStory(using: &random), random)
  }

  /// Rounding of sums in another order.
  private static let rounding = 1e-9

  private static func areAlike(_ one: AutonomyScore?, _ other: AutonomyScore?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.units == other.units && one.incidents == other.incidents
      && [\AutonomyScore.value, \.low, \.untouched, \.timely, \.recovered].allSatisfy {
        abs(one[keyPath: $0] - other[keyPath: $0]) < rounding
      }
  }

  @Test("lies within its bounds", arguments: seeds)
  func bounds(seed: UInt64) {
    guard let score = Self.story(seed).0.score else { return }
    #expect(0 <= score.low && score.low <= score.value && score.value <= 1)
    for part in [score.untouched, score.timely, score.recovered, score.untouchedByTime ?? 0] {
      #expect((0...1).contains(part))
    }
    #expect(score.recoveries <= score.incidents)
  }

  @Test("is never raised by one more act of a person, or a severer one", arguments: seeds)
  func acts(seed: UInt64) {
    var (story, random) = Self.story(seed)
    guard let before = story.score else { return }
    let task = Int.random(in: 0..<story.tasks.count, using: &random)
    var last = before.value
    for request in AutonomyStory.weighing {
      var touched = story
      touched.tasks[task].acts.append(AutonomyStory.person(request, at: 5))
      let value = touched.score?.value ?? 0
      #expect(value <= last + Self.rounding)
      last = value
    }
    story.acts.append(AutonomyStory.runAct(&random))
    #expect((story.score?.value ?? 0) <= before.value + Self.rounding)
  }

  @Test("is never lowered where a failure becomes an unattended success", arguments: seeds)
  func success(seed: UInt64) {
    var (story, _) = Self.story(seed)
    guard let before = story.score,
      let task = story.tasks.firstIndex(where: { $0.ending != .done && !$0.tries.isEmpty })
    else { return }
    story.tasks[task].ending = .done
    story.tasks[task].acts = []
    story.tasks[task].tries[story.tasks[task].tries.count - 1].outcome = .success
    guard let after = story.score else { return }
    #expect(after.value >= before.value - Self.rounding)
  }

  @Test("does not depend on the order of the tasks", arguments: seeds)
  func permutation(seed: UInt64) {
    var (story, random) = Self.story(seed)
    let before = story.score
    story.tasks.shuffle(using: &random)
    let after = story.score
    #expect(Self.areAlike(before, after))
  }

  @Test("is a function of the log: read again, twice over or from a checkpoint", arguments: seeds)
  func replay(seed: UInt64) throws {
    var (story, random) = Self.story(seed)
    let facts = story.facts
    let state = AutonomyStory.fold(facts)
    #expect(AutonomyTally(AutonomyStory.fold(facts)) == AutonomyTally(state))
    let again = facts.flatMap { fact in [fact, fact] + facts.prefix(fact.sequence).suffix(3) }
    #expect(AutonomyStory.fold(again) == state)
    let cut = Int.random(in: 2...facts.count, using: &random)
    let head = AutonomyStory.fold(Array(facts.prefix(cut)))
    let data = try JSONEncoder().encode(head.checkpoint)
    let checkpoint = try JSONDecoder().decode(RunState.Checkpoint.self, from: data)
    var resumed = try #require(RunState(checkpoint, graphFacts: Array(facts.prefix(2))))
    for fact in facts.dropFirst(cut) { resumed.apply(fact) }
    #expect(AutonomyReport(resumed) == AutonomyReport(state))
  }

  /// R's point value is (recovered + 1) / (incidents + 1), which doubling moves towards the share that
  /// was recovered; where all were, it is 1 either way.
  @Test("keeps its value when everything happened twice, and is surer of it", arguments: seeds)
  func doubling(seed: UInt64) {
    let (story, _) = Self.story(seed)
    guard let once = story.score else { return }
    var doubled = story
    doubled.tasks += story.tasks.map { task in
      var copy = task
      copy.name += "'"
      return copy
    }
    guard let twice = doubled.score else {
      Issue.record("twice what counts is nothing")
      return
    }
    #expect(abs(once.untouched - twice.untouched) < Self.rounding)
    #expect(abs(once.timely - twice.timely) < Self.rounding)
    #expect(twice.units == 2 * once.units)
    let isPlain = once.recoveries == once.incidents
    #expect(!isPlain || abs(once.value - twice.value) < Self.rounding)
    #expect(!isPlain || twice.low >= once.low)
    #expect(!isPlain || once.untouched == 0 || twice.low > once.low)
    #expect(twice.recovered <= once.recovered + Self.rounding)
  }

  @Test("is the bound's limit", arguments: seeds)
  func limit(seed: UInt64) throws {
    let tally = Self.story(seed).0.tally
    guard let first = AutonomyScore(tally), first.untouched > 0.1 else { return }
    var gap = Double.infinity
    for factor in [1, 8, 64, 512] {
      let credits = tally.units.flatMap { Array(repeating: $0.credit, count: factor) }
      let score = AutonomyScore(
        credits: credits, busySeconds: tally.busySeconds, waitedSeconds: tally.blockedSeconds,
        incidents: 0, recoveries: 0)
      #expect(score.low <= score.value && score.value - score.low < gap)
      gap = score.value - score.low
    }
    #expect(gap < 0.05)
  }

  @Test("is not changed by what is too short to count", arguments: seeds)
  func noOps(seed: UInt64) {
    var (story, random) = Self.story(seed)
    let before = story.tally
    for index in 0..<5 {
      var task = AutonomyStory.plain(
        "no-op-\(index)", from: .random(in: 0...100, using: &random), seconds: 0.02)
      task.hasOutput = false
      if index == 0 { task.acts = [AutonomyStory.person(AutonomyStory.weighing[0])] }
      story.tasks.append(task)
    }
    let after = story.tally
    #expect(after.tooShort == before.tooShort + 5)
    #expect(Self.areAlike(AutonomyScore(before), AutonomyScore(after)))
  }

  /// An act on the run is charged to a tenth of the units, of which splitting makes more: that can only
  /// raise A, and is left out where the mean by time has to stay as it is.
  @Test("is not lowered by splitting a task that nobody touched", arguments: seeds)
  func splitUntouched(seed: UInt64) {
    var (story, random) = Self.story(seed)
    if seed.isMultiple(of: 2) { story.acts = [] }
    let tally = story.tally
    guard let before = story.score,
      let unit = tally.units.first(where: {
        let task = story.tasks[$0.task.index]
        return $0.credit == 1 && task.hasOutput && task.tries.count == 1
      })
    else { return }
    let whole = story.tasks[unit.task.index]
    let middle = Double.random(in: whole.tries[0].from...whole.tries[0].to, using: &random)
    story.tasks[unit.task.index].tries[0].to = middle
    var rest = AutonomyStory.plain("rest", from: middle, seconds: whole.tries[0].to - middle)
    rest.endSeconds = whole.tries[0].to
    story.tasks.append(rest)
    guard let after = story.score else { return }
    #expect(after.value >= before.value - Self.rounding)
    let byTime = abs((after.untouchedByTime ?? 0) - (before.untouchedByTime ?? 0))
    #expect(!story.acts.isEmpty || byTime < Self.rounding)
  }

  @Test("by time is not changed by splitting a touched task; by task it is", arguments: seeds)
  func splitTouched(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let others = (0..<Int.random(in: 1...20, using: &random)).map { _ in
      Double.random(in: 1...50, using: &random)
    }
    let seconds = Double.random(in: 2...50, using: &random)
    let cut = seconds * Double.random(in: 0.1...0.9, using: &random)
    func score(_ touched: [(Double, Double)]) -> AutonomyScore {
      AutonomyScore(
        credits: others.map { _ in 1 } + touched.map(\.0), seconds: others + touched.map(\.1),
        busySeconds: 1, waitedSeconds: 0, incidents: 0, recoveries: 0)
    }
    let whole = score([(0.5, seconds)])
    let halves = score([(0.5, cut), (0.5, seconds - cut)])
    let byTime = try #require(whole.untouchedByTime)
    #expect(abs(byTime - (halves.untouchedByTime ?? 0)) < Self.rounding)
    #expect(score([(0.5, cut), (1, seconds - cut)]).untouched > whole.untouched)
    #expect(whole.isUneven == (abs(byTime - whole.untouched) > 0.05))
  }

  @Test("is explained to the last bit: its losses add up to what it lacks", arguments: seeds)
  func losses(seed: UInt64) throws {
    let report = AutonomyReport(Self.story(seed).0.state)
    guard let score = report.score else { return }
    #expect(report.losses.allSatisfy { $0.amount > 0 })
    #expect(abs(report.losses.reduce(0) { $0 + $1.amount } - (1 - score.value)) < Self.rounding)
    #expect(zip(report.losses, report.losses.dropFirst()).allSatisfy { $0.amount >= $1.amount })
    let split = score.split()
    #expect(
      abs(split.untouched + split.timely + split.recovered - (1 - score.value)) < Self.rounding)
  }

  @Test("of an agent or a class is made of its own tasks, and all of them count", arguments: seeds)
  func groups(seed: UInt64) throws {
    let report = AutonomyReport(Self.story(seed).0.state)
    guard let score = report.score else { return }
    for groups in [report.window.byWorker, report.window.byClass] {
      #expect(groups.reduce(0) { $0 + $1.score.units } == score.units)
      let mean = groups.reduce(0) { $0 + $1.score.untouched * Double($1.score.units) }
      #expect(abs(mean / Double(score.units) - score.untouched) < Self.rounding)
    }
    let worker = try #require(report.window.byWorker.first).score
    #expect(worker.recoveries == score.recoveries)
    #expect(
      report.window.units.reduce(0) { $0 + $1.score.busyShareSeconds }
        <= report.tally.busySeconds + Self.rounding)
  }
}
