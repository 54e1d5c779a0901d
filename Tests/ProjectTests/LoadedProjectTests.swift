import Formats
import Foundation
import Model
import Testing

@testable import Project

@Suite("A Task Master project as it is loaded")
struct LoadedProjectTests {
  private struct Root: ~Copyable {
    let path = NSTemporaryDirectory() + "cairn-loaded-\(UUID().uuidString)"

    init(report: String) throws {
      for folder in ["tasks", "reports"] {
        try FileManager.default.createDirectory(
          atPath: "\(path)/.taskmaster/\(folder)", withIntermediateDirectories: true)
      }
      try write(#"{"x": {"tasks": [{"id": 1}, {"id": 2}, {"id": 3}]}}"#, "tasks/tasks.json")
      try write(report, "reports/task-complexity-report_x.json")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/.taskmaster/\(name)"))
    }

    func load() throws -> LoadedProject {
      try LoadedProject(try ProjectLocation.find(path: nil, from: path))
    }
  }

  @Test("its tasks have the weights that the report on its tag gives them")
  func report() throws {
    let root = try Root(
      report: #"""
        {"complexityAnalysis": [{"taskId": 1, "complexityScore": 8},
          {"taskId": "2", "complexityScore": 2}, {"taskId": 9, "complexityScore": 5}]}
        """#)
    let project = try root.load()
    #expect(project.graph.tasks.map(\.weight) == [8, 2, nil])
    #expect(project.warnings == [])
    // As it is read again while a run goes on.
    #expect(project.tracked?.reference.complexity == ["1": 8, "2": 2, "9": 5])
  }

  @Test("a report that cannot be read is named and leaves the tasks alike", arguments: ["{", "[]"])
  func badReport(text: String) throws {
    let root = try Root(report: text)
    let project = try root.load()
    #expect(project.graph.tasks.map(\.weight) == [nil, nil, nil])
    #expect(project.warnings.count == 1)
    #expect(
      project.warnings.allSatisfy {
        $0.hasPrefix(".taskmaster/reports/task-complexity-report_x.json:1:")
          && $0.hasSuffix("; its tasks count alike")
      })
  }
}
