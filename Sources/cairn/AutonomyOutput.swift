import Model

/// `cairn autonomy --json`: a contract, see the README.
struct AutonomyOutput: Encodable {
  var cairn = Fact.version
  var run: Int
  var target: Double
  /// The score in words, or why there is none.
  var words: String
  @OrNull var score: Score?
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
    @OrNull var score: Score?
    var byAgent: [Group]
    var byClass: [Group]

    init(_ window: AutonomyWindow, _ target: Double) {
      runs = window.runs
      score = window.score.map { Score($0, target) }
      byAgent = window.byWorker.map { Group($0, target) }
      byClass = window.byClass.map { Group($0, target) }
    }
  }

  struct Run: Encodable {
    var run: Int
    /// Nanoseconds since 1970, UTC.
    var startWallNanoseconds: Int64
    @OrNull var score: Score?
    var tooShort: Int
    /// Tasks that a person acted on.
    var touched: Int

    init(_ record: AutonomyRecord, _ target: Double) {
      run = record.run
      startWallNanoseconds = record.startWallTime
      score = record.score.map { Score($0, target) }
      (tooShort, touched) = (record.tooShort, record.touched)
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
