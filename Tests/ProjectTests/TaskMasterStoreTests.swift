import Formats
import Foundation
import Glibc
import Project
import Testing

/// A `tasks.json` in a folder of its own.
private final class Backlog: Sendable {
  static let text = #"{"tasks":[{"id":1,"status":"pending"},{"id":2,"status":"pending"}]}"#

  let folder: String
  var path: String { folder + "/tasks.json" }
  var lock: String { path + ".lock" }

  init(_ text: String = Backlog.text) throws {
    folder = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(text)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ text: String, to name: String = "tasks.json") throws {
    try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
  }

  var text: String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// Makes a file or folder look as if it was last touched so long ago.
  func age(_ path: String, seconds: Int) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    now.tv_sec -= seconds
    utimensat(AT_FDCWD, path, [now, now], 0)
  }

  func store(wait: Double = 0.05) -> TaskMasterStore {
    TaskMasterStore(path: path, called: "tasks.json", lockWait: wait)
  }

  @discardableResult
  func set(_ id: String, _ status: String = "done") throws -> [TaskMasterStatusResult] {
    try store().set([.init(id: id, status: status)], tag: nil, cascades: true)
  }
}

private func problem(_ body: () throws -> Void) -> ProjectProblem? {
  do {
    try body()
    return nil
  } catch { return error as? ProjectProblem }
}

@Suite("A Task Master file is replaced as a whole, under its lock") struct TaskMasterStoreTests {
  @Test("nothing is left but the file, with its permissions")
  func whole() throws {
    let backlog = try Backlog()
    chmod(backlog.path, 0o640)
    try backlog.write("half", to: ".tasks.json.cairn-1-1")
    let result = try backlog.set("1")
    #expect(result == [.init(id: "1", old: "pending", new: "done")])
    #expect(backlog.text.hasPrefix(#"{"tasks":[{"id":1,"status":"done","updatedAt":"20"#))
    #expect(backlog.names == ["tasks.json"])
    var status = stat()
    #expect(stat(backlog.path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test("time is told as JavaScript tells it")
  func time() throws {
    let date = Date(timeIntervalSince1970: 1_767_323_045.5)
    #expect(TaskMasterStore.timestamp(date) == "2026-01-02T03:04:05.500Z")
  }

  @Test("where nothing changes nothing is written")
  func unchanged() throws {
    let backlog = try Backlog()
    var (before, after) = (stat(), stat())
    stat(backlog.path, &before)
    try backlog.set("1", "pending")
    stat(backlog.path, &after)
    #expect(before.st_ino == after.st_ino)
    #expect(throws: FormatProblem.self) { try backlog.set("9") }
    #expect(backlog.names == ["tasks.json"])
  }

  @Test("a symbolic link stays one")
  func link() throws {
    let backlog = try Backlog()
    let link = backlog.folder + "/link.json"
    symlink("tasks.json", link)
    _ = try TaskMasterStore(path: link).set(
      [.init(id: "2", status: "review")], tag: nil, cascades: true)
    #expect(backlog.names == ["link.json", "tasks.json"])
    #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == "tasks.json")
    #expect(backlog.text.contains("review"))
  }

  @Test("what somebody wrote meanwhile, without the lock, is not lost")
  func rewritten() throws {
    let backlog = try Backlog()
    var calls = 0
    try backlog.store().edit { edit in
      calls += 1
      if calls == 1 {
        try backlog.write(Backlog.text.replacingOccurrences(of: "}]}", with: #"},{"id":3}]}"#))
      }
      return try edit.settingStatuses(
        [.init(id: "1", status: "done")], tag: nil, cascades: true, at: "T"
      ).edit
    }
    #expect(calls == 2)
    #expect(backlog.text.contains(#"{"id":3}"#))
    #expect(backlog.text.contains(#"{"id":1,"status":"done","updatedAt":"T"}"#))
  }

  @Test("one that is rewritten all the time is given up")
  func restless() throws {
    let backlog = try Backlog()
    var calls = 0
    let said = problem {
      try backlog.store().edit { edit in
        calls += 1
        try backlog.write(Backlog.text + String(repeating: " ", count: calls))
        return try edit.settingStatuses(
          [.init(id: "1", status: "done")], tag: nil, cascades: true, at: "T"
        ).edit
      }
    }
    #expect(said?.code == .storage)
    #expect(backlog.names == ["tasks.json"])
  }

  @Test("what cannot be written is said, and the file is as it was")
  func noRoom() throws {
    let missing = problem {
      _ = try TaskMasterStore(path: "/nonexistent/tasks.json").set([], tag: nil, cascades: true)
    }
    #expect(missing == ProjectProblem(.missing, "/nonexistent/tasks.json: no such file"))
    let folder = problem { _ = try TaskMasterStore(path: "/proc/self/status").edit { $0 } }
    #expect(folder?.code == .storage)
  }
}

@Suite("Task Master's lock, in both of its shapes") struct TaskMasterLockTests {
  @Test("a fresh folder is waited for and never removed")
  func freshFolder() throws {
    let backlog = try Backlog()
    mkdir(backlog.lock, 0o755)
    let said = try #require(problem { try backlog.set("1") })
    #expect(said.code == .locked)
    #expect(said.description.contains("somebody has held \"\(backlog.lock)\""))
    #expect(backlog.names == ["tasks.json", "tasks.json.lock"])
    #expect(backlog.text == Backlog.text)
  }

  @Test("a fresh file says who has it")
  func freshFile() throws {
    let backlog = try Backlog()
    try backlog.write(#"{"pid": 4711, "timestamp": 1}"#, to: "tasks.json.lock")
    let said = try #require(problem { try backlog.set("1") })
    #expect(said.code == .locked)
    #expect(said.description.contains("Task Master, process 4711, has held"))
    #expect(backlog.names == ["tasks.json", "tasks.json.lock"])
  }

  @Test("a stale one is removed, whatever it is", arguments: ["folder", "file", "link"])
  func stale(kind: String) throws {
    let backlog = try Backlog()
    switch kind {
    case "folder": mkdir(backlog.lock, 0o755)
    case "file": try backlog.write("{}", to: "tasks.json.lock")
    default: symlink("/nonexistent", backlog.lock)
    }
    var old = timespec()
    clock_gettime(CLOCK_REALTIME, &old)
    old.tv_sec -= 11
    utimensat(AT_FDCWD, backlog.lock, [old, old], AT_SYMLINK_NOFOLLOW)
    try backlog.set("1")
    #expect(backlog.names == ["tasks.json"])
  }

  @Test("one that holds something is put aside, not emptied")
  func full() throws {
    let backlog = try Backlog()
    mkdir(backlog.lock, 0o755)
    try backlog.write("mine", to: "tasks.json.lock/note")
    backlog.age(backlog.lock, seconds: 11)
    try backlog.set("1")
    #expect(backlog.names.count == 2)
    #expect(backlog.names.last?.hasPrefix("tasks.json.lock.stale.") == true)
  }

  @Test("it is held while the edit goes on, touched, and let go whatever happens")
  func held() throws {
    let backlog = try Backlog()
    #expect(throws: CancellationError.self) {
      try backlog.store().edit { _ in
        backlog.age(backlog.lock, seconds: 8)
        throw CancellationError()
      }
    }
    // Its time was not ours any more, so it might have been somebody else's.
    #expect(backlog.names == ["tasks.json", "tasks.json.lock"])
    rmdir(backlog.lock)
    #expect(throws: CancellationError.self) {
      try backlog.store().edit { _ in throw CancellationError() }
    }
    #expect(backlog.names == ["tasks.json"])
  }

  @Test("it is touched long before it would be stale")
  func touched() throws {
    let backlog = try Backlog()
    var (first, later) = (stat(), stat())
    try backlog.store().edit { edit in
      stat(backlog.lock, &first)
      // On a busy machine the thread that touches it comes late.
      for _ in 0..<300 where later.st_mtim.tv_sec <= first.st_mtim.tv_sec {
        usleep(100_000)
        stat(backlog.lock, &later)
      }
      return edit
    }
    #expect(later.st_mtim.tv_sec > first.st_mtim.tv_sec)
  }

  @Test("who has lost it writes nothing")
  func lost() throws {
    let backlog = try Backlog()
    let said = problem {
      try backlog.store().edit { edit in
        rmdir(backlog.lock)
        mkdir(backlog.lock, 0o755)
        backlog.age(backlog.lock, seconds: 1)
        return try edit.settingStatuses(
          [.init(id: "1", status: "done")], tag: nil, cascades: true, at: "T"
        ).edit
      }
    }
    #expect(
      said
        == ProjectProblem(.locked, "tasks.json: the lock was lost meanwhile; nothing was changed"))
    #expect(backlog.names == ["tasks.json", "tasks.json.lock"])
    #expect(backlog.text == Backlog.text)
  }
}
