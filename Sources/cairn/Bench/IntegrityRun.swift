import Execution
import Foundation
import Glibc
import Model
import Project

/// A copy of a project that is run with proof and without.
struct IntegrityRun {
  private let loaded: LoadedProject
  private let jobs: Int

  /// - Throws: `ProjectProblem`, `FormatProblem`, and what copying throws.
  init(
    _ source: ProjectLocation, in place: String, parameters: [String: String], jobs: Int?
  ) throws {
    let root = place + "/project"
    let files = FileManager.default
    try files.createDirectory(atPath: root, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: source.root)
    where name != ".cairn" && name != ".git" {
      try files.copyItem(atPath: source.root + "/" + name, toPath: root + "/" + name)
    }
    let copy = try ProjectLocation.find(
      path: root + "/" + (source.file as NSString).lastPathComponent, from: "/")
    loaded = try LoadedProject(copy, parameters: parameters)
    guard loaded.spill == nil, loaded.graph.agent == nil else {
      throw ProjectProblem(
        .usage, "\(source.displayName): bench integrity runs neither agents nor what spills")
    }
    self.jobs = jobs ?? loaded.jobs ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// Runs it both ways; an even round begins with proof.
  func measure(round: Int) async throws -> IntegrityReport.Round {
    if round % 2 == 0 {
      let with = try await measure(.digests)
      return IntegrityReport.Round(with: with, without: try await measure(.none))
    }
    let without = try await measure(.none)
    return IntegrityReport.Round(with: try await measure(.digests), without: without)
  }

  private func measure(_ proof: Workspace.Proof) async throws -> IntegrityReport.Measure {
    sync()
    let session = try RunSession.begin(
      loaded, keeper: try ProjectKeeper(loaded.location, durability: loaded.durability),
      config: config, cairn: Cairn.version, proof: proof)
    let clock = ContinuousClock()
    let (start, before) = (clock.now, BenchPeer.cpuSeconds(of: [RUSAGE_SELF]))
    let closed = try await session.drive()
    let seconds = (clock.now - start) / .seconds(1)
    let state = await session.state()
    guard closed.ending == .done else {
      throw BenchProblem(description: "the run ended \(closed.ending.rawValue): \(closed.reason)")
    }
    let measure = IntegrityReport.Measure(
      state, seconds: seconds, cpuSeconds: BenchPeer.cpuSeconds(of: [RUSAGE_SELF]) - before)
    BenchFolder.remove(loaded.location.stateFolder)
    return measure
  }

  private var config: RunConfig {
    RunConfig(
      jobs: jobs, memoryBytes: loaded.memoryBytes, resources: loaded.resources,
      workspace: WorkspaceBudget(
        bytes: loaded.workspaceBytes ?? WorkspaceBudget.standardBytes,
        isDefault: loaded.workspaceBytes == nil),
      retryBudget: loaded.retryBudget)
  }
}
