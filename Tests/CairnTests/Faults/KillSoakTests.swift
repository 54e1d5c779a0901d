import Foundation
import Model
import Testing

/// `kill -9` at any moment, again and again, until the run is done.
@Suite(.timeLimit(.minutes(60)))
struct KillSoakTests {
  private static let runs = Soak.isOn ? 200 : 10
  /// After this many kills a run is left alone, so that it ends.
  private static let maximumKills = Soak.isOn ? 12 : 5
  private static let maximumSessions = 40
  private static let firstSeed: UInt64 = 0xCA1E_0001

  @Test(
    "a killed run loses nothing, repeats nothing and leaves nothing",
    arguments: Containment.offered)
  func killed(containment: Containment) async throws {
    var kills = 0
    var slowest = 0.0
    for number in 0..<UInt64(Self.runs) {
      let seed = Soak.seed ?? Self.firstSeed + number
      let outcome = try await Self.run(seed: seed, containment)
      kills += outcome.kills
      slowest = max(slowest, outcome.slowestEnd)
      if !outcome.problems.isEmpty {
        Issue.record(
          """
          seed \(seed) under \(containment): \(outcome.problems.joined(separator: "; "))
          CAIRN_SEED=\(seed) replays it
          """)
      }
      if Soak.seed != nil { break }
    }
    print(
      "kill soak, \(containment): \(Self.runs) runs from seed \(Self.firstSeed), \(kills) kills, "
        + "slowest end of all processes \(slowest.formatted(.number.precision(.fractionLength(3)))) s"
    )
    #expect(kills > 0, "a soak that never kills proves nothing")
  }

  private struct Outcome {
    var kills = 0
    /// Seconds from the kill to the end of the last process.
    var slowestEnd = 0.0
    var problems: [String] = []
  }

  private static func run(seed: UInt64, _ containment: Containment) async throws -> Outcome {
    var random = SeededNumbers(seed: seed)
    let graph = KillSoakGraph(mark: "cairn-soak-\(seed)-\(UUID().uuidString.prefix(8))", &random)
    let project = try TemporaryProject(graph.file)
    var outcome = Outcome()
    var verb = "run"
    for _ in 0..<maximumSessions {
      let child = try CairnBinary.start(
        [verb, "--json", "--jobs", "4"], in: project, environment: containment.environment)
      let isLast = outcome.kills >= maximumKills
      let finished =
        isLast ? await child.finished() : await KillMoment(&random).strike(child)
      guard let finished else {
        outcome.kills += 1
        outcome.problems += try await afterKill(project, graph, containment, &outcome.slowestEnd)
        verb = "resume"
        continue
      }
      switch finished.status {
      case 0:
        outcome.problems += try graph.check(project)
        return outcome
      // Killed before its first fact, a run does not exist.
      case 66? where verb == "resume": verb = "run"
      // A task that was there at every death is suspected of it, until a person resumes once more.
      case 1? where try graph.hasOnlySuspects(project): verb = "resume"
      default:
        outcome.problems += [
          "ended with \(finished.status ?? -1): \(finished.errors)", try graph.failures(project),
        ]
        return outcome
      }
    }
    outcome.problems.append("not done after \(maximumSessions) sessions")
    return outcome
  }

  /// What has to hold before anybody mends anything.
  private static func afterKill(
    _ project: TemporaryProject, _ graph: KillSoakGraph, _ containment: Containment,
    _ slowest: inout Double
  ) async throws -> [String] {
    var problems: [String] = []
    if containment.endsDaemons {
      let began = ContinuousClock.now
      do {
        try await poll("the end of every process", limit: 400) {
          graph.alive(project).isEmpty ? true : nil
        }
      } catch {
        problems.append("still alive after the kill: \(graph.alive(project))")
      }
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      slowest = max(slowest, seconds)
      // A busy machine may be slow to tell; the soak is run on one that is not.
      if Soak.isOn, seconds > 2 { problems.append("processes lived for \(seconds) s") }
    }
    guard project.exists(".cairn/journal.sqlite") else { return problems }
    let verdict = try project.shell(
      """
      rm -rf ../out/copy; mkdir ../out/copy; cp .cairn/journal.sqlite* ../out/copy/
      cd ../out/copy; test ! -s journal.sqlite || sqlite3 journal.sqlite 'PRAGMA integrity_check'
      """)
    if !["ok\n", ""].contains(verdict) { problems.append("journal: \(verdict)") }
    return problems
  }
}

/// When to kill: some time after the start, on a thread of its own, so that a busy test process kills
/// no later and a slow machine only earlier in the run.
struct KillMoment {
  private var delay: DispatchTimeInterval

  init(_ random: inout SeededNumbers) {
    delay = .milliseconds(Int.random(in: 5..<900, using: &random))
  }

  /// Kills the process; returns how it ended if it was quicker.
  func strike(_ child: Child) async -> Finished? {
    let process = ProcessRow(child.pid)
    DispatchQueue.global().asyncAfter(deadline: .now() + delay) {
      if process?.isAlive == true { child.send(SIGKILL) }
    }
    let finished = await child.finished()
    return finished.signal == SIGKILL ? nil : finished
  }
}

/// What keeps a run's processes together.
struct Containment: Sendable, CustomTestStringConvertible, CustomStringConvertible {
  /// As `CAIRN_CONTAINMENT` takes it; nil is Cairn's own choice.
  var name: String?
  /// Whether processes that left their session die with Cairn.
  var endsDaemons: Bool

  var description: String { name ?? "own choice" }
  var testDescription: String { description }

  var environment: [String: String] { name.map { ["CAIRN_CONTAINMENT": $0] } ?? [:] }

  /// The kinds that this machine has, each asked for by name.
  ///
  /// A guardian ends daemons too as long as they keep their environment, as those of the test do.
  static let offered: [Containment] = ["namespace", "cgroup", "guardian"].filter(isOffered).map {
    Containment(name: $0, endsDaemons: true)
  }

  private static func isOffered(_ name: String) -> Bool {
    guard
      let project = try? TemporaryProject("tasks: { a: { exec: [\"true\"] } }"),
      let answer = try? project.shell(
        "CAIRN_CONTAINMENT=\(name) '\(CairnBinary.path)' run --plain > /dev/null 2>&1; echo $?")
    else { return false }
    return answer.trimmingCharacters(in: .whitespacesAndNewlines) == "0"
  }
}
