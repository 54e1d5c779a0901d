import Model
import Synchronization

/// A run whose facts a test says.
final class ScriptedRun: RunSource {
  private struct State {
    var facts: [Fact] = []
    var hasEnded = false
    var requests: [(request: Request, actor: Actor)] = []
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextReader = 0
  }

  private let state = Mutex(State())
  static let log = Array("stone\npebble\nSTONE again\n".utf8)

  var requests: [(request: Request, actor: Actor)] { state.withLock { $0.requests } }
  /// Readers that wait for a fact now.
  var waitingReaders: Int { state.withLock { $0.waiting.count } }
  var facts: [Fact] { state.withLock { $0.facts } }

  func say(_ text: String, times: Int = 1) {
    change { state in
      for _ in 0..<times {
        state.facts.append(
          Fact(
            sequence: state.facts.count + 1, session: 1,
            elapsedSeconds: Double(state.facts.count), wallTime: 1,
            kind: .notice(Fact.Notice(code: "test", text: text))))
      }
    }
  }

  func end() { change { $0.hasEnded = true } }

  private func change(_ body: (inout State) -> Void) {
    let waiting = state.withLock { state in
      body(&state)
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume() }
  }

  func facts(after sequence: Int) async -> [Fact] {
    while true {
      let (batch, hasEnded) = state.withLock { (Array($0.facts.dropFirst(sequence)), $0.hasEnded) }
      if !batch.isEmpty || hasEnded || Task.isCancelled { return batch }
      await wait(behind: sequence)
    }
  }

  private func wait(behind sequence: Int) async {
    let reader = state.withLock { state in
      defer { state.nextReader += 1 }
      return state.nextReader
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          guard state.facts.count <= sequence, !state.hasEnded, !Task.isCancelled else {
            return false
          }
          state.waiting[reader] = continuation
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: reader) }?.resume()
    }
  }

  func signals() async -> Signals {
    Signals(
      tasks: [
        TaskID(3): Signals.TaskSample(
          residentBytes: 5, cpuSeconds: 0.5, processes: 2, outputBytes: 7,
          progress: OutputProgress(share: 0.5, source: .count, done: 2, total: 4))
      ],
      elapsedSeconds: 42)
  }

  func window(_ log: LogReference, at position: LogPosition) async -> LogWindow {
    guard log.task == TaskID(1) else {
      return LogWindow(
        offset: 0, bytes: [UInt8](repeating: 0xFF, count: LogWindow.maximumBytes), totalBytes: 1,
        problem: "\(log.stream) of \(log.attempt) at \(position)")
    }
    return LogWindow(offset: 0, bytes: Self.log, totalBytes: Int64(Self.log.count))
  }

  func find(_ text: String, in log: LogReference, from offset: Int64, backwards: Bool) async
    -> Int64?
  {
    text == "pebble" && !backwards ? offset + 6 : nil
  }

  func send(_ request: Request, by actor: Actor) async -> Answer {
    state.withLock { $0.requests.append((request, actor)) }
    return request == .hold ? .accepted : .refused(reason: "only holds are taken")
  }
}
