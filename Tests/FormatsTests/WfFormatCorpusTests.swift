import Formats
import Foundation
import Model
import Testing

/// Recorded workflows lie outside the repository: `CAIRN_CORPUS` names their folder.
private let workflows = ProcessInfo.processInfo.environment["CAIRN_CORPUS"].map { $0 + "/wf" }

@Suite(
  "Recorded workflows are read to the byte",
  .enabled(if: workflows != nil, "skipped: CAIRN_CORPUS is not set"))
struct WfFormatCorpusTests {
  private func load(_ name: String) throws -> WorkflowTrace {
    let path = "\(try #require(workflows))/\(name).json"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(WorkflowTraceFile.looksLike(bytes))
    return try WorkflowTraceFile.load(bytes, file: name)
  }

  /// One run in five versions of the format.
  ///
  /// From 1.5 its tasks have ids; those are the names that they have in 1.0 to 1.4, and the ids of
  /// 1.2 to 1.4 (`ID0000001`) are not carried on. So names are equal and so is the order of the
  /// file; the canonical form, sorted by name, would allow another one.
  @Test(arguments: ["1.0", "1.2", "1.3", "1.4"])
  func versionsOfOneRunAreOneGraph(version: String) throws {
    let older = try load("schema-variants/montage-dss-05d.v\(version)")
    let newest = try load("schema-variants/montage-dss-05d.v1.5")
    #expect(older.schemaVersion == version)
    #expect(older.graph.canonical == newest.graph.canonical)
    #expect(older.graph.tasks.map(\.name) == newest.graph.tasks.map(\.name))
    #expect(older.graph.topologicalOrder() == newest.graph.topologicalOrder())
    #expect(older.seconds == newest.seconds)
    #expect(
      GraphStatistics(older.graph, seconds: older.seconds)
        == GraphStatistics(newest.graph, seconds: newest.seconds))
    #expect(older.warnings == [])
  }

  /// The reference loader's numbers: tasks, edges, artifacts that somebody reads and their bytes.
  @Test(arguments: [
    ("1000genome-chameleon-4ch-100k-001", [104, 152, 48, 3_957_415]),
    ("blast-chameleon-large-001", [103, 300, 300, 796_501]),
    ("cycles-chameleon-1l-1c-9p-001", [67, 97, 97, 1_012_846]),
    ("epigenomics-chameleon-ilmn-1seq-100k-001", [125, 153, 153, 1_336_310_212]),
    ("helloworld-chain-5-chameleon", [5, 4, 4, 66_666_668]),
    ("mag-dirt02-001", [157, 282, 251, 195_857_305]),
    ("montage-chameleon-dss-05d-001", [58, 114, 78, 2_617_370_769]),
    ("montage-chameleon-dss-10d-001", [472, 1284, 564, 10_471_224_700]),
    ("rnaseq-dirt02-001", [197, 451, 224, 212_983_026]),
    ("sarek-dirt02-001", [26, 50, 30, 59_741_666]),
    ("soykb-chameleon-10fastq-10ch-001", [96, 194, 173, 9_420_022]),
    ("srasearch-chameleon-20a-001", [42, 60, 86, 30_059_350_816]),
    ("taxprofiler-dirt02-001", [127, 246, 138, 1_014_142_995]),
    ("viralrecon-dirt02-001", [203, 343, 179, 170_313_143]),
  ])
  func numbersAreThoseOfTheReference(name: String, numbers: [Int64]) throws {
    let trace = try load(name)
    let found = GraphStatistics(trace.graph, seconds: trace.seconds)
    let intermediates = found.artifacts - found.productCount
    #expect(
      [Int64(found.tasks), Int64(found.edges), Int64(intermediates), found.intermediateBytes]
        == numbers)
    #expect(trace.warnings == [])
    #expect(trace.graph.tasks.allSatisfy { !$0.name.contains("/") && $0.name.count <= 120 })
    #expect(
      trace.graph.tasks.flatMap(\.outputs)
        .allSatisfy { !$0.name.contains("/") && $0.name.count <= 120 })
    #expect(Set(trace.graph.tasks.map(\.name)).count == trace.graph.tasks.count)
  }
}
