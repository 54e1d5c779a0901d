import Execution
import Model
import Synchronization

/// The journal over all sessions of a story; it says no, or Cairn dies in it, where the story says so.
final class SimulatedJournal: FactStore {
  private struct Shelf {
    var facts: [Fact] = []
    /// Appends that `newBatches` has not returned yet.
    var batches: [[Fact]] = []
    var appends = 0
    var crash: Story.Crash?
    /// How the session was ended by a fault.
    var fault: Story.Crash.Way?
  }

  private let shelf = Mutex(Shelf())

  var facts: [Fact] { shelf.withLock { $0.facts } }
  var fault: Story.Crash.Way? { shelf.withLock { $0.fault } }

  /// Begins a session that ends at the given fault, if it gets that far.
  func begin(_ crash: Story.Crash?) {
    shelf.withLock { shelf in
      shelf.appends = 0
      shelf.crash = crash
      shelf.fault = nil
    }
  }

  func newBatches() -> [[Fact]] {
    shelf.withLock { shelf in
      defer { shelf.batches = [] }
      return shelf.batches
    }
  }

  /// A death in an append is thrown too: the engine does nothing behind that, as it would when dead.
  func append(_ facts: [Fact], run: Int) throws(JournalProblem) {
    let fault = shelf.withLock { shelf -> Story.Crash.Way? in
      if let fault = shelf.fault { return fault }
      shelf.appends += 1
      if let crash = shelf.crash, shelf.appends == crash.append { shelf.fault = crash.way }
      if shelf.fault == nil || shelf.fault == .killedBehind {
        shelf.facts += facts
        shelf.batches.append(facts)
      }
      return shelf.fault
    }
    if fault != nil { throw JournalProblem(.storage, "cannot write") }
  }

  func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact] {
    shelf.withLock { Array($0.facts.filter { $0.sequence > sequence }.prefix(limit)) }
  }
}
