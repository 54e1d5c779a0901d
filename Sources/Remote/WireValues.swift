import Foundation
import Model

// Values of the Model that are no facts, in the shape in which they travel.

struct WireLog: Codable, Equatable {
  var task: TaskID
  var attempt: Int
  var stream: String

  init(_ log: LogReference) {
    task = log.task
    attempt = log.attempt
    stream = log.stream.rawValue
  }

  /// An unknown stream is the output.
  var value: LogReference {
    LogReference(
      task: task, attempt: max(0, attempt), stream: LogReference.Stream(rawValue: stream) ?? .output
    )
  }
}

/// `{}`, `{"offset": n}` or `{"before": n}`.
struct WirePosition: Codable, Equatable {
  var offset: Int64?
  var before: Int64?

  init(_ position: LogPosition) {
    switch position {
    case .end: break
    case .offset(let value): offset = value
    case .before(let value): before = value
    }
  }

  var value: LogPosition {
    if let offset { return .offset(max(0, offset)) }
    return before.map { .before(max(0, $0)) } ?? .end
  }
}

struct WireWindow: Codable, Equatable {
  var offset: Int64
  /// Base64 in JSON.
  var bytes: Data
  var totalBytes: Int64
  var problem: String?
  var beginsBehindGap: Bool?
  var endsAtGap: Bool?

  init(_ window: LogWindow) {
    offset = window.offset
    bytes = Data(window.bytes)
    totalBytes = window.totalBytes
    problem = window.problem
    beginsBehindGap = window.beginsBehindGap ? true : nil
    endsAtGap = window.endsAtGap ? true : nil
  }

  var value: LogWindow {
    var window = LogWindow(
      offset: offset, bytes: Array(bytes), totalBytes: totalBytes, problem: problem)
    window.beginsBehindGap = beginsBehindGap ?? false
    window.endsAtGap = endsAtGap ?? false
    return window
  }
}

struct WireSignals: Codable, Equatable {
  struct Row: Codable, Equatable {
    var task: TaskID
    var residentBytes: Int64
    var cpuSeconds: Double
    var processes: Int
    var outputBytes: Int64
    /// nil from a task that says nothing, and from an older Cairn.
    var progress: OutputProgress?
  }

  var tasks: [Row]
  var elapsedSeconds: Double?
  var problem: String?

  init(_ signals: Signals) {
    tasks = signals.tasks.sorted { $0.key < $1.key }.map { task, sample in
      Row(
        task: task, residentBytes: sample.residentBytes, cpuSeconds: sample.cpuSeconds,
        processes: sample.processes, outputBytes: sample.outputBytes, progress: sample.progress)
    }
    elapsedSeconds = signals.elapsedSeconds
    problem = signals.problem
  }

  var value: Signals {
    let rows = tasks.map { row in
      (
        row.task,
        Signals.TaskSample(
          residentBytes: row.residentBytes, cpuSeconds: row.cpuSeconds, processes: row.processes,
          outputBytes: row.outputBytes, progress: row.progress)
      )
    }
    return Signals(
      tasks: Dictionary(rows, uniquingKeysWith: { first, _ in first }),
      elapsedSeconds: elapsedSeconds, problem: problem)
  }
}
