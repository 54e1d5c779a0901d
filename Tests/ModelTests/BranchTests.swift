import Foundation
import Model
import Testing

@Suite("The branch of a run is folded from its facts")
struct BranchTests {
  private func state(_ kinds: [Fact.Kind]) -> RunState {
    var state = RunState()
    for (index, kind) in kinds.enumerated() {
      state.apply(
        Fact(sequence: index + 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: kind))
    }
    return state
  }

  private func merged(_ commit: String, on base: String) -> Fact.Kind {
    .branchMerged(
      .init(task: TaskID(0), attempt: 1, commit: commit, base: base, files: commit == base ? 0 : 1))
  }

  @Test func aRunWithoutWorktreesHasNone() {
    #expect(state([.runHeld(.init("x"))]).branch == nil)
  }

  @Test func itsTipIsTheNewestMergeAndWhatChangedNothingIsNoCommit() throws {
    let state = state([
      .branchOpened(.init(branch: "cairn/3", commit: "a")), merged("b", on: "a"),
      merged("b", on: "b"), merged("c", on: "b"),
    ])
    let branch = try #require(state.branch)
    #expect(branch.base == "a")
    #expect(branch.commit == "c")
    #expect(branch.commits == 2)
    #expect(branch.command == "git merge --ff-only cairn/3")
  }

  @Test func aCheckpointKeepsIt() throws {
    let state = state([
      .branchOpened(.init(branch: "cairn/3", commit: "a")), merged("b", on: "a"),
    ])
    let data = try JSONEncoder().encode(state.checkpoint)
    let checkpoint = try JSONDecoder().decode(RunState.Checkpoint.self, from: data)
    #expect(RunState(checkpoint, graphFacts: [])?.branch == state.branch)
  }
}
