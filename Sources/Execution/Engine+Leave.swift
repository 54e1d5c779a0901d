import Model
import Planning

// What waits for a person: an attempt that asks on its terminal, and an agent's work that counts only when
// somebody has looked at it.
//
//     running ──asked──▶ asks (waiting) ──goesOn──▶ running
//     verified ──park──▶ parked ──shown──▶ waiting ──approve──▶ sealing
//                                              └──reject──▶ failed, or tried again with words
extension Engine {
  /// How long an attempt waits for a person where nobody sits in front of the run, in seconds: somebody
  /// may answer from another terminal.
  static let patienceSeconds = 15.0

  private var patienceEnd: Double? {
    config.isAttended == true ? nil : now + Self.patienceSeconds
  }

  /// The executor has seen that a process asks something, or by nil that it goes on; from its thread.
  package nonisolated func tellQuestion(_ process: StartedProcess, _ words: String?) {
    post(.asked(process, words))
  }

  func asked(_ process: StartedProcess, _ words: String?) {
    guard let task = attempts.first(where: { $0.value.process == process })?.key,
      var attempt = attempts[task], attempt.fate == nil
    else { return }
    let question = words.map { EnginePrompt.plain(Array($0.utf8)) }
    guard question != attempt.question else { return }
    attempt.question = question
    attempt.patienceSeconds = question == nil ? nil : patienceEnd
    attempt.setClock(isStopped: question != nil, at: now)
    attempts[task] = attempt
    if !attempt.isFrozen { tellQuestion(of: task) }
  }

  /// Says whether the attempt of a task waits for an answer or runs.
  func tellQuestion(of task: TaskID) {
    guard let attempt = attempts[task] else { return }
    if let question = attempt.question {
      schedule.waits(task, TaskStatus.asks + question, isParked: false, at: now)
    } else {
      schedule.thawed(task, isVerifying: attempt.stage == .verifying, at: now)
    }
  }

  /// The work of an attempt is done and proved; counts at once, unless somebody has to look at it.
  func accept(_ task: TaskID, _ outcome: Outcome) {
    guard var attempt = attempts[task], attempt.place.task.awaitsLeave, outcome.isSuccess else {
      return conclude(task, outcome)
    }
    attempt.enter(.parked, at: now)
    attempt.leave = EngineLeave(outcome: outcome)
    attempts[task] = attempt
    let place = attempt.place
    let path = artifacts.log(place.task, attempt: place.attempt, stream: .changes).path
    effects.append(
      .job(lane: place.slot) { [artifacts, logs, weak self] in
        let count = EngineLeave.show(place, at: path, artifacts, logs)
        self?.post(.shown(task, attempt: place.attempt, files: count))
      })
  }

  /// What a person is to look at lies in the logs.
  func shown(_ task: TaskID, _ number: Int, files: Result<Int, WorkspaceProblem>) {
    guard var attempt = attempts[task], attempt.number == number, attempt.leave != nil else {
      return
    }
    attempt.leave?.isShown = true
    attempt.patienceSeconds = patienceEnd
    attempts[task] = attempt
    if let fate = attempt.fate { return conclude(task, fate) }
    schedule.waits(task, EngineLeave.words(files), isParked: true, at: now)
  }

  /// Nobody is there, and nobody answered from elsewhere.
  func giveUpWaiting() {
    let due = attempts.filter { ($0.value.patienceSeconds ?? .infinity) <= now }.keys.sorted()
    for task in due {
      attempts[task]?.patienceSeconds = nil
      guard let attempt = attempts[task] else { continue }
      let words = attempt.question.map { "asked \"\($0)\"" } ?? "waited for approval"
      end(task, Outcome(.question, message: "\(words), and nobody was there to answer"))
    }
  }
}

// Requests.
extension Engine {
  func approve(_ tasks: [TaskID]) throws(Schedule.Refusal) {
    try decide(tasks) { task in
      conclude(task, attempts[task]?.leave?.outcome ?? Outcome(.success))
    } others: { schedule, rest throws(Schedule.Refusal) in
      try schedule.approve(rest)
    }
  }

  func reject(
    _ tasks: [TaskID], words: String?, by name: String
  ) throws(Schedule.Refusal) {
    if words != nil,
      let task = tasks.first(where: {
        graph.tasks.indices.contains($0.index) && !graph[$0].isPrompt
      })
    {
      throw Schedule.Refusal(
        "\(graph[task].name) is a command and cannot be told anything: approve or reject it")
    }
    let outcome =
      words.map { Outcome(.revised, message: "told by \(name): \($0)") }
      ?? Outcome(.rejected, message: "rejected by \(name)")
    try decide(tasks) { task in
      conclude(task, outcome)
    } others: { schedule, rest throws(Schedule.Refusal) in
      words == nil
        ? try schedule.reject(rest, reason: "rejected by \(name)") : try schedule.approve(rest)
    }
  }

  /// Decides about what is parked here, and leaves the others to the schedule.
  private func decide(
    _ tasks: [TaskID], parked: (TaskID) -> Void,
    others: (inout Schedule, [TaskID]) throws(Schedule.Refusal) -> Void
  ) throws(Schedule.Refusal) {
    let waiting = tasks.filter { attempts[$0]?.leave?.isShown == true }
    let rest = tasks.filter { attempts[$0] == nil }
    if waiting.isEmpty, rest.isEmpty, let task = tasks.first {
      let asks = attempts[task]?.question != nil
      throw Schedule.Refusal(
        "\(graph[task].name) \(asks ? "asks something: answer it" : "runs and waits for no leave")")
    }
    do throws(Schedule.Refusal) {
      if !rest.isEmpty || waiting.isEmpty { try others(&schedule, rest) }
    } catch {
      if waiting.isEmpty { throw error }
    }
    for task in waiting { parked(task) }
  }

  /// Types the text and an end of line; returns what the log may say of it.
  func answer(_ task: TaskID, _ text: String?) throws(Schedule.Refusal) -> Request {
    guard graph.tasks.indices.contains(task.index) else {
      throw Schedule.Refusal("there is no task \(task)")
    }
    let name = graph[task].name
    guard let process = attempts[task]?.process else {
      throw Schedule.Refusal("\(name) does not run")
    }
    guard attempts[task]?.isFrozen != true else { throw Schedule.Refusal("\(name) is paused") }
    let text = text ?? ""
    guard text.utf8.count <= Self.maximumAnswerBytes else {
      throw Schedule.Refusal("an answer has at most \(Self.maximumAnswerBytes) bytes")
    }
    let isShown = executor.echoes(process)
    let line = Array(text.utf8) + [UInt8(ascii: "\r")]
    guard executor.write(line, to: process) == line.count else {
      throw Schedule.Refusal("\(name) has no terminal that takes an answer")
    }
    return .answer(task, text: isShown ? text : nil)
  }

  /// The kernel takes no longer line from a terminal.
  private static let maximumAnswerBytes = 4_000
}

/// The work of an attempt that counts only when somebody has looked at it.
struct EngineLeave: Sendable {
  /// How the attempt ends then.
  var outcome: Outcome
  /// What there is to look at lies in the logs, and the task is known to wait.
  var isShown = false

  /// Most of what is shown of the changes.
  static let maximumBytes = 1 << 20

  /// Writes what the attempt changed; returns in how many files.
  static func show(
    _ place: AttemptPlace, at path: String, _ artifacts: any ArtifactStore, _ logs: any LogStore
  ) -> Result<Int, WorkspaceProblem> {
    Result { () throws(WorkspaceProblem) in
      guard let changes = try artifacts.changes(place) else { return -1 }
      var bytes = Array(changes.text.prefix(maximumBytes))
      if bytes.count < changes.text.count {
        bytes += Array("\n[\(changes.text.count - bytes.count) more bytes]\n".utf8)
      }
      try logs.write(bytes, to: path)
      return changes.files
    }
  }

  static func words(_ files: Result<Int, WorkspaceProblem>) -> String {
    switch files {
    case .success(let count) where count < 0: "approve its work"
    case .success(let count): "approve its work: \(count) file\(count == 1 ? "" : "s") changed"
    case .failure(let problem): "approve its work, which cannot be shown: \(problem.description)"
    }
  }
}

/// What an attempt changed in its worktree.
package struct WorktreeChanges: Sendable, Equatable {
  package var files: Int
  /// A diff, as git prints it.
  package var text: [UInt8]

  package init(files: Int, text: [UInt8]) {
    self.files = files
    self.text = text
  }
}
