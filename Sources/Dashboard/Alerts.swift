import Canvas
import Model

/// Something that a person wants to hear of though they look elsewhere.
package struct Alert: Sendable, Equatable {
  /// As in `cairn release-42`.
  package var title: String
  /// As in `2 tasks failed: core, ui`.
  package var body: String
}

/// How far the run is, for a taskbar.
package struct RunProgress: Sendable, Equatable {
  package enum Look: Sendable, Equatable { case normal, failed, held }

  package var look: Look
  /// 0 to 100.
  package var percent: Int
}

/// What is told outside the picture: once per change, not too often, and nothing of the past.
struct Alerts: Sendable {
  /// Nanoseconds between two notifications; what comes meanwhile is told together.
  static let interval: Int64 = 5_000_000_000
  /// Between two titles, and two progresses.
  static let titleInterval: Int64 = 1_000_000_000
  /// A change that is older when it is heard of is no news: somebody looks at an earlier run.
  static let newsTime: Int64 = 10_000_000_000
  /// Names in one notification.
  static let nameLimit = 3

  let isOn: Bool
  /// Only terminals that report it say so; nothing is told to who looks.
  var hasFocus = false
  private(set) var failed: [TaskID] = []
  private(set) var waiting: [TaskID] = []
  private(set) var closed: Fact.RunClosed?
  private var newest: Int64 = 0
  private var lastNotice: Int64 = .min / 2
  private var lastTitle: Int64 = .min / 2
  private var title: String?
  private var progress: RunProgress?

  init(isOn: Bool) { self.isOn = isOn }

  mutating func take(_ fact: Fact) {
    guard isOn else { return }
    switch fact.kind {
    case .taskState(let change) where change.state == .failed: failed.append(change.task)
    case .taskState(let change) where change.state == .waiting: waiting.append(change.task)
    case .runClosed(let closed): self.closed = closed
    default: return
    }
    newest = fact.wallTime
  }

  /// Whether there is something to tell now; what nobody needs to hear is forgotten.
  mutating func isDue(_ now: Int64) -> Bool {
    guard closed != nil || !failed.isEmpty || !waiting.isEmpty else { return false }
    if hasFocus || now - newest > Self.newsTime {
      forget()
      return false
    }
    return closed != nil || now - lastNotice >= Self.interval
  }

  mutating func told(_ now: Int64) {
    lastNotice = now
    forget()
  }

  private mutating func forget() { (failed, waiting, closed) = ([], [], nil) }

  /// Returns what of title and progress is new; the end of a run waits for nothing.
  mutating func news(
    _ title: String, _ progress: RunProgress?, _ now: Int64, isLast: Bool
  ) -> [Effect] {
    guard isLast || now - lastTitle >= Self.titleInterval else { return [] }
    var effects: [Effect] = []
    if title != self.title { effects.append(.title(title)) }
    if progress != self.progress { effects.append(.progress(progress)) }
    (self.title, self.progress) = (title, progress)
    if !effects.isEmpty { lastTitle = now }
    return effects
  }
}

extension DashboardState {
  /// What is to be told outside the picture after what has just happened.
  mutating func alertEffects() -> [Effect] {
    guard alerts.isOn, run.opened != nil else { return [] }
    var effects = alerts.news(windowTitle, runProgress, wallTime, isLast: !isRunning)
    if alerts.isDue(wallTime) {
      effects.append(.notify(Alert(title: "cairn \(graphName)", body: alertWords)))
      alerts.told(wallTime)
    }
    return effects
  }

  private var graphName: String { SafeText(run.graph.name).string }

  /// As in `cairn 12/35, 1 failed: release-42`.
  private var windowTitle: String {
    "cairn \(run.counts[.done])/\(run.taskCount)\(worst.map { ", \($0)" } ?? ""): \(graphName)"
  }

  /// What of the run wants attention most.
  private var worst: String? {
    if run.counts[.failed] > 0 { return "\(run.counts[.failed]) failed" }
    if run.counts[.waiting] > 0 { return "\(run.counts[.waiting]) waiting" }
    if let closed = run.closed { return closed.ending.rawValue }
    return run.isHeld ? "held" : nil
  }

  private var runProgress: RunProgress? {
    guard isRunning else { return nil }
    let look: RunProgress.Look =
      run.counts[.failed] > 0 ? .failed : run.isHeld || run.counts[.waiting] > 0 ? .held : .normal
    return RunProgress(look: look, percent: Int((progressShare ?? 0) * 100))
  }

  private var alertWords: String {
    var parts: [String] = []
    if let closed = alerts.closed {
      parts.append("\(closed.ending.rawValue): \(SafeText(closed.reason).string)")
    }
    if !alerts.waiting.isEmpty { parts.append(words(alerts.waiting, "waits", "wait", "for you")) }
    if !alerts.failed.isEmpty { parts.append(words(alerts.failed, "failed", "failed", nil)) }
    return parts.joined(separator: "; ")
  }

  /// As in `core failed`, or `2 tasks wait for you: core, ui`.
  private func words(_ tasks: [TaskID], _ one: String, _ many: String, _ rest: String?) -> String {
    let tail = rest.map { " \($0)" } ?? ""
    if tasks.count == 1 { return "\(name(of: tasks[0]).string) \(one)\(tail)" }
    let names = tasks.prefix(Alerts.nameLimit).map { name(of: $0).string }.joined(separator: ", ")
    let more = tasks.count > Alerts.nameLimit ? " ..." : ""
    return "\(tasks.count) tasks \(many)\(tail): \(names)\(more)"
  }
}
