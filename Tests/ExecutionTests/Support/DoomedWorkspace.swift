import Foundation
import Glibc
import Model
import Testing

@testable import Execution

/// What a process does to an artifact again and again, until another kills it.
enum DoomedAct: String, CaseIterable, CustomTestStringConvertible {
  case seal, spill, restore, compress, expand, loan

  var testDescription: String { rawValue }
}

/// A workspace with one artifact that both processes know.
struct DoomedWorkspace {
  /// Where the process works that is to be killed; nil in any other.
  static var folder: String? { ProcessInfo.processInfo.environment["CAIRN_TEST_DOOMED"] }
  static var act: DoomedAct? {
    ProcessInfo.processInfo.environment["CAIRN_TEST_ACT"].flatMap { DoomedAct(rawValue: $0) }
  }

  private static let smallFiles = 150
  static let largeBytes = 8 << 20
  private static let large = Data(repeating: 7, count: largeBytes)

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
}

// MARK: The artifact

extension DoomedWorkspace {
  var sealed: String { workspace.sealed(task, "out") }

  /// Where copies of the task's artifacts lie.
  var copies: String {
    let own = FileTree.plainNames(in: folder + "/spill").first ?? "none"
    return "\(folder)/spill/\(own)/1/0-a"
  }

  /// The attempt writes many small files and a large one.
  func write(attempt: Int) throws -> AttemptPlace {
    let place = AttemptPlace(task: task, attempt: attempt, slot: 0, needed: [])
    let part = try #require(try workspace.prepare(place).outputs["out"])
    for number in 0..<Self.smallFiles {
      try Data("\(number)".utf8).write(to: URL(filePath: "\(part)/\(number)"))
    }
    try Self.large.write(to: URL(filePath: part + "/large"))
    return place
  }

  func seal(_ place: AttemptPlace) throws -> String {
    try #require(try workspace.seal(place).first).digest
  }

  /// By what was written, and not by what a digest says of it.
  func isWhole(_ path: String) -> Bool {
    guard FileTree.plainNames(in: path).count == Self.smallFiles + 1 else { return false }
    let manager = FileManager.default
    return manager.contents(atPath: path + "/large") == Self.large
      && (0..<Self.smallFiles).allSatisfy {
        manager.contents(atPath: "\(path)/\($0)") == Data("\($0)".utf8)
      }
  }
}

// MARK: The acts

extension DoomedWorkspace {
  /// Does an act once, with what must be so before it; only the act itself is `watch`ed.
  func perform(
    _ act: DoomedAct, round: Int, digest: String, watch: (() throws -> Void) throws -> Void
  ) throws {
    switch act {
    case .seal:
      let place = try write(attempt: round)
      try watch { _ = try seal(place) }
      try workspace.drop(task, artifact: "out")
    case .spill:
      try watch { try spill(digest) }
      try restore(digest)
      workspace.removeSpilled(run: 1)
    case .restore:
      try spill(digest)
      try watch { try restore(digest) }
    case .compress:
      try watch { try compress(digest) }
      try expand(digest)
    case .expand:
      try compress(digest)
      try watch { try expand(digest) }
    case .loan:
      try watch { try lend(digest) }
    }
  }

  func spill(_ digest: String) throws {
    _ = try workspace.spill(task, artifact: "out", digest: digest)
  }

  func restore(_ digest: String) throws {
    _ = try workspace.restore(task, artifact: "out", digest: digest)
  }

  func compress(_ digest: String) throws {
    _ = try workspace.compress(
      task, artifact: "out", as: known(digest), within: Self.fileBytes)
  }

  func expand(_ digest: String) throws {
    _ = try workspace.expand(task, artifact: "out", as: known(digest))
  }

  private func known(_ digest: String) -> RunState.Artifact {
    RunState.Artifact(
      Fact.ArtifactSealed(
        task: task.id, attempt: 1, artifact: "out", bytes: Self.fileBytes,
        files: Self.smallFiles + 1, digest: digest))
  }

  private static let fileBytes = Int64(largeBytes + smallFiles * 4096)

  private func lend(_ digest: String) throws {
    try workspace.lend(task, artifact: "out", digest: digest, bytes: Self.largeBytes) { pages in
      Self.mask(pages)
      Self.mask(pages)
    }
  }

  /// Changes every page, with a rest after each of 128 pieces: a borrower that takes its time.
  private static func mask(_ pages: UnsafeMutableRawBufferPointer) {
    let words = pages.bindMemory(to: UInt64.self)
    for piece in 0..<128 {
      let width = words.count / 128
      for index in piece * width..<(piece + 1) * width { words[index] ^= 0x5A5A_5A5A_5A5A_5A5A }
      usleep(100)
    }
  }
}

// MARK: The process that does them

extension DoomedWorkspace {
  /// One byte that both see: `+` while the act is on, `-` between two.
  var phase: String { folder + "/phase" }

  /// This test program, with nothing to do but an act for ever.
  func start(_ act: DoomedAct, digest: String) throws -> Process {
    try Data(digest.utf8).write(to: URL(filePath: folder + "/digest"))
    let process = Process()
    process.executableURL = URL(
      filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = ["--testing-library", "swift-testing", "--filter", "DoomedForEverTests"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["CAIRN_TEST_DOOMED": folder, "CAIRN_TEST_ACT": act.rawValue]
    ) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }
}

@Suite("an act for ever", .enabled(if: DoomedWorkspace.folder != nil)) struct DoomedForEverTests {
  @Test("until killed")
  func actForEver() throws {
    let scene = try DoomedWorkspace(try #require(DoomedWorkspace.folder))
    let act = try #require(DoomedWorkspace.act)
    let digest = try String(contentsOfFile: scene.folder + "/digest", encoding: .utf8)
    let phase = open(scene.phase, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(phase) }
    let parent = getppid()
    var round = 1
    // The test that has to kill may have died itself.
    while getppid() == parent {
      try scene.perform(act, round: round, digest: digest) { act in
        pwrite(phase, "+", 1, 0)
        try act()
        pwrite(phase, "-", 1, 0)
      }
      round += 1
    }
  }
}
