import Foundation
import Model
import Testing

/// The numbers of a dead run's processes, now worn by somebody else's (F15).
@Suite(
  .timeLimit(.minutes(15)),
  .enabled(if: OwnPids.isPossible, "needs root, for a pid namespace of the test's own"))
struct RecycledPidTests {
  /// Not cgroups: their names hold pids, which mean nothing in another namespace, so that a Cairn in
  /// this one would tidy away the empty group of one outside.
  private static let containments = Containment.offered.filter { $0.name != "cgroup" }

  /// Kills a run, waits until its process is gone, lets a session that is not Cairn's take the number,
  /// and resumes.
  private static let script = """
    set -u
    '\(CairnBinary.path)' run --json > ../out/first 2> ../out/first.err &
    cairn=$!
    until grep -q attempt.started ../out/first; do sleep 0.02; done
    kill -9 $cairn
    wait $cairn 2> /dev/null
    mkdir ../out/copy && cp .cairn/journal.sqlite* ../out/copy/
    pid=$(sqlite3 ../out/copy/journal.sqlite \
      "SELECT json_extract(payload, '$.pid') FROM fact WHERE kind = 'attempt.started'")
    until ! test -e /proc/$pid; do sleep 0.02; done
    for try in $(seq 1000); do
      echo $((pid - 1)) > /proc/sys/kernel/ns_last_pid
      setsid sleep 900 < /dev/null > /dev/null 2>&1 &
      foreign=$!
      test $foreign = $pid && break
      kill -9 $foreign
    done
    test $foreign = $pid || { echo "never got $pid"; exit 1; }
    until test "$(cut -d' ' -f6 /proc/$pid/stat)" = $pid; do sleep 0.02; done
    touch go
    '\(CairnBinary.path)' resume --json > ../out/second 2> ../out/second.err
    echo "resume $?"
    test "$(cut -d' ' -f2 /proc/$pid/stat)" = '(sleep)' && kill -0 $pid && echo "$pid lives"
    kill -9 $foreign
    """

  @Test(
    "resume leaves a process alone that has the number of one of its own",
    arguments: Self.containments)
  func spares(containment: Containment) async throws {
    let project = try TemporaryProject(
      "tasks: { a: { run: 'touch up; until test -e go; do sleep 0.02; done' } }")
    let child = try Child(
      OwnPids.path, OwnPids.options + ["bash", "-c", Self.script], in: project.root,
      environment: project.environment.merging(containment.environment) { $1 },
      files: project.newFiles())
    let ended = await child.finished()
    let lines = try FactLines(try project.shell("cat ../out/first"))
    let pid = try #require(lines.pids.first)
    #expect(ended.output == "resume 0\n\(pid) lives\n", "\(ended.errors)")
    #expect(try project.journalOnDisk().lines.done == ["a"])
  }
}

/// A pid namespace, in which the test says which number comes next.
enum OwnPids {
  static let path = "/usr/bin/unshare"
  static let options = ["--pid", "--fork", "--mount-proc", "--kill-child", "--"]
  static let isPossible: Bool = {
    guard getuid() == 0, let project = try? TemporaryProject() else { return false }
    let words = ([path] + options).joined(separator: " ")
    return (try? project.shell("\(words) test -w /proc/sys/kernel/ns_last_pid")) != nil
  }()
}

extension FactLines {
  /// Of the attempts that were started.
  fileprivate var pids: [Int32] {
    facts.compactMap { if case .attemptStarted(let started) = $0.kind { started.pid } else { nil } }
  }
}
