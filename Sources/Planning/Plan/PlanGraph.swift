package import Model

/// The tasks of a graph that are still to run, as a dataflow.
///
/// Steps are the open tasks in file order; in front of them a source if something that they take lies
/// in the workspace already, and behind them a sink if something stays there at the end.
package struct PlanGraph: Sendable, Equatable {
  package let flow: Dataflow
  package let roles: [Role]
  /// By artifact of the flow.
  package let keys: [RunState.ArtifactKey]
  /// By artifact of the flow: bytes that its compressed form is expected to take; 0 where nobody knows,
  /// or where that saves too little.
  package let compressedBytes: [Int64]
  /// By artifact of the flow: whether it is the compressed form that lies there already; it goes nowhere
  /// before it is expanded.
  package let isForm: [Bool]
  /// By task: its step, -1 if it is not open.
  package let steps: [Int32]
  /// By step: whether it may run again for its artifacts' sake, so that they may be dropped before that;
  /// what stays to the end is never dropped.
  package let isPure: [Bool]
  /// What lies in the workspace though nobody needs it any more, with its bytes.
  package let surplus: [Surplus]
  /// What nobody reads and nothing keeps, with what is counted for it: scratch of its task, which goes
  /// when that ends; under "" what its slot is expected to hold.
  package let unread: [RunState.ArtifactKey: Int64]
  /// Whether something stays to the end for no other reason than that a task may be tried again.
  package let keepsForRetry: Bool
  /// Artifacts of open tasks whose size nobody declared and no earlier run tells.
  package let guesses: Int
  /// nil: each step takes one worker and nothing else.
  let claims: StepClaims?

  package struct Surplus: Sendable, Equatable {
    package var key: RunState.ArtifactKey
    package var bytes: Int64
    /// What its task made before, which runs again; it goes when the new one takes its place.
    package var isOld = false
  }

  /// What a step of the flow stands for.
  package enum Role: Sendable, Equatable {
    case task(TaskID)
    /// Brings an artifact back that an earlier plan spilled.
    case restore(RunState.ArtifactKey)
    /// Brings an artifact back that an earlier plan compressed.
    case expand(RunState.ArtifactKey)
    /// What lies in the workspace before the first step.
    case source
    /// What stays there behind the last.
    case sink

    package var task: TaskID? {
      guard case .task(let task) = self else { return nil }
      return task
    }
  }

  /// What becomes of a task in the session that is planned.
  package enum Standing: UInt8, Sendable {
    case open, done
    /// Takes no part, and counts on its inputs in a later one.
    case absent
    /// Has failed, or cannot run or was skipped: its inputs stay for a retry while the rest fits.
    case failed
  }

  /// What is known of a graph before it is planned.
  package struct Subject: Sendable {
    package var graph: TaskGraph
    /// One a task.
    package var standings: [Standing]
    /// Expected run time of each task.
    package var seconds: [Double]
    /// Bytes that each task's slot is expected to hold; empty is none.
    package var scratchBytes: [Int64] = []
    /// Sizes of artifacts that lie in the workspace.
    package var lying = ArtifactTable<Int64>()
    /// Sizes of artifacts that lie on the spill file system and not in the workspace.
    package var spilled = ArtifactTable<Int64>()
    /// Artifacts that lie compressed in the workspace.
    package var compressed = ArtifactTable<Compressed>()
    /// Bytes of the compressed form over those of the whole, as far as samples tell.
    package var compressedShares = ArtifactTable<Double>()
    /// Sizes that earlier runs tell, where the file tells none.
    package var learned = ArtifactTable<Int64>()
    /// Stands in for sizes that nobody knows.
    package var guessBytes: Int64 = 64 << 20
    /// What tasks take their claims of; nil: each takes one worker and nothing else.
    package var room: MachineRoom?

    /// Guesses unknown sizes at half as much; only what is known can make a budget impossible.
    ///
    /// `share` is a smaller part that is known to be needed. Returns false if nothing is left to guess.
    package mutating func halveGuess(atLeastTo share: Double = 0.5) -> Bool {
      guard guessBytes > 1 else { return false }
      let less = Int64(Double(guessBytes) * min(0.5, share))
      guessBytes = less < Self.leastGuessBytes ? 1 : less
      return true
    }

    /// Smallest guess but one: half of it is a byte, for what has none is in no plan.
    private static let leastGuessBytes: Int64 = 1 << 12

    package init(
      _ graph: TaskGraph, standings: [Standing]? = nil, seconds: [Double]? = nil
    ) {
      self.graph = graph
      self.standings =
        standings ?? graph.tasks.map { $0.isRemoved ? .absent : .open }
      self.seconds = seconds ?? graph.tasks.map { _ in 1 }
    }
  }

  /// - Parameters:
  ///   - subject: What is known of the graph.
  ///   - keepsForRetry: Whether what only failed tasks would still read stays to the end; else it is
  ///     surplus.
  /// - Complexity: O((tasks + needs) · log degree).
  package init(_ subject: Subject, keepsForRetry: Bool = true) {
    var assembly = PlanAssembly(subject, keepsForRetry: keepsForRetry)
    assembly.assemble()
    flow = Dataflow(steps: assembly.rows, artifacts: assembly.artifacts)
    roles = assembly.roles
    keys = assembly.keys
    let isForm = assembly.keys.indices.map { index in
      // What lies there compressed is the source's as a form alone.
      subject.compressed[assembly.keys[index]] != nil && assembly.artifacts[index].producer == 0
    }
    self.isForm = isForm
    compressedBytes = assembly.keys.indices.map { index in
      isForm[index]
        ? 0 : subject.compressedBytes(assembly.keys[index], of: assembly.artifacts[index].bytes)
    }
    steps = assembly.steps
    let keepers = Set(assembly.kept.map(\.producer))
    isPure = assembly.roles.indices.map { step in
      guard let task = assembly.roles[step].task else { return false }
      return subject.graph[task].isRecomputable && !keepers.contains(step)
    }
    guesses = assembly.guesses
    claims = StepClaims(assembly.roles, of: subject.graph, in: subject.room)
    surplus = assembly.surplus
    unread = assembly.unread
    self.keepsForRetry = assembly.hasKeptForRetry
  }
}

extension PlanGraph {
  /// Returns the open steps in the sequence of an earlier plan; in front of them what that did not have.
  ///
  /// A task that stands there several times counts where it stands first. What lies on the spill file
  /// system comes back in front of its first reader, and not before.
  ///
  /// - Complexity: O(steps · log steps + edges).
  package func order(following tasks: [TaskID]) -> [Int32] {
    var place = Array(repeating: -1, count: steps.count)
    for (index, task) in tasks.enumerated() where place[task.index] < 0 {
      place[task.index] = index
    }
    var rank = roles.map { role -> Int in
      switch role {
      case .task(let task): place[task.index]
      case .source, .restore, .expand: -1
      case .sink: .max
      }
    }
    for (step, role) in roles.enumerated() {
      switch role {
      case .restore, .expand: break
      case .task, .source, .sink: continue
      }
      let readers = flow.outputs[step].flatMap { flow.consumers[Int($0)] }
      rank[step] = readers.map { rank[Int($0)] }.min() ?? -1
    }
    return flow.order(by: rank)
  }
}

/// Puts the rows of a plan's dataflow together.
private struct PlanAssembly {
  let subject: PlanGraph.Subject
  let links: TaskGraph.Links
  var rows: [Dataflow.Step] = []
  var artifacts: [Dataflow.Artifact] = []
  var roles: [PlanGraph.Role] = []
  var keys: [RunState.ArtifactKey] = []
  var steps: [Int32]
  var guesses = 0
  var surplus: [PlanGraph.Surplus] = []
  /// What stays to the end.
  var kept: [(key: RunState.ArtifactKey, bytes: Int64, producer: Int, consumers: [Int])] = []
  var unread: [RunState.ArtifactKey: Int64] = [:]
  private let keepsForRetry: Bool
  private(set) var hasKeptForRetry = false
  /// Whether any task of the graph takes an output: what none does is a product.
  private var isNeeded: [Bool]
  /// Consumers of each output of the graph.
  private var readers: [[Int]]
  /// Whether a task takes an output that has neither run nor will, or one that has failed.
  private var isAwaited: [Bool]
  private var isRetried: [Bool]
  /// Where the outputs of each task begin.
  private let offsets: [Int]

  init(_ subject: PlanGraph.Subject, keepsForRetry: Bool) {
    self.subject = subject
    self.keepsForRetry = keepsForRetry
    links = subject.graph.links()
    steps = Array(repeating: -1, count: subject.graph.tasks.count)
    var offsets = [0]
    for task in subject.graph.tasks {
      offsets.append(offsets[offsets.count - 1] + task.outputs.count)
    }
    self.offsets = offsets
    readers = Array(repeating: [], count: offsets[offsets.count - 1])
    isAwaited = Array(repeating: false, count: readers.count)
    isRetried = isAwaited
    isNeeded = isAwaited
  }

  private var graph: TaskGraph { subject.graph }

  mutating func assemble() {
    let hasSource = !subject.lying.isEmpty || !subject.compressed.isEmpty
    if hasSource { add(.source, Dataflow.Step()) }
    number(from: rows.count)
    for task in graph.tasks where subject.standings[task.id.index] == .open { add(task) }
    if hasSource {
      for step in rows.indices.dropFirst() where rows[step].after.isEmpty { rows[step].after = [0] }
    }
    for task in graph.tasks { readInputs(of: task) }
    for task in graph.tasks {
      for (index, output) in task.outputs.enumerated() {
        let key = RunState.ArtifactKey(task: task.id, name: output.name)
        if steps[task.id.index] >= 0,
          let bytes = subject.lying[key] ?? subject.compressed[key]?.bytes
        {
          surplus.append(PlanGraph.Surplus(key: key, bytes: bytes, isOld: true))
        }
        guard let (bytes, producer) = place(task, output, key, at: offsets[task.id.index] + index)
        else { continue }
        let consumers = readers[offsets[task.id.index] + index]
        if stays(task, output, at: offsets[task.id.index] + index) {
          kept.append((key, bytes, producer, consumers))
        } else if !consumers.isEmpty {
          add(key, bytes, producer, consumers)
        } else if steps[task.id.index] < 0 {
          surplus.append(PlanGraph.Surplus(key: key, bytes: bytes))
        } else {
          rows[producer].scratchBytes += bytes
          unread[key] = bytes
        }
      }
    }
    guard !kept.isEmpty else { return }
    let sink = rows.count
    add(.sink, Dataflow.Step(after: ends))
    for artifact in kept {
      add(artifact.key, artifact.bytes, artifact.producer, artifact.consumers + [sink])
    }
  }

  /// Steps that nobody comes behind.
  private var ends: [Int] {
    var isEnd = Array(repeating: true, count: rows.count)
    for row in rows { for step in row.after { isEnd[step] = false } }
    for artifact in artifacts where !artifact.consumers.isEmpty { isEnd[artifact.producer] = false }
    return isEnd.indices.filter { isEnd[$0] }
  }

  /// A task may need one that stands behind it in the file, so all are numbered first.
  private mutating func number(from first: Int) {
    var next = Int32(first)
    for index in steps.indices where subject.standings[index] == .open {
      steps[index] = next
      next += 1
    }
  }

  private mutating func add(_ role: PlanGraph.Role, _ step: Dataflow.Step) {
    roles.append(role)
    rows.append(step)
  }

  private mutating func add(_ task: TaskGraph.Task) {
    let before = links.predecessors[task.id.index].filter { subject.standings[$0.index] == .open }
    var step = Dataflow.Step(seconds: subject.seconds[task.id.index])
    if !subject.scratchBytes.isEmpty {
      step.scratchBytes = subject.scratchBytes[task.id.index]
      unread[RunState.ArtifactKey(task: task.id, name: "")] = step.scratchBytes
    }
    step.after = before.map { Int(steps[$0.index]) }
    add(.task(task.id), step)
  }

  private mutating func add(
    _ key: RunState.ArtifactKey, _ bytes: Int64, _ producer: Int, _ consumers: [Int]
  ) {
    guard bytes > 0 else { return }
    keys.append(key)
    artifacts.append(Dataflow.Artifact(bytes: bytes, producer: producer, consumers: consumers))
  }

  /// Notes who takes what; a task may stand in front of one that it needs in the file.
  private mutating func readInputs(of task: TaskGraph.Task) {
    let standing = subject.standings[task.id.index]
    guard !task.isRemoved else { return }
    for need in task.needs {
      let outputs = graph[need.task].outputs
      for index in outputs.indices
      where need.artifact == nil || outputs[index].name == need.artifact {
        let at = offsets[need.task.index] + index
        isNeeded[at] = true
        switch standing {
        case .done: break
        case .absent: isAwaited[at] = true
        case .failed: isRetried[at] = true
        case .open:
          if readers[at].last != Int(steps[task.id.index]) {
            readers[at].append(Int(steps[task.id.index]))
          }
        }
      }
    }
  }

  /// Size and producer of an artifact that lies in the workspace or will; nil for others.
  ///
  /// What was spilled is brought back for who reads it and where it stays to the end, not for a task
  /// that takes no part.
  private mutating func place(
    _ task: TaskGraph.Task, _ output: TaskGraph.Output, _ key: RunState.ArtifactKey, at: Int
  ) -> (bytes: Int64, producer: Int)? {
    if steps[task.id.index] >= 0 {
      if let bytes = subject.learned[key] ?? output.expectedBytes {
        return (bytes, Int(steps[task.id.index]))
      }
      guesses += 1
      return (subject.guessBytes, Int(steps[task.id.index]))
    }
    if let bytes = subject.lying[key] { return (bytes, 0) }
    if let form = subject.compressed[key] {
      let isWanted = !readers[at].isEmpty || isKept(task, output, at: at)
      return isWanted ? expanded(form, key) : (form.bytes, 0)
    }
    guard let bytes = subject.spilled[key], !readers[at].isEmpty || isKept(task, output, at: at)
    else { return nil }
    add(.restore(key), Dataflow.Step())
    return (bytes, rows.count - 1)
  }

  /// The form lies there from the beginning; what only a retry would read stays as it is.
  private mutating func expanded(
    _ form: PlanGraph.Compressed, _ key: RunState.ArtifactKey
  ) -> (bytes: Int64, producer: Int) {
    add(.expand(key), Dataflow.Step())
    add(key, form.bytes, 0, [rows.count - 1])
    return (form.wholeBytes, rows.count - 1)
  }

  /// Whether it lies in the workspace when all has run.
  private mutating func stays(
    _ task: TaskGraph.Task, _ output: TaskGraph.Output, at index: Int
  ) -> Bool {
    if isAwaited[index] || isKept(task, output, at: index) { return true }
    guard keepsForRetry, isRetried[index] else { return false }
    hasKeptForRetry = true
    return true
  }

  private func isKept(
    _ task: TaskGraph.Task, _ output: TaskGraph.Output, at index: Int
  ) -> Bool { task.keeps(output, isNeeded: isNeeded[index]) }
}
