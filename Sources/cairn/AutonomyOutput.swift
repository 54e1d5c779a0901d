import Model

/// `cairn autonomy --json`: a contract, see the README.
struct AutonomyOutput: Encodable {
  var cairn = Fact.version
  var run: Int
  var target: Double
  /// The score in words, or why there is none.
  var words: String
  var score: Score?
  /// Tasks that ran for less than 50 ms and left nothing.
  var tooShort: Int
  var busySeconds: Double
  var blockedSeconds: Double
  /// What 1 − A was lost to, the largest first; their amounts add up to it.
  var lost: [Loss]
  var byAgent: [Group]
  var byClass: [Group]
  var lastTasks: Window
  /// Run by run, the newest first.
  var history: [Run]
  var lessons: [Lesson]

  init(_ report: AutonomyReport, _ history: AutonomyHistory) {
    run = report.record.run
    target = report.target
    words = report.words
    score = report.score.map { Score($0, report.target) }
    tooShort = report.tally.tooShort
    busySeconds = report.tally.busySeconds
    blockedSeconds = report.tally.blockedSeconds
    lost = report.losses.map(Loss.init)
    byAgent = report.window.byWorker.map { Group($0, report.target) }
    byClass = report.window.byClass.map { Group($0, report.target) }
    lastTasks = Window(AutonomyWindow(history), report.target)
    self.history = history.records.map { Run($0, report.target) }
    lessons = history.lessons.map(Lesson.init)
  }

  private enum Key: String, CodingKey {
    case cairn, run, target, words, score, tooShort, busySeconds, blockedSeconds, lost, byAgent
    case byClass, lastTasks, history, lessons
  }

  /// A score that there is not is null, not absent.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(cairn, forKey: .cairn)
    try container.encode(run, forKey: .run)
    try container.encode(target, forKey: .target)
    try container.encode(words, forKey: .words)
    try container.encode(score, forKey: .score)
    try container.encode(tooShort, forKey: .tooShort)
    try container.encode(busySeconds, forKey: .busySeconds)
    try container.encode(blockedSeconds, forKey: .blockedSeconds)
    try container.encode(lost, forKey: .lost)
    try container.encode(byAgent, forKey: .byAgent)
    try container.encode(byClass, forKey: .byClass)
    try container.encode(lastTasks, forKey: .lastTasks)
    try container.encode(history, forKey: .history)
    try container.encode(lessons, forKey: .lessons)
  }
}

extension AutonomyOutput {
  struct Score: Encodable {
    var value: Double
    var low: Double
    var untouched: Double
    /// Weighted by duration; absent where no task took any time.
    var untouchedByTime: Double?
    /// The two differ by more than 0.05.
    var isUneven: Bool
    var timely: Double
    var recovered: Double
    var tasks: Int
    var incidents: Int
    var recoveries: Int
    /// `low` has reached the target.
    var isClaimed: Bool

    init(_ score: AutonomyScore, _ target: Double) {
      (value, low) = (score.value, score.low)
      (untouched, untouchedByTime) = (score.untouched, score.untouchedByTime)
      isUneven = score.isUneven
      (timely, recovered) = (score.timely, score.recovered)
      (tasks, incidents, recoveries) = (score.units, score.incidents, score.recoveries)
      isClaimed = score.claims(target)
    }
  }

  struct Loss: Encodable {
    var amount: Double
    var factor: AutonomyLoss.Factor
    var tasks: [String]
    /// Verbs of the acts, in the order in which they came.
    var acts: [String]
    var words: String

    init(_ loss: AutonomyLoss) {
      (amount, factor, tasks, acts) = (loss.amount, loss.factor, loss.tasks, loss.acts)
      words = loss.what
    }
  }

  struct Group: Encodable {
    var name: String
    var score: Score

    init(_ group: AutonomyGroup, _ target: Double) {
      name = group.name
      score = Score(group.score, target)
    }
  }

  struct Window: Encodable {
    var limit = AutonomyRecord.windowUnits
    var runs: Int
    var score: Score?
    var byAgent: [Group]
    var byClass: [Group]

    init(_ window: AutonomyWindow, _ target: Double) {
      runs = window.runs
      score = window.score.map { Score($0, target) }
      byAgent = window.byWorker.map { Group($0, target) }
      byClass = window.byClass.map { Group($0, target) }
    }

    private enum Key: String, CodingKey { case limit, runs, score, byAgent, byClass }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(limit, forKey: .limit)
      try container.encode(runs, forKey: .runs)
      try container.encode(score, forKey: .score)
      try container.encode(byAgent, forKey: .byAgent)
      try container.encode(byClass, forKey: .byClass)
    }
  }

  struct Run: Encodable {
    var run: Int
    /// Nanoseconds since 1970, UTC.
    var startWallNanoseconds: Int64
    var score: Score?
    var tooShort: Int
    /// Tasks that a person acted on.
    var touched: Int

    init(_ record: AutonomyRecord, _ target: Double) {
      run = record.run
      startWallNanoseconds = record.startWallTime
      score = record.score.map { Score($0, target) }
      (tooShort, touched) = (record.tooShort, record.touched)
    }

    private enum Key: String, CodingKey { case run, startWallNanoseconds, score, tooShort, touched }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(run, forKey: .run)
      try container.encode(startWallNanoseconds, forKey: .startWallNanoseconds)
      try container.encode(score, forKey: .score)
      try container.encode(tooShort, forKey: .tooShort)
      try container.encode(touched, forKey: .touched)
    }
  }

  struct Lesson: Encodable {
    var taskClass: String
    var kind: AutonomyLesson.Kind
    var runs: Int
    var ofRuns: Int
    var words: String

    init(_ lesson: AutonomyLesson) {
      (taskClass, kind) = (lesson.taskClass, lesson.kind)
      (runs, ofRuns) = (lesson.cases, lesson.runs)
      words = lesson.words
    }
  }
}
