import Foundation
import Model
import Planning
import Project
import Testing

/// What others change in the file, and what the run writes there.
struct TaskFileTests {
  /// A folder of a test's own with a file of tasks in it.
  private final class Folder: Sendable {
    let path: String

    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/tasks.json" }

    /// As `["1": "pending"]`.
    func write(_ tasks: KeyValuePairs<String, String>) throws {
      let rows = tasks.map { #"{"id": \#($0), "title": "t\#($0)", "status": "\#($1)"}"# }
      try Data(#"{"tasks": [\#(rows.joined(separator: ", "))]}"#.utf8)
        .write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    func statuses() throws -> [String] {
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return (root?["tasks"] as? [[String: Any]] ?? []).map {
        "\($0["id"] ?? "") \($0["status"] ?? "")"
      }
    }

    func open(ours: Set<String> = []) throws -> TaskFile {
      let location = try ProjectLocation.find(path: file, from: path)
      var tracked = try #require(try LoadedProject(location).tracked)
      tracked.ours = ours
      return TaskFile(tracked)
    }
  }

  private static func entry(_ name: String, _ word: StatusBook.Word) -> StatusBook.Entry {
    StatusBook.Entry(name: name, word: word)
  }

  /// Takes what is new and returns the edits in it.
  private func edits(_ file: TaskFile) async throws -> [String: Schedule.StatusEdit]? {
    guard let news = try await file.news() else { return nil }
    await file.take(news)
    return news.edits
  }

  @Test("what the run writes is no edit, and what others write is one, over what stood there")
  func own() async throws {
    let folder = try Folder()
    try folder.write(["1": "pending", "2": "pending", "3": "pending"])
    let file = try folder.open()
    #expect(try await edits(file) == [:])
    await file.expect([Self.entry("1", .inProgress), Self.entry("2", .blocked)])
    try await file.flush(lockWait: 1)
    #expect(try folder.statuses() == ["1 in-progress", "2 blocked", "3 pending"])
    #expect(try await edits(file) == nil)
    try folder.write(["1": "done", "2": "pending", "3": "deferred", "4": "done"])
    #expect(
      try await edits(file) == ["1": .overRunning, "2": .overEnding, "3": .plain])
    #expect(try await edits(file) == nil)
  }

  @Test("only what the run has set is taken back, to what stood there before")
  func takenBack() async throws {
    let folder = try Folder()
    try folder.write(["1": "blocked", "2": "pending", "3": "pending"])
    let file = try folder.open()
    let names = ["1", "2", "3"]
    await file.expect(names.map { Self.entry($0, .inProgress) })
    try await file.flush(lockWait: 1)
    try folder.write(["1": "in-progress", "2": "deferred", "3": "in-progress"])
    await file.expect(names.map { Self.entry($0, .back) })
    try await file.flush(lockWait: 1)
    #expect(try folder.statuses() == ["1 blocked", "2 deferred", "3 pending"])
    #expect(try await edits(file) == ["2": .overRunning])
  }

  @Test("what a session of ours has left goes back to pending")
  func inherited() async throws {
    let folder = try Folder()
    try folder.write(["1": "in-progress", "2": "in-progress"])
    let file = try folder.open(ours: ["1"])
    await file.expect([Self.entry("1", .inProgress), Self.entry("1", .back)])
    try await file.flush(lockWait: 1)
    #expect(try folder.statuses() == ["1 pending", "2 in-progress"])
  }

  @Test("what somebody sets as a task starts stands, and how the task ends stands over it")
  func races() async throws {
    let folder = try Folder()
    try folder.write(["1": "pending", "2": "pending"])
    let file = try folder.open()
    await file.expect([Self.entry("1", .inProgress), Self.entry("2", .done)])
    try folder.write(["1": "cancelled", "2": "deferred"])
    try await file.flush(lockWait: 1)
    #expect(try folder.statuses() == ["1 cancelled", "2 done"])
    #expect(try await edits(file) == ["1": .overRunning])
  }

  @Test("what is not written is written the next time, without what has gone from the file")
  func again() async throws {
    let folder = try Folder()
    try folder.write(["1": "pending", "2": "pending"])
    let file = try folder.open()
    await file.expect([Self.entry("1", .done), Self.entry("2", .done)])
    try FileManager.default.createDirectory(
      atPath: folder.file + ".lock", withIntermediateDirectories: false)
    await #expect(throws: ProjectProblem.self) { try await file.flush(lockWait: 0.01) }
    #expect(await file.unwritten == ["1", "2"])
    try FileManager.default.removeItem(atPath: folder.file + ".lock")
    try folder.write(["2": "pending"])
    try await file.flush(lockWait: 1)
    #expect(try folder.statuses() == ["2 done"])
    #expect(await file.unwritten == [])
  }

  @Test(
    "a file that is no task file now is none, and the run has lost nothing",
    arguments: ["", "{", "{}", #"{"tasks": []}"#, "<<<<<<< ours\n"])
  func unreadable(text: String) async throws {
    let folder = try Folder()
    try folder.write(["1": "pending"])
    let file = try folder.open()
    #expect(try await edits(file) == [:])
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file))
    await #expect(throws: (any Error).self) { try await file.news() }
    try folder.write(["1": "done"])
    #expect(try await edits(file) == ["1": .plain])
  }

  @Test("edits that come while a run takes others are not lost")
  func meanwhile() async throws {
    let folder = try Folder()
    try folder.write(["1": "pending"])
    let file = try folder.open()
    try folder.write(["1": "deferred"])
    let first = try #require(try await file.news())
    try folder.write(["1": "done"])
    let second = try #require(try await file.news())
    await file.take(first)
    #expect(try await edits(file) == ["1": .plain])
    #expect(second.edits == ["1": .plain])
  }
}

/// Files are watched by their folders.
@Suite(.timeLimit(.minutes(2)))
struct FileWatchTests {
  @Test("a file is heard of that is written, replaced, or comes back with its folder")
  func hears() async throws {
    let root = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString
    let folder = root + "/tasks"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/tasks.json"
    try Data("1".utf8).write(to: URL(fileURLWithPath: path))
    let watch = try #require(FileWatch([path]))
    var changes = watch.changes.makeAsyncIterator()
    let ways: [@Sendable () throws -> Void] = [
      { try Data("22".utf8).write(to: URL(fileURLWithPath: path)) },
      { try Data("333".utf8).write(to: URL(fileURLWithPath: path), options: .atomic) },
      { try FileManager.default.removeItem(atPath: folder) },
      {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: false)
        try Data("4444".utf8).write(to: URL(fileURLWithPath: path))
      },
      { try Data("55555".utf8).write(to: URL(fileURLWithPath: path)) },
    ]
    for way in ways {
      try way()
      #expect(await changes.next() != nil)
      // One more may come of a write that was seen half done.
      try await Task.sleep(for: .milliseconds(100))
    }
    watch.stop()
    while await changes.next() != nil {}
  }
}
