import Formats
import Foundation
import Testing

/// Real files lie outside the repository: `CAIRN_CORPUS` names their folder.
private let corpus: [String] = {
  guard let corpus = ProcessInfo.processInfo.environment["CAIRN_CORPUS"] else { return [] }
  let folder = corpus + "/task-master"
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
}()

@Suite("A status that is set and set back leaves the bytes as they were")
struct TaskMasterRoundTripTests {
  private static let time = "2001-02-03T04:05:06.789Z"

  /// What the corpus has, in small: two tags, odd ids and statuses, levels, repeated keys.
  private static let odd = #"""
    {
      "master": {
        "tasks": [
          { "id": 1, "title": "\u001b[2J", "status": "done", "updatedAt": "2025-01-01T00:00:00.000Z" },
          { "id": "2", "status": "in-progress", "dependencies": [1, "1"], "priority": null,
            "subtasks": [
              { "id": 1, "status": "completed", "parentId": "undefined" }, {"status":"review","id":2.2},
              { "id": null, "status": "pending" , "subtasks": [{"id":1,"status":"blocked"}]} ] },
          { "id": 2, "status": "cancelled", "status": "deferred" },
          {"id":"rust-cli","metadata":{"a":[1e5,-0,0.10]},"status":"pending"}
        ],
        "metadata": { "created": "x", "dependsOn": ["b"] }
      },
      "b": { "tasks": [ {"id": 1.0, "status": "pending"} ] }
    }

    """#

  @Test("in a file with every oddity")
  func everyOddity() throws {
    for text in [Self.odd, Self.odd.replacingOccurrences(of: "\n", with: "\r\n")] {
      #expect(try check(Array(text.utf8), stride: 1) == 9)
    }
  }

  /// A twentieth of the tasks by default, all of them with `CAIRN_SOAK=1`.
  @Test(
    "in a real file",
    .enabled(if: !corpus.isEmpty, "skipped: CAIRN_CORPUS is not set"), arguments: corpus)
  func everyRealFile(path: String) throws {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let isSoak = ProcessInfo.processInfo.environment["CAIRN_SOAK"] != nil
    #expect(try check(bytes, stride: isSoak ? 1 : 20) > 0)
  }

  /// Sets and sets back, and returns how many tasks that were.
  private func check(_ bytes: [UInt8], stride: Int) throws -> Int {
    let edit = try TaskMasterEdit(bytes, file: "tasks.json")
    var count = 0
    for tag in try edit.backlog().tags {
      let ids = try edit.backlog(tag: tag).ids
      for index in Swift.stride(from: 0, to: ids.count, by: stride) {
        try check(edit, ids[index], tag)
        count += 1
      }
    }
    return count
  }

  private func check(_ edit: TaskMasterEdit, _ id: String, _ tag: String) throws {
    let (set, results) = try edit.settingStatuses(
      [.init(id: id, status: "blocked")], tag: tag, cascades: false, at: Self.time)
    let old = try #require(results.first).old
    let other = old == "blocked" ? "done" : old
    let (back, _) = try set.settingStatuses(
      [.init(id: id, status: other)], tag: tag, cascades: false, at: Self.time)
    guard old != "blocked" else {
      #expect(set.bytes == edit.bytes, "nothing was to be done")
      return
    }
    #expect(isSame(edit.bytes, back.bytes), "\(tag) \(id)")
  }

  /// Equal but for one `updatedAt`, which is new or another.
  private func isSame(_ old: [UInt8], _ new: [UInt8]) -> Bool {
    let start = zip(old, new).prefix { $0 == $1 }.count
    let rest = min(old.count, new.count) - start
    let end = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(rest).count
    let (gone, come) = (
      String(decoding: old[start..<old.count - end], as: UTF8.self),
      String(decoding: new[start..<new.count - end], as: UTF8.self)
    )
    if gone.isEmpty {
      let words = come.filter { !$0.isWhitespace }
      return words == #","updatedAt":"\#(Self.time)""#
    }
    // Of two times only the digits in which they differ are left.
    let line = new[..<start].suffix(40)
    return String(decoding: line, as: UTF8.self).contains("\"updatedAt\"")
      && (gone + come).allSatisfy { $0.isNumber || "-:.TZ".contains($0) }
  }

  @Test("and a JSON reader sees only status and updatedAt change")
  func onlyThese() throws {
    let edit = try TaskMasterEdit(Array(Self.odd.utf8), file: "tasks.json")
    for id in try edit.backlog().ids {
      let (set, results) = try edit.settingStatuses(
        [.init(id: id, status: "cancelled")], tag: nil, cascades: true, at: Self.time)
      let changed = try paths(edit.bytes, set.bytes)
      #expect(changed.allSatisfy { ["status", "updatedAt"].contains($0) }, "\(id): \(changed)")
      #expect(changed.contains("status") == (results[0].old != "cancelled"))
    }
  }

  /// Last names of the paths at which two texts differ.
  private func paths(_ old: [UInt8], _ new: [UInt8]) throws -> [String] {
    let values = try [old, new].map { try JSONSerialization.jsonObject(with: Data($0)) }
    var differences: [String] = []
    func walk(_ a: Any?, _ b: Any?, _ name: String) {
      if let a = a as? [String: Any], let b = b as? [String: Any] {
        for key in Set(a.keys).union(b.keys) { walk(a[key], b[key], key) }
      } else if let a = a as? [Any], let b = b as? [Any], a.count == b.count {
        for (a, b) in zip(a, b) { walk(a, b, name) }
      } else if a as? NSObject != b as? NSObject {
        differences.append(name)
      }
    }
    walk(values[0], values[1], "")
    return differences
  }
}
