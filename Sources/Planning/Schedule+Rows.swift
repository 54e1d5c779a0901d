import Model

// What a schedule remembers of each task.
extension Schedule {
  /// One a task, so its size counts: what is rare lies in a box, and counts are short.
  struct Row: Sendable {
    var state: TaskState = .blocked
    var settlement: Settlement = .open
    var isSelected = true
    var isAdmitted = false
    /// Skipped because it cannot run; comes back when its needs do.
    var isOvertaken = false
    /// The next change is told even if the state is the same as before.
    var isReset = false
    var isRecompute = false
    /// Needs that have not settled, and needs that settled without success.
    var openNeeds: Int32 = 0
    var failedNeeds: Int32 = 0
    var attempts: Int32 = 0
    var interruptions: Int32 = 0
    /// Tells the newest entry of a heap from older ones of the same task.
    var stamp: UInt32 = 0
    var readySeconds = 0.0
    var reason: String?
    var note: String?
    var hold: Hold?
    var backoff: Delay?
  }

  /// What a task means to its dependents.
  enum Settlement: Sendable { case open, success, failure }

  indirect enum Hold: Sendable, Equatable {
    case person(String)
    /// Set aside by the file or by a limit; the run does not wait for it.
    case aside(String, canRelease: Bool)
    /// Cannot go on before a person has decided.
    case undecided(String)
    /// May not begin without leave, which is asked for when all else is there.
    case gate(String)

    var state: TaskState {
      switch self {
      case .undecided, .gate: .waiting
      case .person, .aside: .held
      }
    }

    var canRelease: Bool {
      switch self {
      case .person, .undecided, .gate: true
      case .aside(_, let canRelease): canRelease
      }
    }

    var reason: String {
      switch self {
      case .person(let reason), .aside(let reason, _), .undecided(let reason), .gate(let reason):
        reason
      }
    }
  }

  indirect enum Delay: Sendable {
    case until(seconds: Double, reason: String?)

    var untilSeconds: Double {
      switch self {
      case .until(let seconds, _): seconds
      }
    }

    var reason: String? {
      switch self {
      case .until(_, let reason): reason
      }
    }
  }

  struct Entry: Sendable, Comparable {
    var priority: Int
    var ahead: Double
    var task: TaskID
    var stamp: UInt32

    static func < (a: Entry, b: Entry) -> Bool {
      if a.priority != b.priority { return a.priority < b.priority }
      if a.ahead != b.ahead { return a.ahead < b.ahead }
      if a.task != b.task { return a.task > b.task }
      return a.stamp < b.stamp
    }
  }

  struct Wake: Sendable, Comparable {
    var seconds: Double
    var task: TaskID

    static func < (a: Wake, b: Wake) -> Bool { (a.seconds, a.task) < (b.seconds, b.task) }
  }
}

extension Schedule.Row {
  mutating func end(_ state: TaskState, _ settlement: Schedule.Settlement, _ reason: String?) {
    self.state = state
    self.settlement = settlement
    self.reason = reason
  }
}
