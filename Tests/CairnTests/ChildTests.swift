import Foundation
import Testing

@Suite("children of tests", .timeLimit(.minutes(15))) struct ChildTests {
  @Test(
    "a child that still runs ends with the last that holds it",
    arguments: ["echo up; exec sleep 1000", "trap '' TERM; echo up; while :; do sleep 1; done"])
  func ends(script: String) async throws {
    let project = try TemporaryProject("tasks: {}")
    let row = try await lose(script, project)
    #expect(!row.isAlive)
  }

  /// Starts a process and forgets it, as a test does that throws.
  private func lose(_ script: String, _ project: TemporaryProject) async throws -> ProcessRow {
    let child = try Child(
      "/bin/sh", ["-c", script], in: project.root, environment: project.environment,
      files: project.newFiles())
    try await poll("the script") { child.output == "up\n" ? true : nil }
    return try withExtendedLifetime(child) { try #require(ProcessRow(child.pid)) }
  }
}
