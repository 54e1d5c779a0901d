import Execution
import Foundation
import Model
import Planning

/// Keeps a run and its Task Master file one: statuses go out, edits come in.
///
/// A reader of the run's facts like any other: the engine never waits for it.
struct TaskFileFollower: Sendable {
  /// Facts are gathered for so long for one write.
  private static let gathering = Duration.milliseconds(100)
  /// A save is often several; what is read then is read once.
  private static let settling = Duration.milliseconds(100)
  /// How often a file that cannot be read is tried again before that is said, and how long that takes.
  private static let readTries = 10
  private static let readPause = Duration.milliseconds(500)
  /// How often a write is tried before that is said; the pauses double up to the longest.
  private static let writeTries = 5
  private static let firstPause = Duration.milliseconds(500)
  private static let longestPause = Duration.seconds(10)
  private static let lockSeconds = 3.0
  /// Tasks that a line names; the rest is counted.
  private static let maximumNames = 5
  /// Longer than it takes until the lock of somebody who died counts no more.
  private static let lastLockSeconds = 12.0
  private static let lastPatience = Duration.seconds(2)

  private let engine: Engine
  private let file: TaskFile
  private let loaded: LoadedProject
  private let tracked: TrackedFile
  private let earlier: RunState
  private let bell: AsyncStream<Void>
  private let ringer: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - engine: The run.
  ///   - loaded: As the session began; of one without a tracked file there is nothing to follow.
  ///   - earlier: The fold of the run's earlier sessions.
  init?(_ engine: Engine, _ loaded: LoadedProject, earlier: RunState) {
    guard let tracked = loaded.tracked else { return nil }
    self.engine = engine
    self.loaded = loaded
    self.tracked = tracked
    self.earlier = earlier
    file = TaskFile(tracked)
    (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Follows the run to its end, and writes what is left to write then.
  func follow() async {
    let watch = FileWatch([tracked.path] + [tracked.origin?.path].compactMap { $0 })
    let writing = Task { await write() }
    let watching = Task { await takeEdits(watch) }
    await keepStatuses()
    watch?.stop()
    ringer.finish()
    for task in [writing, watching] {
      task.cancel()
      await task.value
    }
    await writeLast()
  }

  /// What could not be written when the run had ended, in lines.
  func remarks() async -> [String] { await file.remarks }
}

// Statuses.
extension TaskFileFollower {
  private func keepStatuses() async {
    var book = StatusBook(trustsReview: loaded.trustsReview, ours: tracked.ours)
    var run = earlier
    let standings = await file.standings
    await expect(book.reopen(run) { standings[$0] })
    while true {
      let facts = await engine.facts(after: run.sequence)
      if facts.isEmpty { break }
      var tasks: [TaskID] = []
      for fact in facts {
        run.apply(fact)
        if case .taskState(let change) = fact.kind { tasks.append(change.task) }
      }
      await expect(book.note(Set(tasks).sorted(), in: run))
    }
    await expect(book.close(run))
  }

  private func expect(_ entries: [StatusBook.Entry]) async {
    guard !entries.isEmpty else { return }
    await file.expect(entries)
    ringer.yield()
  }

  /// Writes what is expected, a wave of ends at a time, until the run has ended.
  private func write() async {
    for await _ in bell {
      try? await Task.sleep(for: Self.gathering)
      var pause = Self.firstPause
      var tries = 1
      while let problem = await problem(lockSeconds: Self.lockSeconds) {
        if tries == Self.writeTries {
          _ = await engine.tell(
            Fact.Notice(code: "file.unwritten", text: "\(problem); tried again until the end"))
        }
        tries += 1
        guard !Task.isCancelled else { return }
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, Self.longestPause)
      }
    }
  }

  private func problem(lockSeconds: Double) async -> String? {
    do {
      try await file.flush(lockWait: lockSeconds)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// A file that somebody is just writing is waited for; a lock has been by then.
  private func writeLast() async {
    let start = ContinuousClock.now
    var last = await problem(lockSeconds: Self.lastLockSeconds)
    while last != nil, ContinuousClock.now - start < Self.lastPatience {
      try? await Task.sleep(for: Self.firstPause)
      last = await problem(lockSeconds: Self.lastLockSeconds)
    }
    guard let problem = last else { return }
    let names = await file.unwritten
    let shown = names.prefix(Self.maximumNames).joined(separator: ", ")
    let more = names.count - Self.maximumNames
    await file.remark([
      "\(problem); the statuses of \(shown)\(more > 0 ? " and \(more) more" : "") are not "
        + "written; `cairn resume` does it"
    ])
  }
}

// Edits.
extension TaskFileFollower {
  private func takeEdits(_ watch: FileWatch?) async {
    var told = ""
    var origin = tracked.origin?.bytes
    await takeNews(&told)
    guard let watch else {
      _ = await engine.tell(
        Fact.Notice(code: "file.unwatched", text: "\(tracked.name) cannot be watched now"))
      return
    }
    for await _ in watch.changes {
      try? await Task.sleep(for: Self.settling)
      await lookAtOrigin(&origin)
      await takeNews(&told)
    }
  }

  /// Hands a newer version of the file to the run; one that stays unreadable is told of once.
  private func takeNews(_ told: inout String) async {
    for attempt in 1...Self.readTries {
      guard !Task.isCancelled else { return }
      let problem: String
      do {
        guard let news = try await file.news() else { return told = "" }
        switch try await engine.change(to: newer(news)) {
        case .taken:
          told = ""
          return await file.take(news)
        case .refused(let reason):
          return await tell(&told, "the run keeps the tasks that it has: \(reason)")
        case .later: problem = "nothing can be recorded"
        }
      } catch {
        problem = "\(error)"
      }
      if attempt == Self.readTries {
        await tell(&told, "\(problem); the run keeps the tasks that it has")
      } else {
        try? await Task.sleep(for: Self.readPause)
      }
    }
  }

  private func newer(_ news: TaskFile.News) throws -> NewerGraph {
    var newer = loaded
    newer.graph = news.graph
    return NewerGraph(
      graph: news.graph, fingerprints: try newer.fingerprints(), edits: news.edits,
      source: tracked.name)
  }

  private func tell(_ told: inout String, _ text: String) async {
    guard told != text else { return }
    told = text
    _ = await engine.tell(Fact.Notice(code: "file.unread", text: text))
  }

  /// What the tasks have in common was read once.
  private func lookAtOrigin(_ known: inout [UInt8]?) async {
    guard let origin = tracked.origin,
      let bytes = try? SourceText.read(origin.path, called: origin.name), bytes != known
    else { return }
    known = bytes
    guard bytes != origin.bytes else { return }
    _ = await engine.tell(
      Fact.Notice(
        code: "file.resume", text: "\(origin.name) has changed; `cairn resume` goes on with it"))
  }
}
