import Model
import Testing

@testable import Execution

@Suite("spilling cut short") struct WorkspaceSpillStageTests {
  let folder: TemporaryFolder
  let scene: SpillScene

  init() throws {
    folder = try TemporaryFolder()
    scene = try SpillScene(folder)
  }

  enum Stage: String, CaseIterable {
    case copying
    case copied
    case aside
    case removing
    case removed
    case restoring
    case replacing
    case restored
  }

  @Test(
    "wherever Cairn died, nothing half done stays and nothing is lost", arguments: Stage.allCases)
  func crash(stage: Stage) throws {
    let fact = try scene.seal()
    let original = scene.original
    let spilled = stage != .copying
    if spilled { try scene.spill(fact) }
    switch stage {
    case .copying:
      try scene.workspace.openSpill()
      try folder.write(scene.copies + "/out.part/file", "wo")
    case .copied, .restored: try scene.restore(fact)
    case .aside: try folder.write(original + ".old/file", "words")
    case .removing: try folder.make(original + ".old")
    case .removed: break
    case .restoring: try folder.write(original + ".restore.part/file", "w")
    case .replacing:
      try folder.write(original + ".restore.part/file", "words")
      try folder.write(original + ".old/file", "wrong")
    }
    let next = try SpillScene(folder)
    next.workspace.layout.sweepUnsealed()
    try next.workspace.openSpill()
    let isHeld = next.workspace.holds(next.task, artifact: "out")
    #expect(isHeld == (stage == .copying || stage == .copied || stage == .restored))
    #expect(next.workspace.holdsSpilled(next.task, artifact: "out") == spilled)
    #expect(next.originals == (isHeld ? ["out"] : []))
    #expect(folder.names(scene.copies) == (spilled ? ["out"] : []))
    #expect(try next.spill(fact) == fact.bytes)
    #expect(try next.restore(fact) == fact.bytes)
    #expect(next.digest(original) == fact.digest)
  }

  @Test("leftovers are gone with the first spill of a session that opened nothing")
  func parts() throws {
    let fact = try scene.seal()
    try scene.workspace.openSpill()
    let other = "spill/\(scene.own)/3/8-other"
    try folder.write(other + "/out.part/file", "wo")
    try scene.spill(fact)
    #expect(folder.names(other) == [])
  }
}
