import Foundation
import Testing

/// Files of other people's projects; they are not part of this one.
@Suite(.timeLimit(.minutes(15)))
struct CorpusTests {
  /// Task Master files below the folder that `CAIRN_CORPUS` names.
  static let taskMasterFiles: [String] = {
    guard let corpus = ProcessInfo.processInfo.environment["CAIRN_CORPUS"] else { return [] }
    let folder = corpus + "/task-master"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
  }()

  @Test(
    "a real Task Master file is listed, shown and drawn, or its cycle is named",
    .enabled(if: !taskMasterFiles.isEmpty, "set CAIRN_CORPUS to a folder of real files"),
    arguments: taskMasterFiles)
  func loads(path: String) async throws {
    let project = try TemporaryProject()
    let listed = try await CairnBinary.run(["list", path], in: project)
    #expect(listed.status == 0, "\(listed.errors)")
    let first = try #require(listed.outputLines.dropFirst().compactMap(Self.name).first)
    let shown = try await CairnBinary.run(["show", path, first], in: project)
    #expect(shown.status == 0, "\(shown.errors)")
    guard !listed.errors.contains("tasks wait for each other: ") else {
      let drawn = try await CairnBinary.run(["graph", path], in: project)
      #expect(drawn.status == 65)
      return
    }
    for format in ["text", "dot", "mermaid"] {
      let drawn = try await CairnBinary.run(["graph", path, "--format", format], in: project)
      #expect(drawn.status == 0)
      #expect(drawn.output.contains(first))
    }
  }

  /// The task's name in a line of `list`.
  private static func name(_ line: String) -> String? {
    let words = line.split(separator: " ")
    return words.count > 1 ? String(words[0]) : nil
  }
}
