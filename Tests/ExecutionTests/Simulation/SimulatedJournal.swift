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
    var time: SimulatedTime?
    var hasReserve = false
    /// Appends for which the reserve that was given up has room.
    var roomAppends = 0
  }

  private let shortages: [Story.Shortage]
  private let shelf = Mutex(Shelf())

  init(_ story: Story) { shortages = story.shortages }

  var facts: [Fact] { shelf.withLock { $0.facts } }
  var fault: Story.Crash.Way? { shelf.withLock { $0.fault } }

  /// Begins a session that ends at the given fault, if it gets that far.
  func begin(_ crash: Story.Crash?, _ time: SimulatedTime) {
    shelf.withLock { shelf in
      shelf.appends = 0
      shelf.crash = crash
      shelf.fault = nil
      shelf.time = time
    }
  }

  /// Appends what is told between two sessions.
  func tell(_ kinds: [Fact.Kind]) {
    shelf.withLock { shelf in
      guard let last = shelf.facts.last, !kinds.isEmpty else { return }
      let facts = kinds.enumerated().map { index, kind in
        Fact(
          sequence: last.sequence + 1 + index, session: last.session,
          elapsedSeconds: last.elapsedSeconds, wallTime: last.wallTime, kind: kind)
      }
      shelf.facts += facts
      shelf.batches.append(facts)
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
    let problem = shelf.withLock { take(facts, &$0, needsRoom: true) }
    if let problem { throw problem }
  }

  /// Has room on a full disk; behind a death in it, the append that follows is refused.
  func save(_ facts: [Fact], run: Int) -> Bool {
    shelf.withLock { take(facts, &$0, needsRoom: false) == nil }
  }

  private func take(_ facts: [Fact], _ shelf: inout Shelf, needsRoom: Bool) -> JournalProblem? {
    let refused = JournalProblem(.storage, "cannot write")
    guard shelf.fault == nil else { return refused }
    shelf.appends += 1
    if let crash = shelf.crash, shelf.appends == crash.append { shelf.fault = crash.way }
    guard shelf.fault == nil || shelf.fault == .killedBehind else { return refused }
    guard !needsRoom || takesRoom(&shelf) else {
      return shelf.fault == nil ? JournalProblem(.passing, "the disk is full") : refused
    }
    shelf.facts += facts
    shelf.batches.append(facts)
    return shelf.fault == nil ? nil : refused
  }

  func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact] {
    shelf.withLock { Array($0.facts.filter { $0.sequence > sequence }.prefix(limit)) }
  }
}

// Room on the disk.
extension SimulatedJournal {
  private func shortage(_ shelf: Shelf) -> Story.Shortage? {
    guard let moment = shelf.time?.seconds else { return nil }
    return shortages.first { $0.isThere(at: moment) }
  }

  private func takesRoom(_ shelf: inout Shelf) -> Bool {
    guard shortage(shelf) != nil else { return true }
    guard shelf.roomAppends > 0 else { return false }
    shelf.roomAppends -= 1
    return true
  }

  func takeReserve() -> Bool {
    shelf.withLock { shelf in
      shelf.hasReserve = shelf.hasReserve || shortage(shelf) == nil
      return shelf.hasReserve
    }
  }

  func releaseReserve() -> Bool {
    shelf.withLock { shelf in
      guard shelf.hasReserve else { return false }
      shelf.hasReserve = false
      shelf.roomAppends = shortage(shelf)?.reserveAppends ?? 0
      return true
    }
  }
}
