import Foundation
import Model
import Testing

/// `kill -9` while tasks in worktrees are merged.
@Suite(.timeLimit(.minutes(60)))
struct MergeSoakTests {
  private static let runs = Soak.isOn ? 50 : 3
  private static let maximumKills = Soak.isOn ? 4 : 2
  private static let maximumSessions = 20
  private static let firstSeed: UInt64 = 0xCA1E_0600
  private static let tasks = 8

  /// Each writes a file of its own and one more line; half of them need another one.
  private static var file: String {
    let tasks = (0..<tasks).map { number in
      let after = number >= 4 ? ", after: [t\(number - 4)]" : ""
      return "  t\(number): { run: \"sleep 0.0\(number % 3); echo x > f\(number)\"\(after) }"
    }
    return """
      isolate: worktree
      defaults: { output: none }
      budget: { jobs: 3 }
      tasks:
      \(tasks.joined(separator: "\n"))
      """
  }

  @Test("a run that is killed while it merges has each task's commit once and nothing else")
  func killed() async throws {
    var kills = 0
    for number in 0..<UInt64(Self.runs) {
      let seed = Soak.seed ?? Self.firstSeed + number
      let (count, problems) = try await Self.run(seed: seed)
      kills += count
      if !problems.isEmpty {
        Issue.record(
          "seed \(seed): \(problems.joined(separator: "; "))\nCAIRN_SEED=\(seed) replays it")
      }
      if Soak.seed != nil { break }
    }
    print("merge soak: \(Self.runs) runs from seed \(Self.firstSeed), \(kills) kills")
    #expect(kills > 0, "a soak that never kills proves nothing")
  }

  private static func run(seed: UInt64) async throws -> (kills: Int, problems: [String]) {
    var random = SeededNumbers(seed: seed)
    let project = try TemporaryProject(file)
    try project.shell(
      "git init -q . && git add -A && git -c user.name=ana -c user.email=a@b commit -qm base")
    var kills = 0
    var verb = "run"
    for _ in 0..<maximumSessions {
      let child = try CairnBinary.start([verb, "--json"], in: project)
      let finished =
        kills >= maximumKills
        ? await child.finished() : await MergeMoment(&random).strike(child, project)
      guard let finished else {
        kills += 1
        verb = "resume"
        continue
      }
      switch finished.status {
      case 0: return (kills, try check(project))
      // Killed before its first fact, a run does not exist.
      case 66? where verb == "resume": verb = "run"
      // A task that was there at every death is suspected of it, until a person resumes once more.
      case 1? where finished.output.contains("interrupted"): verb = "resume"
      default:
        return (kills, ["ended with \(finished.status ?? -1): \(finished.errors)"])
      }
    }
    return (kills, ["not done after \(maximumSessions) sessions"])
  }

  /// What has to be true of the branch, told by git alone.
  private static func check(_ project: TemporaryProject) throws -> [String] {
    var problems: [String] = []
    let format = "%(trailers:key=Cairn-Task,valueonly,separator=)"
    // A run that was killed before its first fact left a branch without a commit, and no number 1.
    let branches = try project.shell(
      "git for-each-ref --no-merged HEAD --format='%(refname:short)' refs/heads/cairn")
    let branch = branches.trimmingCharacters(in: .newlines)
    guard !branch.isEmpty, !branch.contains("\n") else { return ["branches: \(branches)"] }
    let committed = try project.shell("git log --format='\(format)' HEAD..\(branch)")
      .split(separator: "\n").map(String.init).sorted()
    let names = (0..<tasks).map { "t\($0)" }
    if committed != names { problems.append("commits of \(committed)") }
    let files = try project.shell("git diff --name-status HEAD \(branch)")
    let wanted = (0..<tasks).map { "A\tf\($0)\n" }.joined()
    if files != wanted { problems.append("the branch has \(files)") }
    if try !project.shell("git status --porcelain").isEmpty { problems.append("checkout written") }
    if try project.shell("git fsck --no-dangling 2>&1 | grep -v '^notice' || true") != "" {
      problems.append("git fsck complains")
    }
    let resumed = try project.shell(
      "'\(CairnBinary.path)' resume --plain > /dev/null 2>&1; echo $?")
    if resumed != "0\n" { problems.append("resuming again ended with \(resumed)") }
    return problems
  }
}

/// When to kill: as soon as a given number of merges has been begun, or some time after.
///
/// A merge shows in the repository: the branch moves before the journal knows.
private struct MergeMoment {
  private let merges: Int
  private let delay: UInt32
  private static let pollMicroseconds: UInt32 = 500

  init(_ random: inout SeededNumbers) {
    merges = Int.random(in: 1...3, using: &random)
    delay = UInt32.random(in: 0..<40_000, using: &random)
  }

  /// Kills the process; returns how it ended if it was quicker.
  func strike(_ child: Child, _ project: TemporaryProject) async -> Finished? {
    let process = ProcessRow(child.pid)
    let reference = project.path(".git/refs/heads/cairn/1")
    let (merges, delay) = (merges, delay)
    Thread.detachNewThread {
      var (seen, last) = (0, FileManager.default.contents(atPath: reference))
      while process?.isAlive == true, seen < merges {
        usleep(Self.pollMicroseconds)
        let now = FileManager.default.contents(atPath: reference)
        if now != last { seen += 1 }
        last = now
      }
      usleep(delay)
      if process?.isAlive == true { child.send(SIGKILL) }
    }
    let finished = await child.finished()
    return finished.signal == SIGKILL ? nil : finished
  }
}
