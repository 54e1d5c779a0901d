import Foundation
import Glibc
import Testing

/// Several programs that write one Task Master file, and one that is killed while it does.
@Suite(.timeLimit(.minutes(15)))
struct TaskMasterWritersTests {
  private static let isSoak = getenv("CAIRN_SOAK") != nil
  private static let file = ".taskmaster/tasks/tasks.json"

  /// A file of tasks that nobody has begun.
  private static func backlog(_ count: Int) -> String {
    let tasks = (1...count).map {
      #"    {"id": \#($0), "title": "task \#($0)", "status": "pending", "dependencies": []}"#
    }
    return "{\"tasks\": [\n" + tasks.joined(separator: ",\n") + "\n]}\n"
  }

  /// Writes as Task Master's newer engine does, whose lock is a folder, and its older one, whose lock is
  /// a file.
  private static let peers = #"""
    set -u
    lock=$1.lock kind=$2; shift; file=${lock%.lock}; shift
    for id in "$@"; do
      if [ $kind = folder ]; then until mkdir $lock 2> /dev/null; do sleep 0.01; done
      else until (set -C; echo "{\"pid\":$$}" > $lock) 2> /dev/null; do sleep 0.01; done; fi
      sed "s/\"id\": $id, \(.*\)\"pending\"/\"id\": $id, \1\"done\"/" $file > $file.tmp.$$
      mv $file.tmp.$$ $file
      if [ $kind = folder ]; then rmdir $lock; else rm $lock; fi
    done
    """#

  /// 1,000 statuses with `CAIRN_SOAK=1`, else 100.
  @Test("eight Cairns and both engines of Task Master write in turn, and nothing is lost")
  func together() async throws {
    let each = Self.isSoak ? 100 : 10
    let project = try taskMasterProject(Self.backlog(10 * each))
    try project.write(Self.peers, to: "peers.sh")
    let cairn =
      "for id in \"$@\"; do '\(CairnBinary.path)' set-status --silent $id done || exit; done"
    try project.write(cairn, to: "ours.sh")
    let children = try (0..<10).map { writer in
      let ids = (writer * each + 1...(writer + 1) * each).map(String.init)
      let script =
        switch writer {
        case 8: ["peers.sh", Self.file, "folder"]
        case 9: ["peers.sh", Self.file, "file"]
        default: ["ours.sh"]
        }
      return try Child(
        "/bin/sh", script + ids, in: project.root, environment: project.environment,
        files: project.newFiles())
    }
    for child in children {
      let finished = await child.finished()
      #expect(finished.status == 0 && finished.errors == "", "\(finished.errors)")
    }
    let text = try project.read(Self.file)
    #expect(text.components(separatedBy: #""status": "done""#).count == 10 * each + 1)
    #expect(!text.contains("pending"))
    #expect(text.components(separatedBy: "updatedAt").count == 8 * each + 1)
    #expect(try project.shell("ls -A .taskmaster/tasks") == "tasks.json\n")
  }

  /// 200 times with `CAIRN_SOAK=1`, else 20.
  @Test("whoever is killed leaves the old file or the new one, and a lock that grows stale")
  func killed() async throws {
    let project = try taskMasterProject(Self.backlog(500))
    let folder = ".taskmaster/tasks"
    let others = try Self.lines(project).others
    let start = ContinuousClock.now
    _ = try await CairnBinary.run(["set-status", "250", "done"], in: project)
    let whole = ContinuousClock.now - start
    var numbers = SeededNumbers(seed: 7)
    for _ in 0..<(Self.isSoak ? 200 : 20) {
      let isDone = try Self.lines(project).own.contains("done")
      let child = try CairnBinary.start(
        ["set-status", "250", isDone ? "pending" : "done"], in: project)
      try await Task.sleep(for: whole * Double.random(in: 0.2...1, using: &numbers))
      child.send(SIGKILL)
      _ = await child.finished()
      let after = try Self.lines(project)
      #expect(after.others == others)
      #expect(after.own.wholeMatch(of: Self.whole) != nil, "\(after.own)")
      let left = try project.shell("ls -A \(folder)").split(separator: "\n").map(String.init)
      #expect(left.count { $0.hasPrefix(".tasks.json.cairn-") } <= 1, "\(left)")
      guard left.contains("tasks.json.lock") else { continue }
      // Ten seconds later: what Task Master itself takes over is a folder, and empty.
      try project.shell(
        "rmdir \(folder)/tasks.json.lock && mkdir \(folder)/tasks.json.lock && touch -d '11 seconds ago' \(folder)/tasks.json.lock"
      )
    }
    let last = try await CairnBinary.run(["set-status", "250", "done"], in: project)
    #expect(last.status == 0, "\(last.errors)")
    #expect(try Self.lines(project).own.contains("done"))
    #expect(try project.shell("ls -A \(folder)") == "tasks.json\n")
  }

  /// What either version says of the task that is set.
  private static var whole: Regex<(Substring, Substring, Substring?)> {
    #/ {4}\{"id": 250, "title": "task 250", "status": "(done|pending)", "dependencies": \[\](, "updatedAt": "[-0-9T:.]{23}Z")?\},/#
  }

  /// The line of the task that is set, and all others.
  private static func lines(
    _ project: TemporaryProject
  ) throws -> (own: String, others: [Substring]) {
    let lines = try project.read(file).split(separator: "\n", omittingEmptySubsequences: false)
    let own = lines.filter { $0.contains("task 250") }
    return (own.joined(), lines.filter { !$0.contains("task 250") })
  }
}
