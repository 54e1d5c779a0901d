import Foundation
import Testing

/// What `cairn workspace --json` says.
struct StoreDocument: Decodable {
  struct Row: Decodable, Equatable {
    var state: String
    var run: Int?
    var task: String?
    var artifact: String?
    var bytes: Int64
    var files: Int?
    var ageSeconds: Int64?
    var attempt: Int?
    var digest: String?
    var path: String
    var hold: String
    var why: String
    var problem: String?
  }

  struct Total: Decodable, Equatable {
    var rows: Int
    var bytes: Int64
  }

  var cairn: Int
  var run: Int?
  var state: String?
  var capacityBytes: Int64?
  var workspaceBytes: Int64
  var rows: [Row]
  var totals: [String: Total]
  var problems: [String]

  static func list(
    _ project: TemporaryProject, _ arguments: [String] = []
  ) async throws -> StoreDocument {
    let listed = try await CairnBinary.run(["workspace", "--json"] + arguments, in: project)
    #expect(listed.status == 0, "\(listed.errors)")
    let document = try JSONDecoder().decode(StoreDocument.self, from: Data(listed.output.utf8))
    for (state, total) in document.totals {
      let rows = document.rows.filter { $0.state == state }
      #expect(total == Total(rows: rows.count, bytes: rows.reduce(0) { $0 + $1.bytes }))
    }
    return document
  }

  /// The only row of the task, or of what lies at the end of the path.
  func row(_ name: String) throws -> Row {
    let found = rows.filter { $0.task == name || $0.path.hasSuffix("/" + name) }
    #expect(found.count == 1, "\(name): \(rows)")
    return try #require(found.first)
  }
}

/// What `cairn workspace prune --json` says.
struct PruneDocument: Decodable {
  var cairn: Int
  var isDryRun: Bool
  var freedBytes: Int64
  var deleted: [StoreDocument.Row]
  var spared: [StoreDocument.Row]
  var problems: [String]

  var names: [String] { deleted.map { $0.task ?? $0.path }.sorted() }

  static func prune(
    _ project: TemporaryProject, _ arguments: [String] = []
  ) async throws -> PruneDocument {
    let pruned = try await CairnBinary.run(
      ["workspace", "prune", "--json"] + arguments, in: project)
    #expect(pruned.status == 0, "\(pruned.errors)")
    return try JSONDecoder().decode(PruneDocument.self, from: Data(pruned.output.utf8))
  }
}

extension TemporaryProject {
  /// Every file below the folder with its digest, and everything with its rights.
  func content(_ folder: String = ".cairn") throws -> String {
    try shell(
      """
      find \(folder) ! -name '*-shm' -printf '%p %M %s %T@\\n' | sort
      find \(folder) -type f ! -name '*-shm' -print0 | sort -z | xargs -0 sha256sum
      """)
  }
}
