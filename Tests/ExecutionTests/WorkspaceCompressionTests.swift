import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("compressed artifacts") struct WorkspaceCompressionTests {
  let folder: TemporaryFolder
  let scene: SpillScene

  init() throws {
    folder = try TemporaryFolder()
    scene = try SpillScene(folder)
  }

  private static let text = String(repeating: "words and words, ", count: 20_000)

  private func known(_ fact: Fact.ArtifactSealed) -> RunState.Artifact { RunState.Artifact(fact) }

  @discardableResult
  private func compress(
    _ fact: Fact.ArtifactSealed, within limit: Int64 = 1 << 30
  ) throws(WorkspaceProblem) -> Int64 {
    try scene.workspace.compress(
      scene.task, artifact: "out", as: known(fact), within: limit)
  }

  @discardableResult
  private func expand(_ fact: Fact.ArtifactSealed) throws(WorkspaceProblem) -> Int64 {
    try scene.workspace.expand(scene.task, artifact: "out", as: known(fact))
  }

  private var packed: String { scene.path(scene.original) + ".zst" }

  @Test("one takes less room, cannot be read, and comes back as it was")
  func roundTrip() throws {
    let fact = try scene.seal(Self.text)
    let bytes = try compress(fact)
    #expect(bytes > 0 && bytes < fact.bytes / 8)
    #expect(scene.originals == ["out.zst"])
    #expect(!scene.workspace.holds(scene.task, artifact: "out"))
    #expect(scene.workspace.holdsCompressed(scene.task, artifact: "out"))
    // Told twice, as after a crash, it changes nothing.
    #expect(try compress(fact) == bytes)
    #expect(try expand(fact) == fact.bytes)
    #expect(try expand(fact) == fact.bytes)
    #expect(scene.originals == ["out"] && scene.digest(scene.original) == fact.digest)
    #expect(scene.status(scene.original).st_mode & 0o7777 == 0o555)
  }

  @Test("one that is larger than there is room for stays as it is")
  func tooLarge() throws {
    let fact = try scene.seal(Self.text)
    #expect(throws: WorkspaceProblem.self) { try compress(fact, within: 100) }
    #expect(scene.originals == ["out"] && scene.digest(scene.original) == fact.digest)
  }

  @Test("one that is not what was sealed is not compressed, and stays")
  func mismatch() throws {
    let fact = try scene.seal(Self.text)
    chmod(scene.path(scene.original + "/file"), 0o644)
    try folder.write(scene.original + "/file", "other")
    #expect(
      throws: WorkspaceProblem(
        "artifact \"out\" of task \"sort\" is not compressed: its compressed form is not what was "
          + "sealed")
    ) { try compress(fact) }
    #expect(scene.originals == ["out"] && folder.read(scene.original + "/file") == "other")
  }

  @Test("a damaged form is told, and nothing of it comes back")
  func damaged() throws {
    let fact = try scene.seal(Self.text)
    try compress(fact)
    var bytes = try Data(contentsOf: URL(filePath: packed))
    bytes[bytes.count / 2] ^= 1
    chmod(packed, 0o600)
    try bytes.write(to: URL(filePath: packed))
    #expect(throws: WorkspaceProblem.self) { try expand(fact) }
    #expect(scene.originals == [])
  }

  @Test("the form of another content is told")
  func another() throws {
    let other = try scene.seal("other")
    try compress(other)
    var fact = other
    fact.digest = String(repeating: "0", count: 32)
    #expect(
      throws: WorkspaceProblem(
        "the compressed form of artifact \"out\" of task \"sort\" in \"\(packed)\" is not what was "
          + "compressed")
    ) { try expand(fact) }
    #expect(scene.originals == [])
  }

  @Test("a link in the form's place is not followed")
  func link() throws {
    let fact = try scene.seal(Self.text)
    try compress(fact)
    try FileManager.default.moveItem(atPath: packed, toPath: scene.path("elsewhere"))
    symlink(scene.path("elsewhere"), packed)
    #expect(!scene.workspace.holdsCompressed(scene.task, artifact: "out"))
    #expect(throws: WorkspaceProblem.self) { try expand(fact) }
  }

  @Test("what an open process still reads is not compressed, and no form stays")
  func open() throws {
    let fact = try scene.seal(Self.text)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sleep")
    process.arguments = ["60"]
    process.currentDirectoryURL = URL(filePath: scene.path(scene.original))
    try process.run()
    defer { process.terminate() }
    #expect(throws: WorkspaceProblem.self) { try compress(fact) }
    #expect(scene.originals == ["out"])
  }

  enum Stage: String, CaseIterable {
    case packing, packed, aside, unpacking, replacing, unpacked
  }

  @Test(
    "wherever Cairn died, nothing half done stays and nothing is lost", arguments: Stage.allCases)
  func crash(stage: Stage) throws {
    let fact = try scene.seal(Self.text)
    let original = scene.original
    if stage != .packing { try compress(fact) }
    let form = try? Data(contentsOf: URL(filePath: packed))
    switch stage {
    case .packing: try folder.write(original + ".zst.part", "half")
    case .packed, .unpacked:
      try expand(fact)
      try #require(form).write(to: URL(filePath: packed))
    case .aside: try folder.write(original + ".old/file", "words")
    case .unpacking: try folder.write(original + ".expand.part/file", "w")
    case .replacing: try folder.write(original + ".old/file", "wrong")
    }
    let next = try SpillScene(folder)
    next.workspace.layout.sweepUnsealed()
    let isWhole = stage == .packing || stage == .packed || stage == .unpacked
    #expect(next.originals == [isWhole ? "out" : "out.zst"])
    #expect(try expand(fact) == fact.bytes)
    #expect(scene.originals == ["out"] && scene.digest(original) == fact.digest)
    try compress(fact)
    #expect(scene.originals == ["out.zst"])
  }

  @Test("a new attempt's artifact takes the place of the compressed one, and a drop leaves neither")
  func gives() throws {
    try compress(try scene.seal(Self.text))
    let fact = try scene.seal("new")
    #expect(scene.originals == ["out"] && scene.digest(scene.original) == fact.digest)
    try compress(fact)
    try scene.workspace.drop(scene.task, artifact: "out")
    #expect(scene.originals == [])
  }

  @Test("a sweep keeps the form of what is kept, and counts that of what is not")
  func sweep() throws {
    let fact = try scene.seal(Self.text)
    let bytes = try compress(fact)
    let next = try Workspace(root: folder.path + "/project", run: 4)
    let place = ArtifactPlace(run: 3, task: scene.task.id, name: "sort", artifact: "out")
    #expect(next.sweepOldRuns(keeping: [place]) == 0)
    #expect(scene.originals == ["out.zst"])
    #expect(next.sweepOldRuns(keeping: []) == bytes)
    #expect(scene.originals == [])
  }

  @Test("the form of an artifact called `in` is no leftover")
  func input() {
    let names = ["in.zst", "in.3", "in.3.part", "in.zst.part", "in.zst.old", "in.3.zst"]
    #expect(names.map { Workspace.isLeftover($0) } == [false, true, true, true, true, true])
  }

  @Test("a survey tells it from an artifact and from a stranger")
  func survey() throws {
    let fact = try scene.seal(Self.text)
    let bytes = try compress(fact)
    try folder.write("project/.cairn/workspace/3/7-sort/a.b.zst", "x")
    let survey = try scene.workspace.layout.storeSurvey()
    let found = survey.entries.map { "\($0.kind) \($0.name)" }
    #expect(found == ["foreign 3/7-sort/a.b.zst", "compressed 3/7-sort/out.zst"])
    #expect(survey.entries.last?.bytes == bytes)
    #expect(survey.entries.last?.artifactName == "3/7-sort/out")
  }
}
