import Foundation
import Glibc
import Testing

/// A list that is shown again whenever the file has changed.
@Suite(.timeLimit(.minutes(15)))
struct ListWatchTests {
  private static let text = #"""
    {"master": {"tasks": [
      {"id": 1, "title": "one\u001b[2J", "status": "pending"}, {"id": 2, "title": "two"}]},
     "other": {"tasks": [{"id": 1, "title": "elsewhere"}]}}
    """#
  private static let file = ".taskmaster/tasks/tasks.json"

  @Test("without a terminal one list stands below the other, until it is interrupted")
  func lines() async throws {
    let project = try taskMasterProject(Self.text)
    let child = try CairnBinary.start(["list", "--watch", "-c", "--no-header"], in: project)
    let first = "1 ○ one·[2J\n2 ○ two\n"
    try await poll("the first list") { child.output == first ? true : nil }
    try project.shell("touch \(Self.file)")
    let set = try await CairnBinary.run(["set-status", "2", "done"], in: project)
    #expect(set.status == 0, "\(set.errors)")
    let second = first.replacingOccurrences(of: "2 ○", with: "2 ✓")
    try await poll("the second list") { child.output.hasSuffix("Z\n" + second) ? true : nil }
    // Written in place, and no JSON for a while.
    try project.write("{", to: Self.file)
    try await poll("what is wrong") { child.errors.contains("the list is older") ? true : nil }
    try project.write(Self.text, to: Self.file)
    try await poll("the first list again") { child.output.hasSuffix("Z\n" + first) ? true : nil }
    _ = try await CairnBinary.run(["tags", "use", "other"], in: project)
    try await poll("the other tag") { child.output.hasSuffix("Z\n1 ○ elsewhere\n") ? true : nil }
    child.send(SIGINT)
    let ended = await child.finished()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.output.components(separatedBy: "\n--- 20").count == 4, "\(ended.output)")
    #expect(!ended.output.contains("\u{1B}") && ended.errorLines.count == 1)
  }

  @Test("on a terminal it is painted over the last, as far as there is room")
  func painted() async throws {
    guard Tmux.isInstalled else { return }
    let tasks = (1...9).map {
      #"{"id": \#($0), "title": "task \#($0) \#(String(repeating: "x", count: 50))"}"#
    }
    let project = try taskMasterProject("{\"tasks\": [\(tasks.joined(separator: ","))]}")
    let tmux = try Tmux(project, columns: 40, rows: 8)
    try tmux.type("\(CairnBinary.path) list --watch --compact; echo ended: $?")
    let full = try await tmux.wait(for: "… 4 more lines")
    #expect(full[0] == "master: 9 tasks: 9 pending" && full[1].hasPrefix("1 ○ task 1 xx"))
    #expect(full.filter { !$0.isEmpty }.count == 7 && full.allSatisfy { $0.count < 40 })
    try project.write(#"{"tasks": [{"id": 1, "title": "left"}]}"#, to: Self.file)
    let less = try await tmux.wait("the shorter list") { $0.first == "master: 1 task: 1 pending" }
    #expect(less.filter { !$0.isEmpty } == ["master: 1 task: 1 pending", "1 ○ left"])
    try tmux.press("C-c")
    try await tmux.wait(for: "ended: 0")
  }

  @Test(
    "what cannot be watched says so",
    arguments: [
      (["list", "--watch", "--silent"], 64, "exclude one another"),
      (["list", "--watch", "--tag", "none"], 65, "no tag \"none\""),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], status: Int32, message: String) async throws {
    let run = try await CairnBinary.run(arguments, in: taskMasterProject(Self.text))
    #expect(run.status == status && run.errors.contains(message), "\(run.errors)")
  }

  @Test("a graph of Cairn's own has no list to watch")
  func graph() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    let run = try await CairnBinary.run(["list", "--watch"], in: project)
    #expect(run.status == 78 && run.errors.contains("cairn.yaml has none"), "\(run.errors)")
  }
}
