import Model
import Testing

@testable import Execution

/// Whether the machine lets processes be asked before they write.
private enum Watching {
  static func begin(_ real: EngineRealTests) throws -> String? {
    real.executor.watchSlots(
      beside: try Workspace(root: real.folder.path, run: 1).openSlot(0))
  }

  static let isAllowed: Bool = {
    guard let real = try? EngineRealTests() else { return false }
    return (try? begin(real)) == .some(nil)
  }()
}

@Suite("slots that are watched, where they cannot be hidden", .enabled(if: Watching.isAllowed))
struct SlotWatchTests {

  /// Runs the graph under the watch; returns how it ended and the trespasses that were told.
  private static func told(
    _ real: EngineRealTests, _ graph: TaskGraph
  ) async throws -> (Fact.RunClosed.Ending, [Fact.Notice]) {
    try #require(try Watching.begin(real) == nil)
    let run = try real.journal.newRun(wallTime: 0, cairn: "test")
    let engine = try real.engine(graph, run: run)
    real.executor.tellTrespasses { [weak engine] in engine?.tell($0) }
    let ending = try await engine.run().ending
    let notices = try real.journal.facts(run: run, after: 0, limit: 10_000).compactMap { fact in
      if case .notice(let notice) = fact.kind { notice } else { nil }
    }
    return (ending, notices.filter { $0.code == Fact.Notice.Code.slotTrespassed.rawValue })
  }

  @Test("two chains cannot overwrite or fill each other's, and both are told")
  func intruders() async throws {
    let real = try EngineRealTests()
    try real.folder.make("meet")
    let script = SlotIsolationTests.intruder
    let graph = EngineRealTests.shell(["a": ([], script), "b": ([], script)])
    let (ending, told) = try await Self.told(real, graph)
    #expect(ending == .done)
    for task in ["0-a", "1-b"] {
      let base = ".cairn/workspace/1/\(task)/out"
      let did = try #require(real.folder.read("\(base)/did"))
      #expect(did.contains("read") && !did.contains("overwritten") && !did.contains("filled"))
      #expect(!did.contains("made"), "nothing is made beside the slots")
      #expect(real.folder.read("\(base)/mine") == "own\n")
    }
    let first = told.filter { $0.text.contains("\"own\"") }
    #expect(Set(first.map(\.task)) == [TaskID(0), TaskID(1)] && first.count == 2)
    #expect(first.allSatisfy { $0.text.contains(", which task \"") })
  }

  /// What would change the folder `$there`, which holds a file `own` and an empty folder `in`.
  private static let ways = [
    "echo evil > $there/own", "echo more > $there/more", ": >> $there/own", "cd $there; echo x > y",
    "ln -s $there $CAIRN_SCRATCH/way; echo x > $CAIRN_SCRATCH/way/y", "rm $there/own",
    "mkdir $there/new", "mkdir -p $there/deep/er", "rmdir $there/in",
    "mv $there/own $CAIRN_SCRATCH/mine", "touch mine; mv mine $there/mine",
    "touch mine; ln mine $there/mine", "ln $there/own $CAIRN_SCRATCH/way",
    "truncate -s 0 $there/own", "ln -s /etc $there/link", "mkfifo $there/pipe",
    "chmod 000 $there/own", "cp /bin/true $there/own",
    "exec 5< $there; cd /proc/self/fd/5; echo x > y", "(setsid -w bash -c \"echo x > $there/y\")",
    "env -i bash -c \"echo x > $there/y\"",
    "CAIRN_SCRATCH=/nowhere/3 bash -c \"echo x > $there/y\"",
    "echo x > $CAIRN_SCRATCH/../${there##*/}/y",
  ]

  /// One executor for all, as in one run: each way is a task of its own, after the one before.
  @Test("whatever way a write takes, it is refused, and told of the task that made it")
  func everyWay() async throws {
    let real = try EngineRealTests()
    let slot = ".cairn/workspace/slots/7"
    try real.folder.make("\(slot)/in")
    try real.folder.write("\(slot)/own", "own")
    var graph = EngineRealTests.shell([:])
    for (number, way) in Self.ways.enumerated() {
      let script = "there=\(real.folder.path)/\(slot)\n! (set -e; \(way)) 2> /dev/null"
      let one = EngineRealTests.shell(["\(number)": ([], script)])
      var task = one.tasks[0]
      task.id = TaskID(number)
      graph.tasks.append(task)
    }
    let (ending, told) = try await Self.told(real, graph)
    #expect(ending == .done)
    #expect(real.folder.names(slot).sorted() == ["in", "own"])
    #expect(real.folder.read("\(slot)/own") == "own")
    let silent = graph.tasks.filter { task in !told.contains { $0.task == task.id } }
    #expect(silent.map { Self.ways[$0.id.index] } == [], "ways that nobody was told of")
  }

  @Test("what a task does in its own slot, in its artifacts and elsewhere is let through")
  func own() async throws {
    let real = try EngineRealTests()
    let graph = EngineRealTests.shell([
      "a": (
        [],
        """
        mkdir -p $CAIRN_SCRATCH/a/b; cd $CAIRN_SCRATCH/a; echo x > b/c; mv b/c d; ln d e; ln -s d f
        chmod 600 f; truncate -s 3 d; rm e; mkfifo g; rm -r b g; cp d $CAIRN_OUT; echo y >> /dev/null
        mktemp -d /tmp/cairn-test-XXXXXX | xargs rmdir; [ $(wc -c < $CAIRN_OUT/d) = 3 ]
        """
      )
    ])
    let (ending, told) = try await Self.told(real, graph)
    #expect(ending == .done)
    #expect(told == [])
  }

  @Test("a program that is not there says so as without the watch")
  func missing() async throws {
    let real = try EngineRealTests()
    var graph = EngineRealTests.shell(["a": ([], "true")])
    graph.tasks[0].action = .exec(arguments: ["no-such-command-at-all"])
    #expect(try await Self.told(real, graph).0 == .failed)
  }
}
