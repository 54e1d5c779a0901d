import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("spilling cut short") struct WorkspaceSpillStageTests {
  let folder: TemporaryFolder
  let scene: SpillScene

  init() throws {
    folder = try TemporaryFolder()
    scene = try SpillScene(folder)
  }

  enum Stage: String, CaseIterable {
    case copying
    case copied
    case aside
    case removing
    case removed
    case restoring
    case replacing
    case restored
  }

  @Test(
    "wherever Cairn died, nothing half done stays and nothing is lost", arguments: Stage.allCases)
  func crash(stage: Stage) throws {
    let fact = try scene.seal()
    let original = scene.original
    let spilled = stage != .copying
    if spilled { try scene.spill(fact) }
    switch stage {
    case .copying:
      try scene.workspace.openSpill()
      try folder.write(scene.copies + "/out.part/file", "wo")
    case .copied, .restored: try scene.restore(fact)
    case .aside: try folder.write(original + ".old/file", "words")
    case .removing: try folder.make(original + ".old")
    case .removed: break
    case .restoring: try folder.write(original + ".restore.part/file", "w")
    case .replacing:
      try folder.write(original + ".restore.part/file", "words")
      try folder.write(original + ".old/file", "wrong")
    }
    let next = try SpillScene(folder)
    next.workspace.layout.sweepUnsealed()
    try next.workspace.openSpill()
    let isHeld = next.workspace.holds(next.task, artifact: "out")
    #expect(isHeld == (stage == .copying || stage == .copied || stage == .restored))
    #expect(next.workspace.holdsSpilled(next.task, artifact: "out") == spilled)
    #expect(next.originals == (isHeld ? ["out"] : []))
    #expect(folder.names(scene.copies) == (spilled ? ["out"] : []))
    #expect(try next.spill(fact) == fact.bytes)
    #expect(try next.restore(fact) == fact.bytes)
    #expect(next.digest(original) == fact.digest)
  }

  @Test("leftovers are gone with the first spill of a session that opened nothing")
  func parts() throws {
    let fact = try scene.seal()
    try scene.workspace.openSpill()
    let other = "spill/\(scene.own)/3/8-other"
    try folder.write(other + "/out.part/file", "wo")
    try scene.spill(fact)
    #expect(folder.names(other) == [])
  }
}

/// What happens in a process of its own, which another test kills.
@Suite("spilling for ever", .enabled(if: SpillCrash.folder != nil)) struct SpillForEverTests {
  @Test("until killed")
  func spillForEver() throws {
    let crash = try SpillCrash(try #require(SpillCrash.folder))
    try Data().write(to: URL(filePath: crash.folder + "/begun"))
    while true {
      _ = try crash.workspace.spill(crash.task, artifact: "out", digest: crash.digest)
      _ = try crash.workspace.restore(crash.task, artifact: "out", digest: crash.digest)
      crash.workspace.removeSpilled(run: 1)
    }
  }
}

/// A project that both processes know.
struct SpillCrash {
  static var folder: String? { ProcessInfo.processInfo.environment["CAIRN_TEST_SPILL"] }

  let folder: String
  let workspace: Workspace
  let task: TaskGraph.Task

  init(_ folder: String) throws {
    self.folder = folder
    workspace = try Workspace(
      root: folder, run: 1, spill: SpillPlace(path: folder + "/spill", limitBytes: 1 << 40))
    var task = TaskGraph.Task(id: TaskID(0), name: "a", action: .gate)
    task.outputs = [TaskGraph.Output(name: "out")]
    self.task = task
  }

  var digest: String {
    (try? String(contentsOfFile: folder + "/digest", encoding: .utf8)) ?? ""
  }

  /// Seals many small files and a large one, and writes down their digest.
  func seal() throws {
    let place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
    let part = try #require(try workspace.prepare(place).outputs["out"])
    for number in 0..<100 {
      try Data("\(number)".utf8).write(to: URL(filePath: "\(part)/\(number)"))
    }
    try Data(repeating: 7, count: 4 << 20).write(to: URL(filePath: part + "/large"))
    let fact = try #require(try workspace.seal(place).first)
    try Data(fact.digest.utf8).write(to: URL(filePath: folder + "/digest"))
  }

  /// This test program, with nothing to do but `SpillForEverTests`.
  func start() throws -> Process {
    let process = Process()
    process.executableURL = URL(
      filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = ["--testing-library", "swift-testing", "--filter", "SpillForEverTests"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["CAIRN_TEST_SPILL": folder]
    ) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }
}

@Suite("killed while spilling", .enabled(if: SpillCrash.folder == nil)) struct SpillKilledTests {
  @Test("the artifact is whole in one place or the other, whenever it happens")
  func killed() async throws {
    let folder = try TemporaryFolder()
    let crash = try SpillCrash(folder.path)
    try crash.seal()
    var generator = SystemRandomNumberGenerator()
    for round in 0..<12 {
      unlink(folder.path + "/begun")
      let process = try crash.start()
      try await begun(process, folder)
      usleep(UInt32.random(in: 0..<40_000, using: &generator))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try checkWhole(crash, round)
    }
  }

  private func begun(_ process: Process, _ folder: TemporaryFolder) async throws {
    while access(folder.path + "/begun", F_OK) != 0 {
      try #require(process.isRunning)
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  private func checkWhole(_ crash: SpillCrash, _ round: Int) throws {
    let next = try SpillCrash(crash.folder)
    next.workspace.layout.sweepUnsealed()
    try next.workspace.openSpill()
    let isHeld = next.workspace.holds(next.task, artifact: "out")
    #expect(isHeld || next.workspace.holdsSpilled(next.task, artifact: "out"), "round \(round)")
    if isHeld {
      let sealed = next.workspace.sealed(next.task, "out")
      #expect(try FileTree.digest(sealed).digest == next.digest, "round \(round)")
    }
    _ = try next.workspace.restore(next.task, artifact: "out", digest: next.digest)
    let names = FileTree.plainNames(in: next.workspace.folder(of: next.task))
    #expect(names == ["out"], "round \(round)")
  }
}
