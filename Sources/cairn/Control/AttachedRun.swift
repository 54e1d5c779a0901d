import Model
import Project
import Remote
import Synchronization

/// A live run as `attach` reads it: from its Cairn while that is there, then from the journal.
///
/// The journal has every fact that anybody was shown, so a Cairn that ends before its last facts were
/// read costs nothing, and logs can be read after it. One that has only dropped us, because we were
/// stopped for a while, is called again.
final class AttachedRun: RunSource {
  /// Calls after a lost connection; more means that something is wrong.
  private static let maximumCalls = 8

  private struct State {
    var live: LiveRun
    var calls = 0
  }

  let location: ProjectLocation
  private let state: Mutex<State>

  init(_ live: LiveRun, at location: ProjectLocation) {
    self.location = location
    state = Mutex(State(live: live))
  }

  var live: LiveRun { state.withLock { $0.live } }
  var history: ProjectHistory { ProjectHistory(location) }

  /// Where logs are: with the Cairn, which may have some of them in memory, or on disk.
  private var present: any RunSource {
    let live = live
    return live.source.loss == nil ? live.source : live.record.source
  }

  func facts(after sequence: Int) async -> [Fact] {
    while true {
      let live = live
      let batch = await live.source.facts(after: sequence)
      if !batch.isEmpty || Task.isCancelled { return batch }
      let written = await live.record.source.facts(after: sequence)
      if !written.isEmpty { return written }
      guard live.source.loss != nil, await callAgain() else { return [] }
    }
  }

  private func callAgain() async -> Bool {
    let isAllowed = state.withLock { state in
      state.calls += 1
      return state.calls <= Self.maximumCalls
    }
    guard isAllowed, let next = await LiveRun.connectIfAny(location) else { return false }
    return state.withLock { state in
      guard next.record.state.run == state.live.record.state.run else { return false }
      state.live = next
      return true
    }
  }

  func signals() async -> Signals { await live.source.signals() }

  func window(_ log: LogReference, at position: LogPosition) async -> LogWindow {
    await present.window(log, at: position)
  }

  func find(_ text: String, in log: LogReference, from offset: Int64, backwards: Bool) async
    -> Int64?
  {
    await present.find(text, in: log, from: offset, backwards: backwards)
  }

  /// The other Cairn is this user's, on this machine: its files can be read here.
  func place(of log: LogReference) async -> LogPlace { await live.record.source.place(of: log) }

  func send(_ request: Request, by actor: Actor) async -> Answer {
    await live.source.send(request, by: actor)
  }
}
