import Glibc
package import Model

/// Which runs' logs are too many.
enum LogRetention {
  struct Run: Equatable {
    var number: Int
    var bytes: Int64
  }

  /// Returns the runs whose logs go, the oldest first, until the rest is within both limits.
  ///
  /// `spared` runs never go; they count all the same.
  static func excess(_ runs: [Run], newest: Int, bytes: Int64, sparing spared: Set<Int>) -> [Run] {
    var count = runs.count
    var total = runs.reduce(0) { $0 + $1.bytes }
    var gone: [Run] = []
    for run in runs.sorted(by: { $0.number < $1.number }) where !spared.contains(run.number) {
      guard count > newest || total > bytes else { break }
      gone.append(run)
      count -= 1
      total -= run.bytes
    }
    return gone
  }
}

extension WorkspaceLayout {
  /// Logs of one task in one run; those between the first and the newest go.
  static let maximumAttempts = 20

  /// Deletes the logs of the oldest runs until at most so many runs and bytes are left, and says so.
  ///
  /// - Parameters:
  ///   - newest: Runs that keep their logs.
  ///   - bytes: Of all logs of the project together, allocated.
  ///   - spared: Runs that go on, or can go on, keep their logs whatever they take.
  /// - Returns: At most one line of news.
  /// - Complexity: O(logs).
  package func sweepLogs(newest: Int, bytes: Int64, sparing spared: Set<Int>) -> [Fact.Notice] {
    let runs = FileTree.plainNames(in: logs).compactMap { name -> LogRetention.Run? in
      guard let number = Int(name), let measure = try? FileTree.measure("\(logs)/\(name)") else {
        return nil
      }
      return LogRetention.Run(number: number, bytes: measure.bytes)
    }
    let gone = LogRetention.excess(runs, newest: newest, bytes: bytes, sparing: spared)
      .filter { (try? FileTree.remove("\(logs)/\($0.number)")) != nil }
    guard let first = gone.first, let last = gone.last else { return [] }
    let which = gone.count == 1 ? "run \(first.number)" : "\(gone.count) runs up to \(last.number)"
    let size = LogMarker.words(gone.reduce(0) { $0 + $1.bytes })
    return [
      Fact.Notice(code: "logs.swept", text: "deleted the logs of \(which), which took \(size)")
    ]
  }

  /// Gives a dead session's spools to the attempts that wrote them, and deletes what it left besides.
  ///
  /// For whoever holds the lock, when no process of that session lives.
  package func recoverLogs(run: Int, _ state: RunState, to cap: LogCap = LogCap()) {
    let folder = "\(logs)/\(run)"
    let writers = writers(state)
    for name in FileTree.plainNames(in: folder) {
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".part") { unlink(path) }
      guard name.hasSuffix(".spool") else { continue }
      if let writer = writers[name], !LogFile.isEmpty(path) {
        let log = log(
          run: run, task: writer.task.id, name: writer.task.name, attempt: writer.attempt,
          stream: writer.stream
        ).path
        if !LogFile.exists(log), rename(path, log) == 0 {
          try? LogFile.settle(path: log, to: cap)
          continue
        }
      }
      unlink(path)
    }
  }

  private struct Writer {
    var task: TaskGraph.Task
    var attempt: Int
    var stream: LogReference.Stream
  }

  /// By name of the spool, the attempts that have not ended.
  private func writers(_ state: RunState) -> [String: Writer] {
    var writers: [String: Writer] = [:]
    for task in state.graph.tasks {
      let status = state[task.id]
      guard let attempt = status.lastAttempt, attempt.outcome == nil, let slot = attempt.slot else {
        continue
      }
      writers["slot-\(slot).spool"] = Writer(
        task: task, attempt: attempt.number,
        stream: status.state == .verifying ? .verify : .output)
    }
    return writers
  }
}

extension Workspace {
  /// Deletes the logs of the attempt that is one too many now, and keeps the first and the newest.
  func rotateLogs(_ place: AttemptPlace) {
    let old = place.attempt - WorkspaceLayout.maximumAttempts + 1
    guard old > 1 else { return }
    for stream in [LogReference.Stream.output, .verify, .prompt, .changes] {
      unlink(log(place.task, attempt: old, stream: stream).path)
    }
  }
}

extension LogFile {
  static func isEmpty(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) != 0 || status.st_size == 0
  }
}
