import Canvas
import Formats
import Foundation
import Model
import Testing

@testable import Dashboard

@Suite("The lanes of the example that comes with Cairn")
struct ExampleLanesTests {
  private static func graph() throws -> TaskGraph {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "Examples/logs/cairn.yaml")
    return try CairnFile.load(Array(Data(contentsOf: file)), file: "cairn.yaml").graph
  }

  /// The first stage is done and two of the second run.
  private static func script(_ graph: TaskGraph) -> FactScript {
    var script = FactScript(graph, jobs: 2)
    for number in 0..<8 {
      script.start("generate[n=\(number)]", at: Double(number))
      script.end("generate[n=\(number)]", at: Double(number) + 1)
    }
    script.start("shard-0", at: 8)
    script.start("shard-1", at: 8)
    return script
  }

  @Test(
    "show the stages of Examples/logs",
    arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 36)])
  func logs(size: Size) throws {
    var state = DashboardState.after(Self.script(try Self.graph()), glyphs: .unicode)
    _ = state.update(.resized(size))
    if size.columns < 120 { _ = state.press("t") }
    try expectGolden(state.frame(size: size).golden, "logs-lanes-\(size.columns)x\(size.rows)")
  }
}
