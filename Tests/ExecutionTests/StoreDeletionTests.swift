import Foundation
import Testing

@testable import Execution

/// What is set aside has no name that counts, until it has it back or is gone.
struct StoreDeletionTests {
  private let root: String
  private let layout: WorkspaceLayout

  init() throws {
    root = NSTemporaryDirectory() + "/store-" + UUID().uuidString
    layout = WorkspaceLayout(root: root)
    try FileTree.makeFolders("\(layout.workspace)/1/0-a/out")
    try FileTree.makeFolders("\(layout.workspace)/1/0-a/out.old")
    try FileTree.makeFolders("\(layout.workspace)/slots/0")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(layout.workspace)/1/0-a/out/x"))
    try Data([4]).write(to: URL(fileURLWithPath: "\(layout.workspace)/slots/0/x"))
  }

  private func names() throws -> [String] {
    try layout.storeSurvey().entries.map(\.name).sorted()
  }

  private func artifact() throws -> StoreSurvey.Entry {
    try #require(try layout.storeSurvey().entries.first { $0.kind == .artifact })
  }

  @Test("a death behind the first step leaves what the next holder of the lock clears away")
  func death() throws {
    var deletion = StoreDeletion(layout, spill: nil)
    try deletion.setAside(try artifact())
    #expect(try names() == ["1/0-a/out.old", "slots/0"], "an older one has made room")
    #expect(try layout.storeSurvey().entries.first?.files == 1)
    layout.sweepUnsealed()
    #expect(try names() == [])
  }

  @Test("a journal that takes no facts gives everything its name back")
  func undo() throws {
    var deletion = StoreDeletion(layout, spill: nil)
    let before = try FileTree.digest("\(layout.workspace)/1/0-a/out").digest
    try deletion.setAside(try artifact())
    deletion.undo()
    #expect(try names().contains("1/0-a/out"))
    #expect(try FileTree.digest("\(layout.workspace)/1/0-a/out").digest == before)
  }

  @Test("the bytes go, and the folders in which nothing is left")
  func finish() throws {
    var deletion = StoreDeletion(layout, spill: nil)
    for entry in try layout.storeSurvey().entries { try deletion.setAside(entry) }
    #expect(deletion.finish() == [])
    #expect(try names() == [])
    #expect(FileTree.plainNames(in: layout.workspace) == ["slots"])
  }

  @Test("a folder that became a link since it was looked at is not gone through")
  func linked() throws {
    let entry = try artifact()
    let outside = root + "/outside"
    try FileManager.default.moveItem(atPath: "\(layout.workspace)/1/0-a", toPath: outside)
    try FileManager.default.createSymbolicLink(
      atPath: "\(layout.workspace)/1/0-a", withDestinationPath: outside)
    var deletion = StoreDeletion(layout, spill: nil)
    #expect(throws: WorkspaceProblem.self) { try deletion.setAside(entry) }
    #expect(FileTree.plainNames(in: outside + "/out") == ["x"])
  }

  @Test("rows and folders hold what one walk measures")
  func sum() throws {
    let survey = try layout.storeSurvey()
    let told = survey.entries.reduce(survey.folderBytes) { $0 + $1.bytes }
    #expect(told == layout.measuredBytes())
  }
}
