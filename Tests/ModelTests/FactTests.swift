import Foundation
import Model
import Testing

@Suite("A fact as JSON") struct FactTests {
  private static let actor = Actor(kind: .person, name: "ana@pts/3", source: "dashboard")

  private static let sampleGraph: TaskGraph = {
    var graph = TaskGraph(
      name: "g", groups: [.init(name: "s", title: "S", parent: nil)],
      agent: .init(command: ["x"], prompt: .file))
    let actions: [TaskGraph.Action] = [
      .shell(script: "x", interpreter: ["sh", "-c"]), .exec(arguments: ["a", "b"]), .prompt("do"),
      .gate,
    ]
    for (index, action) in actions.enumerated() {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: action)
      task.environment = [.init("A", "1")]
      task.outputs = [.init(name: "out", expectedBytes: 5), .init(name: "b")]
      task.exports = [.init(artifact: "out", path: "p")]
      task.keep = index == 0 ? nil : false
      if index == 2 {
        task.retries = RetryPolicy(.apart([.exit: 2, .lost: 1], others: 3), codes: [1...1, 7...9])
        task.backoff = Backoff(firstSeconds: 2, factor: 3, capSeconds: 4)
        task.limits = .init(openFiles: 5, fileSizeBytes: 6, cpuSeconds: 7)
        task.memoryBytes = 8
        task.memoryGrows = true
        task.graceSeconds = 9
        task.tty = true
        task.mayRecompute = false
        task.chain = "c"
        task.resources = ["gpu": 2, "a-1": 1]
        task.isolation = .worktree
        task.caches = ["build", "web/a b"]
      }
      if index > 0 {
        task.needs = [.init(task: TaskID(0), artifact: "out", variable: "V", folder: "n=1")]
        task.after = [TaskID(index - 1)]
      }
      graph.tasks.append(task)
    }
    return graph
  }()

  private static let kinds: [Fact.Kind] = [
    .runOpened(
      .init(
        run: 3, cairn: "1.0",
        host: .init(name: "h", cores: 2, memoryBytes: 1, diskFreeBytes: 2),
        config: RunConfig(
          jobs: 2, memoryBytes: 5, resources: ["gpu": 2], selection: .only(["a"])),
        isResumed: true, token: "t")),
    .graphDefined(.init(graph: sampleGraph, fingerprints: ["a", "b"])),
    .graphChanged(
      .init(
        added: [sampleGraph.tasks[0]], changed: [sampleGraph.tasks[1]], removed: [TaskID(2)],
        groups: [], agent: nil, fingerprints: [], source: "file")),
    .taskAdmitted(
      .init(task: TaskID(1), attempt: 2, admission: .retry, cpus: 1, memoryBytes: 7)),
    .attemptStarted(
      .init(
        task: TaskID(1), attempt: 2, pid: 77, startTime: 123_456, log: "1/a.1.log", slot: 0,
        fingerprint: "f")),
    .attemptEnded(
      .init(
        task: TaskID(1), attempt: 2,
        outcome: Outcome(.signal, status: .signal(9), message: "killed"),
        usage: Usage(userSeconds: 1.5, peakResidentBytes: 9), phases: Phases(run: 2.25))),
    .verifyEnded(.init(task: TaskID(0), attempt: 1, status: .code(1), seconds: 0.5, log: "v")),
    .taskState(.init(task: TaskID(0), state: .backoff, reason: "exit 1", untilSeconds: 8.5)),
    .artifactSealed(
      .init(task: TaskID(0), attempt: 1, artifact: "out", bytes: 4096, files: 2, digest: "d")),
    .artifactSealed(
      .init(
        task: TaskID(0), attempt: 1, artifact: "out", bytes: 4096, files: 2, digest: "d",
        compressedBytes: 512)),
    .artifactDropped(.init(task: TaskID(0), artifact: "out", bytes: 4096)),
    .artifactGrew(.init(task: TaskID(0), artifact: "out", bytes: 8192)),
    .artifactCompressed(
      .init(task: TaskID(0), artifact: "out", bytes: 512, wholeBytes: 4096, digest: "d")),
    .artifactExpanded(.init(task: TaskID(0), artifact: "out", bytes: 4096)),
    .artifactLost(.init(task: TaskID(0), artifact: "out", bytes: 4096)),
    .artifactLent(
      .init(task: TaskID(0), artifact: "out", bytes: 512, digest: "d", borrower: "verify")),
    .artifactReturned(.init(task: TaskID(0), artifact: "out", bytes: 4096, digest: "d")),
    .artifactLent(
      .init(
        task: TaskID(0), artifact: "out", bytes: 512, digest: "d", borrower: "a proof",
        reason: "1 of 64 MiB are free")),
    .artifactReturned(
      .init(task: TaskID(0), artifact: "out", bytes: 4096, reason: "proved 2")),
    .artifactExported(.init(task: TaskID(0), artifact: "out", bytes: 4096, path: "r")),
    .slotLeased(.init(slot: 1, task: TaskID(0), attempt: 1)),
    .slotKept(.init(slot: 1, task: TaskID(0), bytes: 4096)),
    .slotKept(.init(slot: 1, bytes: 0, reason: "no room")),
    .slotReleased(
      .init(slot: 1, task: TaskID(0), attempt: 1, askedBytes: 3, freshBytes: 1, recycledBytes: 2)),
    .branchOpened(.init(branch: "cairn/3", commit: "ab12")),
    .branchMerged(.init(task: TaskID(1), attempt: 2, commit: "cd", base: "ab12", files: 3)),
    .requestRefused(.init(actor: actor, request: .stepWave, reason: "no")),
    .runHeld(.init("asked")), .runContinued(.init("asked")),
    .runClosed(.init(ending: .stalled, reason: "r")),
    .notice(.init(code: "workspace.swept", text: "t", task: TaskID(1))),
    .notice(.init(code: "x", text: "t")), .unknown("moon.rose"),
  ]

  private static let requests: [Request] = [
    .pause([TaskID(1), TaskID(2)]), .resume([TaskID(1)]), .hold, .continue, .step(nil),
    .step(TaskID(3)), .stepWave, .freezeAll, .thawAll, .stop([TaskID(1)]),
    .signal([TaskID(1)], number: 15), .retry([TaskID(1)], downstream: true),
    .skip([TaskID(1)], asDone: false), .cancelRun, .killRun,
  ]

  /// As the first version wrote it, and as little as any version could.
  @Test(arguments: [
    """
    {"id":3,"name":"a","action":{"exec":["x"]},"environment":[],"needs":[],"after":[],"outputs":[],\
    "cpus":2,"memoryBytes":5,"retries":2,"backoffSeconds":3,"exports":[],"when":"always",\
    "priority":4,"inputs":[],"isPure":true,"standing":"pending","isRemoved":false,"line":6}
    """,
    #"{"id":3,"name":"a","action":{"exec":["x"]},"retries":2,"moon":"rose"}"#,
  ])
  func aTaskOfAnOlderJournalIsRead(_ text: String) throws {
    let task = try JSONDecoder().decode(TaskGraph.Task.self, from: Data(text.utf8))
    #expect(task.name == "a")
    #expect(task.retries == 2)
    #expect(task.backoff.capSeconds == Backoff.standardCapSeconds)
    #expect(task.limits == TaskGraph.Limits())
    #expect(task.resources.isEmpty)
    #expect(!task.tty && !task.memoryGrows)
    #expect(task.isolation == .slot && task.caches.isEmpty)
  }

  /// One of every kind and of every request.
  static let samples =
    kinds + hotSamples + requests.map { .requestMade(.init(actor: actor, request: $0)) }

  /// The kinds that come with every task, no field left unset.
  static let hotSamples: [Fact.Kind] = [
    .taskAdmitted(
      .init(
        task: TaskID(1), attempt: 2, admission: .retry, cpus: 1, memoryBytes: 7,
        resources: ["gpu": 1, "licence": 2])),
    .attemptStarted(
      .init(
        task: TaskID(1), attempt: 2, pid: 77, startTime: 123_456, log: "1/a\"é.1.log", slot: 3,
        fingerprint: "f")),
    .attemptEnded(
      .init(
        task: TaskID(1), attempt: 2,
        outcome: Outcome(.signal, status: .signal(9), message: "killed\n"),
        usage: .full,
        phases: Phases(queue: 0.1, prepare: 0.2, run: 2.25, verify: 3, seal: 0.5, paused: 0.75))),
    .attemptEnded(
      .init(
        task: TaskID(1), attempt: 2,
        outcome: Outcome(.exit, status: .code(-1), message: "m"),
        usage: .full,
        phases: Phases(queue: 0.1, prepare: 0.2, run: 2.25, verify: 3, seal: 0.5, paused: 0.75))),
    .taskState(.init(task: TaskID(0), state: .backoff, reason: "exit 1", untilSeconds: 8.5)),
    .slotLeased(.init(slot: 1, task: TaskID(0), attempt: 1, keptBytes: 4096)),
    .slotReleased(
      .init(slot: 1, task: TaskID(0), attempt: 1, askedBytes: 3, freshBytes: 1, recycledBytes: 2)),
    .artifactSealed(
      .init(
        task: TaskID(0), attempt: 1, artifact: "out", bytes: 4096, files: 2, digest: "d",
        compressedBytes: 512)),
  ]

  private func fact(_ kind: Fact.Kind) -> Fact {
    Fact(
      sequence: 9, session: 2, elapsedSeconds: 1.25, wallTime: 1_700_000_000_123_456_789, kind: kind
    )
  }

  @Test(arguments: kinds + requests.map { .requestMade(.init(actor: actor, request: $0)) })
  func survivesTheRoundTrip(kind: Fact.Kind) throws {
    let data = try JSONEncoder().encode(fact(kind))
    #expect(try JSONDecoder().decode(Fact.self, from: data) == fact(kind))
  }

  @Test(arguments: kinds)
  func isFlat(kind: Fact.Kind) throws {
    let data = try JSONEncoder().encode(fact(kind))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["sequence"] as? Int == 9)
    #expect(object["session"] as? Int == 2)
    #expect(object["elapsedSeconds"] as? Double == 1.25)
    #expect(object["wallTime"] as? Int64 == 1_700_000_000_123_456_789)
    #expect(object["kind"] as? String == kind.name)
    if let task = kind.task { #expect(object["task"] as? Int == task.index) }
  }

  @Test func theFieldsOfAKindLieBesideItsName() throws {
    let data = try JSONEncoder().encode(
      fact(.taskState(.init(task: TaskID(4), state: .failed, reason: "exit 1"))))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys)
        == ["sequence", "session", "elapsedSeconds", "wallTime", "kind", "task", "state", "reason"])
    #expect(object["state"] as? String == "failed")
  }

  @Test func aKindOfANewerCairnIsKeptByName() throws {
    let line =
      #"{"sequence":1,"session":1,"elapsedSeconds":0,"wallTime":0,"kind":"loan.made","bytes":5}"#
    let fact = try JSONDecoder().decode(Fact.self, from: Data(line.utf8))
    #expect(fact.kind == .unknown("loan.made"))
  }

  @Test func anUnknownRequestIsAnError() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Request.self, from: Data(#"{"verb":"dance"}"#.utf8))
    }
  }
}

extension Usage {
  /// With every field set.
  fileprivate static var full: Usage {
    var usage = Usage(
      userSeconds: 1.5, systemSeconds: 0.25, peakResidentBytes: 9, memoryPeakBytes: 10,
      readBytes: 8, writtenBytes: 7)
    usage.agent = AgentUsage(turns: 2, inputTokens: 3, outputTokens: 4, costDollars: 0.5)
    return usage
  }
}
