import Foundation
import Testing

/// `kill -9` of a Cairn that seals, spills and restores: 50 times with `CAIRN_SOAK=1`, else 4.
@Suite(.timeLimit(.minutes(30)))
struct StoreDeathTests {
  private static let kills = Soak.isOn ? 50 : 4
  /// After this many kills a run is left alone, so that it ends.
  private static let maximumKills = 4
  private static let maximumSessions = 12
  private static let firstSeed: UInt64 = 0xCA1E_0601

  @Test("every artifact is whole, absent, or lost and made again, and the result is right")
  func killed() async throws {
    let graph = try StoreDeathGraph()
    var tally = Tally()
    var seed = Soak.seed ?? Self.firstSeed
    while tally.kills < Self.kills {
      try await Self.run(seed: seed, graph, &tally)
      try #require(
        tally.problems == [],
        "seed \(seed): CAIRN_SEED=\(seed) replays it")
      if Soak.seed != nil { break }
      seed += 1
    }
    print("killed at its store: \(tally.kills) times, from seed \(Self.firstSeed); it left:")
    for (left, count) in tally.left.sorted(by: { $0.key < $1.key }) { print("  \(count) \(left)") }
  }

  private struct Tally {
    var kills = 0
    /// How many kills left this behind.
    var left: [String: Int] = [:]
    var problems: [String] = []
  }

  private static func run(seed: UInt64, _ graph: StoreDeathGraph, _ tally: inout Tally)
    async throws
  {
    var random = SeededNumbers(seed: seed)
    let project = try TemporaryProject(graph.file)
    var verb = "run"
    var killed = 0
    for _ in 0..<maximumSessions {
      let child = try CairnBinary.start([verb, "--json"], in: project)
      let finished =
        killed < maximumKills ? await KillMoment(&random).strike(child) : await child.finished()
      guard let finished else {
        killed += 1
        tally.kills += 1
        try await afterKill(project, &tally)
        verb = "resume"
        continue
      }
      switch finished.status {
      case 0:
        tally.problems += try await graph.check(project)
        return
      // Killed before its first fact, a run does not exist.
      case 66? where verb == "resume": verb = "run"
      default:
        tally.problems.append("ended with \(finished.status ?? -1): \(finished.errors)")
        return
      }
    }
    tally.problems.append("not done after \(maximumSessions) sessions")
  }

  /// What has to hold before anybody mends anything.
  private static func afterKill(_ project: TemporaryProject, _ tally: inout Tally) async throws {
    let left = try project.shell(
      """
      { test ! -d .cairn/workspace/1 || find .cairn/workspace/1 -mindepth 2 -maxdepth 2
        test ! -d away || find away -mindepth 4 -maxdepth 4
      } | sed -E 's/^\\.cairn.*\\.restore\\.part/restoring/; s/^\\.cairn.*\\.part/unsealed/
        s/^\\.cairn.*\\.old/deleting/; s/^\\.cairn.*/sealed/; s/^away.*\\.part/spilling/; s/^away.*/spilled/' \
        | sort -u | tr '\\n' ' '
      """)
    tally.left[left, default: 0] += 1
    guard project.exists(".cairn/journal.sqlite") else { return }
    let doctor = try await CairnBinary.run(["doctor"], in: project)
    if doctor.output.contains("is not what was sealed") { tally.problems.append(doctor.output) }
  }
}
