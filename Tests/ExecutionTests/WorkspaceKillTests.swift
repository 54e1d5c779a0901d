import Foundation
import Glibc
import Planning
import Testing

@testable import Execution

/// `kill -9` in the middle of what a workspace does: 50 times each with `CAIRN_SOAK=1`, else 5.
@Suite(
  "killed in the middle", .enabled(if: DoomedWorkspace.folder == nil), .serialized,
  .timeLimit(.minutes(30)))
struct WorkspaceKillTests {
  private static let kills = getenv("CAIRN_SOAK") != nil ? 50 : 5
  private static let seed: UInt64 = 0xCA1E_0006

  @Test(
    "the artifact is whole, or absent, or told to be changed; never half under its own name",
    arguments: DoomedAct.allCases)
  func killed(act: DoomedAct) async throws {
    let folder = try TemporaryFolder()
    var trial = try KillTrial(act, folder, seed: Self.seed)
    var number = 0
    // Few kills may all miss a short act.
    while number < Self.kills || trial.inTheMiddle == 0 && number < 10 * Self.kills {
      number += 1
      try await trial.kill()
      try trial.check()
      try #require(
        trial.problems == [], "seed \(Self.seed), kill \(number) in \(act): \(trial.lastFound)")
    }
    print("killed in \(act): \(number) times, \(trial.inTheMiddle) in the middle; it left:")
    for (left, count) in trial.found.sorted(by: { $0.key < $1.key }) { print("  \(count) \(left)") }
    #expect(trial.inTheMiddle > 0, "kills that all miss prove nothing")
    #expect(act != .loan || trial.changed > 0, "no kill found the pages changed")
  }
}

/// Kills in one act, each followed by what a new session does and by a look at what it finds.
private struct KillTrial {
  private let act: DoomedAct
  private let folder: TemporaryFolder
  private let scene: DoomedWorkspace
  private let digest: String
  private let longest: Int64
  private var random: SplitMix64

  /// Kills while the act was on.
  private(set) var inTheMiddle = 0
  /// Kills that left an artifact which is not what was sealed.
  private(set) var changed = 0
  /// How often a kill left this behind.
  private(set) var found: [String: Int] = [:]
  private(set) var lastFound = ""
  private(set) var problems: [String] = []

  init(_ act: DoomedAct, _ folder: TemporaryFolder, seed: UInt64) throws {
    self.act = act
    self.folder = folder
    scene = try DoomedWorkspace(folder.path)
    digest = try scene.seal(try scene.write(attempt: 1))
    random = SplitMix64(seed: seed)
    longest = try Self.microseconds(of: act, scene, digest)
    if act == .seal { try scene.workspace.drop(scene.task, artifact: "out") }
  }

  /// How long the act takes, so that kills fall into all of it.
  private static func microseconds(
    of act: DoomedAct, _ scene: DoomedWorkspace, _ digest: String
  ) throws -> Int64 {
    if act == .seal { try scene.workspace.drop(scene.task, artifact: "out") }
    var took: Duration = .zero
    try scene.perform(act, round: 1, digest: digest) { act in
      took = try ContinuousClock().measure { try act() }
    }
    return max(1000, Int64(took / .microseconds(1)))
  }

  mutating func kill() async throws {
    unlink(scene.phase)
    let process = try scene.start(act, digest: digest)
    while access(scene.phase, F_OK) != 0 {
      try #require(process.isRunning, "the process that was to be killed ended by itself")
      try await Task.sleep(for: .milliseconds(2))
    }
    while !isOn, process.isRunning { usleep(100) }
    usleep(UInt32(Int64.random(in: 0..<longest, using: &random)))
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try #require(process.terminationReason == .uncaughtSignal)
    if isOn { inTheMiddle += 1 }
    lastFound = left
  }

  private var isOn: Bool { folder.read("phase") == "+" }

  /// Names in the task's folder and beside its copy, and whether a file may be written that may not.
  private var left: String {
    let names = FileTree.plainNames(in: scene.workspace.folder(of: scene.task)).map {
      $0.hasPrefix("out.") && $0.hasSuffix(".part") && Int($0.split(separator: ".")[1]) != nil
        ? "out.N.part" : $0
    }
    let copies = FileTree.plainNames(in: scene.copies)
    return "[\(names.sorted().joined(separator: " "))] spilled "
      + "[\(copies.sorted().joined(separator: " "))]\(isWritable ? ", writable" : "")"
  }

  private var isWritable: Bool {
    var status = stat()
    return lstat(scene.sealed + "/large", &status) == 0 && status.st_mode & FileTree.writeBits != 0
  }
}

// MARK: After the kill

extension KillTrial {
  /// What a new session does, and what it may find.
  mutating func check() throws {
    scene.workspace.layout.sweepUnsealed()
    try scene.workspace.openSpill()
    let names = FileTree.plainNames(in: scene.workspace.folder(of: scene.task))
    let copies = FileTree.plainNames(in: scene.copies)
    let forms = act == .compress || act == .expand ? [["out"], ["out.zst"]] : [[], ["out"]]
    demand(forms.contains(names), "the workspace holds \(names)")
    demand(copies == [] || copies == ["out"], "the spill place holds \(copies)")
    switch act {
    case .seal: try checkSealed()
    case .spill, .restore: try checkSpilled()
    case .compress, .expand: try checkCompressed()
    case .loan: try checkLent()
    }
    found[lastFound, default: 0] += 1
  }

  private mutating func demand(_ isSo: Bool, _ problem: String) {
    if !isSo { problems.append(problem) }
  }

  private mutating func checkWhole(_ path: String) throws {
    demand(try FileTree.digest(path).digest == digest, "\(path) has another digest")
    demand(scene.isWhole(path), "\(path) has another content")
  }

  /// Whole or absent, and made again.
  private mutating func checkSealed() throws {
    if scene.workspace.holds(scene.task, artifact: "out") { try checkWhole(scene.sealed) }
    demand(!isWritable, "what is sealed may be written")
    demand(try scene.seal(try scene.write(attempt: 1)) == digest, "made again it is another")
    try checkWhole(scene.sealed)
    try scene.workspace.drop(scene.task, artifact: "out")
  }

  /// Whole in one place or the other, and as good as ever.
  private mutating func checkSpilled() throws {
    let isHeld = scene.workspace.holds(scene.task, artifact: "out")
    let isSpilled = scene.workspace.holdsSpilled(scene.task, artifact: "out")
    demand(isHeld || isSpilled, "it is nowhere")
    if isHeld { try checkWhole(scene.sealed) }
    if isSpilled { try checkWhole(scene.copies + "/out") }
    try scene.restore(digest)
    try checkWhole(scene.sealed)
    scene.workspace.removeSpilled(run: 1)
  }

  /// Whole as it was, or compressed; and as good as ever when it is expanded.
  private mutating func checkCompressed() throws {
    if scene.workspace.holds(scene.task, artifact: "out") { try checkWhole(scene.sealed) }
    try scene.expand(digest)
    try checkWhole(scene.sealed)
    demand(!isWritable, "what was expanded may be written")
    demand(!scene.workspace.holdsCompressed(scene.task, artifact: "out"), "it lies there twice")
  }

  /// Whole, or the digest says that it is not; then it is made again.
  private mutating func checkLent() throws {
    let isIntact = scene.workspace.isIntact(scene.task, artifact: "out", digest: digest)
    demand(isIntact == scene.isWhole(scene.sealed), "intact is \(isIntact), which is wrong")
    demand(!isWritable, "what was lent may still be written")
    lastFound += isIntact ? ", intact" : ", changed"
    guard !isIntact else { return }
    changed += 1
    try scene.workspace.drop(scene.task, artifact: "out")
    demand(try scene.seal(try scene.write(attempt: 1)) == digest, "made again it is another")
  }
}
