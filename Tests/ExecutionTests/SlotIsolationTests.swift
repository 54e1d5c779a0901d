import Foundation
import Glibc
import Model
import Planning
import Testing

@testable import Execution

@Suite("slots of two chains") struct SlotIsolationTests {
  /// Each waits for the other, so both hold their slots; then it does to the other's what it can.
  static let intruder = """
    me=${CAIRN_SCRATCH##*/}; other=$((1 - me)); there=${CAIRN_SCRATCH%/*}/$other
    echo own > "$CAIRN_SCRATCH/own"
    touch "meet/$me"
    for i in $(seq 1000); do [ -e "meet/$other" ] && break; sleep 0.01; done
    { cat "$there/own" && echo read; echo evil > "$there/own" && echo overwritten
      echo more > "$there/more" && echo filled; mkdir "$there/../9" && echo made
      ls "${CAIRN_SCRATCH%/*}"; } > "$CAIRN_OUT/did" 2> "$CAIRN_OUT/errors" || true
    touch "meet/done-$me"
    for i in $(seq 1000); do [ -e "meet/done-$other" ] && break; sleep 0.01; done
    cat "$CAIRN_SCRATCH"/* > "$CAIRN_OUT/mine"
    """

  private func played(isIsolated: Bool) async throws -> TemporaryFolder {
    let real = try EngineRealTests()
    try real.folder.make("meet")
    let workspace = try Workspace(root: real.folder.path, run: 1)
    if isIsolated {
      try #require(real.executor.hideSlots(from: try workspace.openSlot(0)) == nil)
    }
    let graph = EngineRealTests.shell(["a": ([], Self.intruder), "b": ([], Self.intruder)])
    let run = try real.journal.newRun(wallTime: 0, cairn: "test")
    let engine = try real.engine(graph, run: run)
    #expect(try await engine.run().ending == .done)
    return real.folder
  }

  @Test(
    "cannot be read, overwritten or filled by the other, and are not even seen",
    .enabled(if: SlotIsolationTests.allowsNamespaces))
  func isolated() async throws {
    let folder = try await played(isIsolated: true)
    for task in ["0-a", "1-b"] {
      let base = ".cairn/workspace/1/\(task)/out"
      let did = try #require(folder.read("\(base)/did")).split(separator: "\n")
      #expect(did == [task == "0-a" ? "0" : "1"], "only its own slot is listed")
      #expect(folder.read("\(base)/mine") == "own\n")
    }
  }

  @Test("are open to one another where they are not hidden: the test above can fail")
  func shared() async throws {
    let folder = try await played(isIsolated: false)
    let did = folder.read(".cairn/workspace/1/0-a/out/did") ?? ""
    #expect(did.contains("read") && did.contains("overwritten") && did.contains("filled"))
  }

  static let allowsNamespaces: Bool = {
    guard let executor = try? ProcessExecutor() else { return false }
    return executor.containment.kind == .namespace
  }()

  @Test("a write into a slot that nobody holds is told to who gets it, and is gone")
  func trespass() async throws {
    let real = try EngineRealTests()
    let graph = EngineRealTests.shell([
      "a": ([], "true"),
      "b": (["a"], "echo evil > \(real.folder.path)/.cairn/workspace/slots/1/evil; sleep 0.2"),
      "c": (["a"], "sleep 0.1"),
      "d": (["b", "c"], "ls $CAIRN_SCRATCH > $CAIRN_OUT/seen"),
      "e": (["b", "c"], "ls $CAIRN_SCRATCH > $CAIRN_OUT/seen"),
    ])
    let run = try real.journal.newRun(wallTime: 0, cairn: "test")
    try real.folder.make(".cairn/workspace/slots/1")
    let engine = try real.engine(graph, run: run)
    #expect(try await engine.run().ending == .done)
    #expect(real.folder.read(".cairn/workspace/1/3-d/out/seen") == "")
    #expect(real.folder.read(".cairn/workspace/1/4-e/out/seen") == "")
  }
}
