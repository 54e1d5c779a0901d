import Foundation
import Testing

/// A disk that does not give what it holds is not a journal that holds something else (F5).
@Suite(.timeLimit(.minutes(15)), .enabled(if: Strace.isPossible, "needs strace"))
struct UnreadableJournalTests {
  /// The n-th read of a thread fails, or all from there on; the first are those of the header, which is
  /// read more than once, the later ones those of the check of all pages.
  @Test(
    "a read that fails is told as such, and repairs and cuts nothing",
    arguments: ["5", "6", "1+", "5+"])
  func unreadable(call: String) async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'test -e go', output: none } }")
    #expect(try await CairnBinary.run(["run", "--plain"], in: project).status == 1)
    try project.shell("touch go")
    let journal = project.path(".cairn/journal.sqlite")
    let before = FileManager.default.contents(atPath: journal)
    let trace = project.besides + "/trace"
    let child = try Child(
      "/usr/bin/strace",
      [
        "-f", "-qq", "-o", trace, "-P", journal, "-e", "trace=pread64", "-e",
        "inject=pread64:error=EIO:when=\(call)", CairnBinary.path, "resume", "--repair", "--plain",
      ],
      in: project.root, environment: project.environment, files: project.newFiles())
    let ended = await child.finished()
    #expect(try project.shell("grep -c INJECTED '\(trace)' || true") != "0\n")
    #expect(ended.status == 74)
    #expect(ended.errors.contains("cannot"))
    #expect(!ended.errors.contains("damaged"))
    #expect(FileManager.default.contents(atPath: journal) == before)
    #expect(try project.shell("ls .cairn | grep -c corrupt || true") == "0\n")
    #expect(try await CairnBinary.run(["resume", "--plain"], in: project).status == 0)
  }
}
