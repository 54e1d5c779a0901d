import Foundation
import Model
import Testing

/// The n-th call that the journal's files need fails, for one n after the other (F5).
///
/// Whatever n hits, a run ends in one of three ways:
/// - 74, because SQLite tells of the error, at the opening or in a commit. What was not committed was
///   shown to nobody, processes are killed, and the next Cairn goes on from the last commit.
/// - 0, because the call was one that may fail: SQLite tries a checkpoint again later, a file that
///   could not be cut is only longer, a lock was asked for twice; a disk without room (ENOSPC) is
///   waited for, and one failed call is a short shortage.
/// - 0, because there were fewer than n such calls in a thread, which is what the counter counts.
@Suite(.timeLimit(.minutes(30)), .enabled(if: Strace.isPossible, "needs strace"))
struct StorageFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var call: String
    var error: String
    /// Calls of one thread in a run of the graph below, about.
    var calls: Int
    /// All further calls of the thread fail, too.
    var isLasting = false

    var testDescription: String { "\(call) \(error)\(isLasting ? ", from then on" : "")" }

    /// With the soak 1 to 200, as far as there are calls for them; else a few, spread over the same.
    var numbers: [Int] {
      if Soak.isOn { return Array(1...min(200, calls * 4)) }
      let count = min(calls, 7)
      return (0..<count).map { 1 + $0 * calls / count }
    }
  }

  static let faults = [
    Fault(call: "pwrite64", error: "EIO", calls: 56),
    Fault(call: "pwrite64", error: "EIO", calls: 56, isLasting: true),
    Fault(call: "pwrite64", error: "ENOSPC", calls: 56),
    Fault(call: "fdatasync", error: "EIO", calls: 3),
    Fault(call: "openat", error: "EIO", calls: 3),
    Fault(call: "openat", error: "EMFILE", calls: 2),
    Fault(call: "ftruncate", error: "EIO", calls: 2),
    Fault(call: "pread64", error: "EIO", calls: 4),
  ]

  private static let graph = """
    tasks:
      a: { run: 'echo a >> effects', output: none }
      b: { run: 'echo b >> effects', after: [a], output: none }
      c: { run: 'echo c >> effects; echo c > "$CAIRN_OUT/c"', after: [a] }
      d: { run: 'cat "$CAIRN_IN_C/c"; echo d >> effects', needs: [c], after: [b], output: none }
    """
  private static let names: Set = ["a", "b", "c", "d"]

  @Test(
    "no failed call makes a task done that is not, and the run can be gone on with",
    arguments: faults)
  func fails(fault: Fault) async throws {
    // In a project with a journal the first calls are those of the run, not of the journal's making.
    let settled = try TemporaryProject(Self.graph)
    #expect(try await CairnBinary.run(["run", "--plain"], in: settled).status == 0)
    var hits = 0
    for number in fault.numbers {
      let project = try TemporaryProject(Self.graph)
      if !number.isMultiple(of: 3) {
        try project.shell("cp -R '\(settled.root)/.cairn' .cairn")
      }
      hits += try await strike(project, fault, number) ? 1 : 0
    }
    #expect(hits > 0, "a fault that is never met proves nothing")
  }

  /// Returns whether a call did fail.
  private func strike(_ project: TemporaryProject, _ fault: Fault, _ number: Int) async throws
    -> Bool
  {
    let name = "\(fault.testDescription), call \(number)"
    let what = Comment(rawValue: name)
    let trace = project.besides + "/trace"
    let files = ["", "-wal", "-shm"].flatMap { ["-P", project.path(".cairn/journal.sqlite\($0)")] }
    let inject =
      "inject=\(fault.call):error=\(fault.error):when=\(number)\(fault.isLasting ? "+" : "")"
    let child = try Child(
      "/usr/bin/strace",
      ["-f", "-qq", "-o", trace, "-e", "trace=\(fault.call)", "-e", inject] + files
        + [CairnBinary.path, "run", "--fresh", "--json"],
      in: project.root, environment: project.environment, files: project.newFiles())
    let ended = await child.finished()
    #expect(ended.status == 0 || ended.status == 74, what)
    #expect(ended.status == 0 || !ended.errors.isEmpty, what)
    let shown = try FactLines(ended.output)
    try expectHonest(project, shown, isOver: ended.status == 0, what)
    if ended.status != 0 {
      let verb = shown.facts.isEmpty ? ["run", "--fresh"] : ["resume"]
      let next = try await CairnBinary.run(verb + ["--json"], in: project)
      #expect(next.status == 0, "\(name): \(next.errors)")
    }
    let (verdict, journal) = try project.journalOnDisk()
    #expect(verdict == "ok", what)
    #expect(journal.isWhole && journal.done == Self.names, what)
    #expect(journal.successes.values.allSatisfy { $0 == 1 }, what)
    return try project.shell("grep -c INJECTED '\(trace)' || true") != "0\n"
  }

  /// What is shown as done is durable, and what is durable as done was carried out.
  private func expectHonest(
    _ project: TemporaryProject, _ shown: FactLines, isOver: Bool, _ what: Comment
  ) throws {
    #expect(shown.isWhole, what)
    #expect(!isOver || shown.done == Self.names, what)
    guard !shown.facts.isEmpty else { return }
    let (verdict, journal) = try project.journalOnDisk()
    #expect(verdict == "ok", what)
    #expect(journal.facts.starts(with: shown.facts), what)
    let effects = try project.shell("cat effects 2> /dev/null || true").split(separator: "\n")
    #expect(journal.done.isSubset(of: effects.map(String.init)), what)
  }
}
