import Model

// What has to be done with files and changes nothing in the run: only its end waits for it.
extension Engine {
  /// Does something on a lane; what it has to tell becomes notices.
  func chore(lane: Int, _ work: @escaping @Sendable () -> [Fact.Notice]) {
    chores += 1
    effects.append(
      .job(lane: lane) { [weak self] in
        let notices = work()
        self?.post(.tidied(notices))
      })
  }

  func tidied(_ notices: [Fact.Notice]) {
    chores -= 1
    for notice in notices { record(.notice(notice)) }
  }

  /// Tells the engine of a write that was refused, from any thread.
  package nonisolated func tell(_ trespass: SlotTrespass) { post(.trespassed(trespass)) }

  func trespassed(_ trespass: SlotTrespass) {
    let writer = graph.task(named: trespass.task)?.id
    let holder = attempts.first { $0.value.place.slot == trespass.slot && $0.key != writer }?.key
    let place = trespass.slot.map { "slot \($0)" } ?? "the folder of slots"
    let whose = holder.map { ", which task \"\(graph[$0].name)\" has" } ?? ""
    record(
      .notice(
        Fact.Notice(
          .slotTrespassed, "refused, \"\(trespass.path)\" in \(place)\(whose)", task: writer)))
  }

  /// Deals with the log of a process that has ended: writes a long one anew without its middle.
  func settleLog(_ attempt: EngineAttempt, _ exit: ProcessExit) {
    let task = attempt.task
    if let problem = exit.outputProblem {
      record(.notice(Fact.Notice(code: "log.lost", text: problem, task: task)))
    }
    let cap = context.limits.logCap
    guard exit.outputProblem == nil, exit.outputBytes > cap.bytes else { return }
    let stream: LogReference.Stream = attempt.stage == .verifying ? .verify : .output
    let path = artifacts.log(attempt.place.task, attempt: attempt.number, stream: stream).path
    chore(lane: attempt.place.slot) { [logs] in
      do throws(WorkspaceProblem) { try logs.settle(path, to: cap) } catch {
        return [Fact.Notice(code: "log.unsettled", text: error.description, task: task)]
      }
      return []
    }
  }
}

/// A process to be looked at, and the file that its output goes to.
struct EngineSample: Sendable {
  var task: TaskID
  var process: StartedProcess
  var log: String

  /// Looks at all, shortens what is too long, and returns in `endless` what stays too long.
  static func take(
    _ running: [EngineSample], _ executor: any Executor, _ logs: any LogStore,
    _ limits: EngineContext.Limits
  ) -> (rows: [TaskID: Signals.TaskSample], endless: [TaskID]) {
    let rows = executor.sample(running.map(\.process))
    var endless: [TaskID] = []
    for (sample, row) in zip(running, rows)
    where row.outputBytes > min(limits.logCap.bytes, limits.outputBytes) {
      // A log that cannot be opened was moved meanwhile, because its process has ended.
      let result = try? logs.trim(sample.log, to: limits.logCap)
      if result == .unsupported, row.outputBytes > limits.outputBytes {
        endless.append(sample.task)
      }
    }
    let pairs = zip(running, rows).map { ($0.task, $1) }
    return (Dictionary(pairs, uniquingKeysWith: { first, _ in first }), endless)
  }
}
