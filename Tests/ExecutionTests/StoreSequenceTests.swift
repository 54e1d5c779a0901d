import Foundation
import Glibc
import Model
import Planning
import Testing

@testable import Execution

/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("a workspace on the disk, whatever is done to it") struct StoreSequenceTests {
  static let seeds: ClosedRange<UInt64> = 1...(getenv("CAIRN_SOAK") != nil ? 10_000 : 1_000)

  @Test("states sum to the pool, owners share no byte, digests are kept, and ρ is at most ρmax")
  func sequences() throws {
    let folder = try StoreScene.folder()
    defer { try? FileTree.remove(folder) }
    for seed in Self.seeds {
      var scene = try StoreScene("\(folder)/\(seed)", seed: seed)
      for step in 0..<30 {
        try scene.act()
        try scene.check()
        try #require(scene.problems == [], "seed \(seed), step \(step): \(scene.trail)")
      }
      try FileTree.remove("\(folder)/\(seed)")
    }
  }

  @Test("a loan may raise ρ above ρmax: what it gave was nobody's fresh bytes")
  func loansAreTheGain() {
    var meter = ReuseMeter()
    meter.grow(100)
    #expect(meter.factor == 0 && meter.bestFactor == 0)
    meter.lend(100)
    #expect(meter.factor == 0.5 && meter.bestFactor == 0)
    #expect(meter.recycledBytes == 0 && meter.lentBytes == 100)
  }

  @Test("a chain of n equal artifacts gives ρ = (n − 2) / n, a star of them 0", arguments: 2...12)
  func knownFactors(n: Int) throws {
    let folder = try StoreScene.folder()
    defer { try? FileTree.remove(folder) }
    var chain = try StoreScene(folder + "/chain", tasks: n) { $0 > 0 ? [$0 - 1] : [] }
    for task in 0..<n {
      try chain.make(task, blocks: 1)
      if task > 0 { try chain.drop(task - 1) }
    }
    try chain.check()
    #expect(chain.problems == [])
    #expect(chain.run.reuse.factor == Double(n - 2) / Double(n))
    #expect(chain.run.reuse.factor == chain.run.reuse.bestFactor)
    var star = try StoreScene(folder + "/star", tasks: n) { _ in [] }
    for task in 0..<n { try star.make(task, blocks: 1) }
    #expect(star.problems == [] && star.run.reuse.factor == 0)
  }
}

/// A project whose workspace is used as an engine would, and what ought to lie in it.
struct StoreScene {
  static let capacity: Int64 = 1 << 20
  /// Of the file system, so that a file of so many bytes takes as many.
  static let blockBytes = 4096

  private let root: String
  private var generator: SplitMix64
  private var workspace: Workspace
  private(set) var run = RunState()
  private(set) var trail: [String] = []
  private(set) var problems: [String] = []
  /// What lies whole in the workspace.
  private var lying: [RunState.ArtifactKey: Fact.ArtifactSealed] = [:]
  /// What lies compressed there, and in how many bytes.
  private var packed: [RunState.ArtifactKey: (fact: Fact.ArtifactSealed, bytes: Int64)] = [:]
  /// What has a copy elsewhere.
  private var copied: [RunState.ArtifactKey: Fact.ArtifactSealed] = [:]
  /// Admitted and not ended, with what was written.
  private var leases: [Int: (place: AttemptPlace, bytes: Int64)] = [:]
  private var attempts: [Int: Int] = [:]
  private var hasLent = false

  /// In memory where that can be: thousands of these are made.
  static func folder() throws -> String {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var name = Array("\(parent)/cairn-test-XXXXXX".utf8CString)
    try #require(mkdtemp(&name) != nil)
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  init(_ root: String, seed: UInt64 = 1) throws {
    var generator = SplitMix64(seed: seed)
    let needs = (0..<6).map { task in
      (0..<task).filter { _ in Bool.random(using: &generator) }
    }
    try self.init(root, tasks: 6, seed: seed) { needs[$0] }
  }

  init(_ root: String, tasks: Int, seed: UInt64 = 1, needs: (Int) -> [Int]) throws {
    self.root = root
    generator = SplitMix64(seed: seed)
    try FileTree.makeFolders(root)
    workspace = try Self.workspace(root)
    var graph = TaskGraph(name: "store")
    for number in 0..<tasks {
      var task = TaskGraph.Task(id: TaskID(number), name: "t\(number)", action: .gate)
      task.outputs = [TaskGraph.Output(name: "out")]
      task.needs = needs(number).map { TaskGraph.Need(task: TaskID($0), variable: "T\($0)") }
      graph.tasks.append(task)
    }
    tell(
      .runOpened(
        Fact.RunOpened(
          run: 1, cairn: "test",
          host: Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0),
          config: RunConfig(jobs: tasks, workspace: WorkspaceBudget(bytes: Self.capacity)),
          isResumed: false, token: "t")))
    tell(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in "" })))
  }

  private static func workspace(_ root: String) throws -> Workspace {
    try Workspace(
      root: root, run: 1, spill: SpillPlace(path: root + "/spill", limitBytes: capacity))
  }

  private mutating func tell(_ kind: Fact.Kind) {
    run.apply(
      Fact(
        sequence: run.sequence + 1, session: max(1, run.session), elapsedSeconds: 0, wallTime: 1,
        kind: kind))
  }

  private static func key(_ task: Int) -> RunState.ArtifactKey {
    RunState.ArtifactKey(task: TaskID(task), name: "out")
  }
}

// MARK: What is done

extension StoreScene {
  /// One random act, of those that are possible.
  mutating func act() throws {
    let task = Int.random(in: run.graph.tasks.indices, using: &generator)
    switch Int.random(in: 0..<14, using: &generator) {
    case 0...3: try lease(task)
    case 4...6: if leases[task] != nil { try seal(task) }
    case 7: if !isRead(task) { try drop(task) }
    case 8: try lend(task)
    case 9: if !isRead(task) { try spill(task) }
    case 10: try restore(task)
    case 11: if !isRead(task) { try compress(task) }
    case 12: try expand(task)
    default: if Int.random(in: 0..<3, using: &generator) == 0 { try crash() }
    }
  }

  mutating func make(_ task: Int, blocks: Int) throws {
    try lease(task, blocks: blocks)
    try seal(task)
  }

  private func isRead(_ task: Int) -> Bool {
    leases.values.contains { lease in lease.place.needed.contains { $0.id.index == task } }
  }

  private mutating func lease(_ task: Int, blocks: Int? = nil) throws {
    let definition = run.graph.tasks[task]
    let isReady = definition.needs.allSatisfy { lying[Self.key($0.task.index)] != nil }
    guard leases[task] == nil, isReady else { return }
    trail.append("lease \(task)")
    attempts[task, default: 0] += 1
    let place = AttemptPlace(
      task: definition, attempt: attempts[task] ?? 1, slot: task,
      needed: definition.needs.map { run.graph[$0.task] })
    tell(
      .taskAdmitted(
        Fact.TaskAdmitted(
          task: TaskID(task), attempt: place.attempt, admission: .first, cpus: 1, memoryBytes: 0)))
    let folders = try workspace.prepare(place)
    for need in definition.needs {
      let found = try FileTree.digest(folders.inputs[need.variable] ?? "").digest
      if found != lying[Self.key(need.task.index)]?.digest { problems.append("read of \(need)") }
    }
    if !FileTree.plainNames(in: folders.scratch).isEmpty { problems.append("a slot is not empty") }
    let count = blocks ?? Int.random(in: 1...3, using: &generator)
    try write(count, folders.outputs["out"] ?? "")
    // Out of sight of the next lease of this slot.
    try Data("scratch".utf8).write(to: URL(filePath: folders.scratch + "/left"))
    let bytes = Int64(count * Self.blockBytes)
    leases[task] = (place, bytes)
    tell(.artifactGrew(Fact.ArtifactReference(task: TaskID(task), artifact: "out", bytes: bytes)))
  }

  private mutating func write(_ blocks: Int, _ folder: String) throws {
    let words = (0..<(blocks * Self.blockBytes / 8)).map { _ in generator.next() & 0xFF }
    try words.withUnsafeBytes { Data($0) }.write(to: URL(filePath: folder + "/data"))
  }

  private mutating func seal(_ task: Int) throws {
    guard let lease = leases.removeValue(forKey: task) else { return }
    // A reader of what is replaced would read the new one.
    if isRead(task) { return try release(task, lease.place, sealed: false) }
    trail.append("seal \(task)")
    for fact in try workspace.seal(lease.place) {
      tell(.artifactSealed(fact))
      lying[Self.key(task)] = fact
      copied[Self.key(task)] = nil
      packed[Self.key(task)] = nil
    }
    try release(task, lease.place, sealed: true)
  }

  private mutating func release(_ task: Int, _ place: AttemptPlace, sealed: Bool) throws {
    let scratch = workspace.release(place)
    if scratch != Int64(Self.blockBytes) { problems.append("scratch of \(scratch)") }
    tell(
      .attemptEnded(
        Fact.AttemptEnded(
          task: TaskID(task), attempt: place.attempt, outcome: Outcome(sealed ? .success : .exit),
          usage: Usage(), phases: Phases())))
  }

  mutating func drop(_ task: Int) throws {
    let form = packed.removeValue(forKey: Self.key(task))
    guard let fact = lying.removeValue(forKey: Self.key(task)) ?? form?.fact else { return }
    trail.append("drop \(task)")
    try workspace.drop(run.graph.tasks[task], artifact: "out")
    tell(
      .artifactDropped(
        Fact.ArtifactReference(task: TaskID(task), artifact: "out", bytes: fact.bytes)))
  }

  /// Adds and takes away again, as a kernel does.
  private mutating func lend(_ task: Int) throws {
    guard let fact = lying[Self.key(task)], !isRead(task), leases[task] == nil else { return }
    trail.append("lend \(task)")
    hasLent = true
    let bytes = Int.random(in: 1...Int(fact.bytes), using: &generator)
    tell(
      .artifactLent(
        Fact.ArtifactLent(
          task: TaskID(task), artifact: "out", bytes: Int64(bytes), digest: fact.digest,
          borrower: "test")))
    if run.ledger[.lent] != fact.bytes { problems.append("what is lent is not lent") }
    let mask = UInt8.random(in: 1...255, using: &generator)
    try workspace.lend(
      run.graph.tasks[task], artifact: "out", digest: fact.digest, bytes: bytes
    ) { pages in
      for _ in 0..<2 { for index in pages.indices { pages[index] ^= mask } }
    }
    tell(.artifactReturned(reference(task, fact)))
  }

  private mutating func spill(_ task: Int) throws {
    guard leases[task] == nil, let fact = lying.removeValue(forKey: Self.key(task)) else { return }
    trail.append("spill \(task)")
    _ = try workspace.spill(run.graph.tasks[task], artifact: "out", digest: fact.digest)
    copied[Self.key(task)] = fact
    tell(.artifactSpilled(reference(task, fact)))
  }

  private mutating func compress(_ task: Int) throws {
    guard leases[task] == nil, let fact = lying.removeValue(forKey: Self.key(task)) else { return }
    trail.append("compress \(task)")
    let bytes = try workspace.compress(
      run.graph.tasks[task], artifact: "out", as: RunState.Artifact(fact), within: 1 << 20)
    packed[Self.key(task)] = (fact, bytes)
    tell(
      .artifactCompressed(
        Fact.ArtifactCompressed(
          task: TaskID(task), artifact: "out", bytes: bytes, wholeBytes: fact.bytes)))
  }

  private mutating func expand(_ task: Int) throws {
    guard leases[task] == nil, let (fact, _) = packed.removeValue(forKey: Self.key(task)) else {
      return
    }
    trail.append("expand \(task)")
    _ = try workspace.expand(
      run.graph.tasks[task], artifact: "out", as: RunState.Artifact(fact))
    lying[Self.key(task)] = fact
    tell(.artifactExpanded(reference(task, fact)))
  }

  private mutating func restore(_ task: Int) throws {
    guard let fact = copied[Self.key(task)], lying[Self.key(task)] == nil,
      packed[Self.key(task)] == nil, leases[task] == nil
    else { return }
    trail.append("restore \(task)")
    _ = try workspace.restore(run.graph.tasks[task], artifact: "out", digest: fact.digest)
    lying[Self.key(task)] = fact
    tell(.artifactRestored(reference(task, fact)))
  }

  private func reference(_ task: Int, _ fact: Fact.ArtifactSealed) -> Fact.ArtifactReference {
    Fact.ArtifactReference(
      task: TaskID(task), artifact: "out", bytes: fact.bytes, digest: fact.digest)
  }

  /// Cairn dies, and the next session finds what there is.
  private mutating func crash() throws {
    trail.append("crash")
    workspace = try Self.workspace(root)
    workspace.layout.sweepUnsealed()
    try workspace.openSpill()
    for (task, lease) in leases.sorted(by: { $0.key < $1.key }) {
      tell(
        .attemptEnded(
          Fact.AttemptEnded(
            task: TaskID(task), attempt: lease.place.attempt, outcome: Outcome(.interrupted),
            usage: Usage(), phases: Phases())))
    }
    leases = [:]
  }
}

// MARK: What has to be so

extension StoreScene {
  mutating func check() throws {
    checkStates()
    try checkDisk()
    let meter = run.reuse
    if !hasLent, let factor = meter.factor, let best = meter.bestFactor, factor > best + 1e-12 {
      problems.append("ρ \(factor) is more than ρmax \(best)")
    }
    let isExact = run.loans.failed == 0 && run.loans.open == 0
    if !isExact { problems.append("loans \(run.loans)") }
  }

  /// The ledger against what this scene did.
  private mutating func checkStates() {
    let ledger = run.ledger
    let read = lying.filter { isRead($0.key.task.index) }.values.reduce(0) { $0 + $1.bytes }
    let all = lying.values.reduce(0) { $0 + $1.bytes }
    let small = packed.values.reduce(0) { $0 + $1.bytes }
    let away = copied.filter { lying[$0.key] == nil && packed[$0.key] == nil }.values.reduce(0) {
      $0 + $1.bytes
    }
    let expected: [StoreLedger.State: Int64] = [
      .leased: leases.values.reduce(0) { $0 + $1.bytes }, .sealed: read, .dormant: all - read,
      .lent: 0, .compressed: small, .spilled: away,
    ]
    for (state, bytes) in expected where ledger[state] != bytes {
      problems.append("\(state) is \(ledger[state]) and ought to be \(bytes)")
    }
    if ledger[.free] + ledger.takenBytes != Self.capacity + ledger.overBytes {
      problems.append("the states do not sum to the pool")
    }
  }

  /// The ledger against what lies in the folders, and no file twice.
  private mutating func checkDisk() throws {
    var seen: Set<FileTree.Inode> = []
    var bytes: Int64 = 0
    let own = "\(root)/.cairn/workspace/1"
    try FileTree.walk(own) { entry throws(WorkspaceProblem) in
      guard entry.isFile else { return }
      bytes += entry.bytes
      if !seen.insert(FileTree.Inode(entry.status)).inserted { problems.append("a shared file") }
    }
    let ledger = run.ledger
    let told = ledger.takenBytes
    if bytes != told { problems.append("\(bytes) bytes lie there, \(told) are told") }
    for (key, fact) in lying.sorted(by: { $0.key.task < $1.key.task }) {
      let isWhole = workspace.isIntact(run.graph[key.task], artifact: "out", digest: fact.digest)
      if !isWhole { problems.append("\(key) has another digest") }
    }
  }
}
