import Formats
import Foundation
import Model
import Testing

@Suite("A graph is shown as text") struct GraphTextTests {
  private static let sample = """
    name: nightly
    tasks:
      fetch: { run: x, group: input }
      shard: { matrix: { n: 0..1 }, run: x, needs: [fetch] }
      merge: { run: x, needs: [shard], after: [fetch] }
    """

  @Test(arguments: ["dot", "mermaid", "txt"])
  func matchesItsGolden(_ kind: String) throws {
    let graph = try graph(Self.sample)
    try expectGolden(Self.render(graph, kind, []), "nightly.\(kind)")
  }

  @Test(arguments: ["dot", "mermaid", "txt"])
  func statesAreShown(_ kind: String) throws {
    let graph = try graph(Self.sample)
    let states: [TaskState] = [.done, .failed, .running, .blocked]
    try expectGolden(Self.render(graph, kind, states), "nightly-states.\(kind)")
  }

  @Test(arguments: ["dot", "mermaid", "txt"])
  func hostileNamesStayInTheirLabels(_ kind: String) throws {
    var graph = TaskGraph(name: "a\"; }\n\\")
    let names = ["\"]; x --> y", "end\\", "<script>&#35;`", "\u{1B}[2J\u{202E}", "a\nb -> c"]
    graph.tasks = names.enumerated().map {
      TaskGraph.Task(id: TaskID($0.offset), name: $0.element, action: .gate)
    }
    graph.tasks[4].after = [TaskID(0)]
    try expectGolden(Self.render(graph, kind, []), "hostile.\(kind)")
  }

  @Test func tombstonesAreNotShown() throws {
    var graph = try graph("tasks: { a: { run: x }, b: { run: x } }")
    graph.tasks[0].isRemoved = true
    #expect(GraphText.text(graph) == "cairn: 1 task, 0 dependencies, 1 rank\n\nrank 1\n  b\n")
    #expect(!GraphText.dot(graph).contains("t0"))
    #expect(!GraphText.mermaid(graph).contains("t0"))
  }

  private static func render(_ graph: TaskGraph, _ kind: String, _ states: [TaskState]) -> String {
    switch kind {
    case "dot": GraphText.dot(graph, states: states)
    case "mermaid": GraphText.mermaid(graph, states: states)
    default: GraphText.text(graph, states: states)
    }
  }
}

/// Compares with a file in `Tests/Goldens`, outside the target, which would warn of it; `RECORD=1`
/// writes it.
private func expectGolden(
  _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Goldens/Formats/\(name)")
  if ProcessInfo.processInfo.environment["RECORD"] != nil {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  let golden = String(decoding: try Data(contentsOf: file), as: UTF8.self)
  #expect(text == golden, sourceLocation: sourceLocation)
}
