import Foundation
import Testing

extension TemporaryProject {
  /// A project that holds the trace of `Tests/Goldens/Plan`.
  static func trace() throws -> TemporaryProject {
    let project = try TemporaryProject()
    let trace = CairnBinary.repository + "/Tests/Goldens/Plan/branches.json"
    try project.write(String(contentsOfFile: trace, encoding: .utf8), to: "trace.json")
    return project
  }

  /// What `cairn plan --json` says here.
  func plan(_ arguments: [String]) async throws -> [String: Any] {
    let plan = try await CairnBinary.run(["plan"] + arguments + ["--json"], in: self)
    #expect(plan.status == 0, "\(plan.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(plan.output.utf8))
    return try #require(object as? [String: Any])
  }
}
