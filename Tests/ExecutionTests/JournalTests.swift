import Foundation
import GRDB
import Glibc
import Model
import Testing

@testable import Execution

@Suite("journal") struct JournalTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
  }

  static func fact(_ sequence: Int, _ kind: Fact.Kind = .notice(.init(code: "a/b", text: "é\n")))
    -> Fact
  {
    Fact(
      sequence: sequence, session: 1, elapsedSeconds: 0.1 * Double(sequence),
      wallTime: 1_700_000_000_123_456_789, kind: kind)
  }

  func facts(_ range: ClosedRange<Int>) -> [Fact] { range.map { Self.fact($0) } }

  func journal(with range: ClosedRange<Int>) throws -> Journal {
    let journal = try Journal(path: path)
    let run = try journal.newRun(wallTime: 5, cairn: "0.1")
    try journal.append(facts(range), run: run)
    return journal
  }

  @Test("facts come back as they were, behind a number and up to a limit")
  func roundTrip() throws {
    let journal = try journal(with: 1...10)
    #expect(try journal.facts(run: 1, after: 0, limit: 100) == facts(1...10))
    #expect(try journal.facts(run: 1, after: 4, limit: 3) == facts(5...7))
    #expect(try journal.facts(run: 1, after: 10, limit: 3) == [])
    #expect(try journal.facts(run: 2, after: 0, limit: 3) == [])
  }

  @Test("many facts come back in order, and of several that are damaged the first is named")
  func manyFacts() throws {
    let journal = try journal(with: 1...20_000)
    #expect(try journal.facts(run: 1, after: 0, limit: .max) == facts(1...20_000))
    try edit("UPDATE fact SET payload = '{}' WHERE id & 0xFFFFFFFF IN (6789, 17000)")
    let problem = #expect(throws: JournalProblem.self) {
      try journal.facts(run: 1, after: 0, limit: .max)
    }
    #expect(problem?.description.hasPrefix("fact 6789 of run 1 in") == true)
    #expect(try journal.facts(run: 1, after: 6_789, limit: 10_000) == facts(6_790...16_789))
  }

  @Test("runs are numbered from 1 and survive closing")
  func runs() throws {
    let first = try Journal(path: path)
    #expect(try first.lastRun() == nil)
    #expect(try first.newRun(wallTime: 5, cairn: "0.1") == 1)
    try first.append(facts(1...2), run: 1)
    #expect(try first.newRun(wallTime: 6, cairn: "0.2") == 2)
    try first.close()
    let again = try Journal(path: path)
    #expect(try again.lastRun() == 2)
    #expect(
      try again.runs() == [
        .init(id: 1, startedWallNanoseconds: 5, cairn: "0.1", lastSequence: 2),
        .init(id: 2, startedWallNanoseconds: 6, cairn: "0.2", lastSequence: 0),
      ])
    try again.integrityCheck()
  }

  @Test("a batch is appended whole or not at all")
  func atomic() throws {
    let journal = try journal(with: 1...3)
    #expect(throws: JournalProblem.self) { try journal.append(facts(3...5), run: 1) }
    #expect(throws: JournalProblem.self) {
      try journal.append([Self.fact(4), Self.fact(3)], run: 1)
    }
    #expect(try journal.facts(run: 1, after: 0, limit: 9) == facts(1...3))
  }

  @Test("a kind of a newer Cairn is read as unknown")
  func unknownKind() throws {
    let journal = try journal(with: 1...1)
    try edit(
      """
      UPDATE fact SET payload = replace(payload, '"notice"', '"moon.landed"'), checksum = NULL
      """)
    let fact = try #require(try journal.facts(run: 1, after: 0, limit: 1).first)
    #expect(fact.kind == .unknown("moon.landed"))
  }

  @Test(
    "a fact that cannot be read is named",
    arguments: [
      "'{'", "'{\"sequence\":2}'", "replace(payload, '\"sequence\":2', '\"sequence\":3')",
    ])
  func damagedFact(payload: String) throws {
    let journal = try journal(with: 1...3)
    try edit("UPDATE fact SET payload = \(payload) WHERE sequence = 2")
    #expect(
      throws: JournalProblem(
        .corrupt,
        "fact 2 of run 1 in \"\(path)\" cannot be read; "
          + "`cairn resume --repair` keeps what stands in front of it")
    ) { try journal.facts(run: 1, after: 0, limit: 9) }
    #expect(try journal.facts(run: 1, after: 2, limit: 9) == facts(3...3))
  }

  @Test("a newer schema is refused by writers and readers, naming both versions")
  func newer() throws {
    try journal(with: 1...1).close()
    try edit("PRAGMA user_version = 7")
    let before = try contents()
    let problem = JournalProblem(
      .newerSchema, "journal \"\(path)\" has schema 7, this Cairn knows 3: use a newer Cairn")
    #expect(throws: problem) { try Journal(path: path) }
    #expect(throws: problem) { try Journal(reading: path) }
    #expect(try contents() == before)
  }

  @Test("what is no journal is refused and left as it is", arguments: ["text", "half", "foreign"])
  func damagedFile(kind: String) throws {
    switch kind {
    case "text": try folder.write("journal.sqlite", String(repeating: "not SQLite\n", count: 500))
    case "half":
      try journal(with: 1...500).close()
      truncate(path, 5000)
    default: try edit("CREATE TABLE other(x)")
    }
    let before = try contents()
    #expect { try Journal(path: path).integrityCheck() } throws: {
      ($0 as? JournalProblem)?.code == .corrupt && "\($0)".contains(path)
    }
    #expect(try contents() == before)
  }

  @Test("a folder in its place, or a missing file to read, is named")
  func storage() throws {
    try folder.make("journal.sqlite")
    #expect(
      throws: JournalProblem(.storage, "cannot use journal \"\(path)\": it is a folder")
    ) { try Journal(path: path) }
    #expect(
      throws: JournalProblem(
        .storage, "cannot open journal \"\(path)x\": No such file or directory")
    ) { try Journal(reading: path + "x") }
    try folder.write("file", "")
    #expect(
      throws: JournalProblem(
        .storage,
        "cannot open journal \"\(folder.path)/file/j\": cannot make folder "
          + "\"\(folder.path)/file\": File exists")
    ) { try Journal(path: folder.path + "/file/j") }
  }

  /// Changes the file the way a person with a SQLite shell would.
  func edit(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  func contents() throws -> [String: Data] {
    var all: [String: Data] = [:]
    for name in folder.names("") {
      all[name] = try Data(contentsOf: URL(filePath: folder.path + "/" + name))
    }
    return all
  }
}

@Suite("journal readers") struct JournalReaderTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
  }

  @Test("a reader sees what a living writer appends")
  func live() throws {
    let writer = try Journal(path: path)
    #expect(try writer.newRun(wallTime: 1, cairn: "0") == 1)
    let reader = try Journal(reading: path)
    for number in 1...3 {
      try writer.append([JournalTests.fact(number)], run: 1)
      #expect(try reader.facts(run: 1, after: number - 1, limit: 9).count == 1)
    }
    #expect(throws: JournalProblem.self) { try reader.append([JournalTests.fact(4)], run: 1) }
  }

  @Test("reading a closed journal changes nothing on disk")
  func closed() throws {
    let writer = try Journal(path: path)
    _ = try writer.newRun(wallTime: 1, cairn: "0")
    try writer.append([JournalTests.fact(1)], run: 1)
    try writer.close()
    let before = try Data(contentsOf: URL(filePath: path))
    let reader = try Journal(reading: path)
    #expect(try reader.facts(run: 1, after: 0, limit: 9).count == 1)
    #expect(folder.names("") == ["journal.sqlite"])
    try reader.close()
    #expect(folder.names("") == ["journal.sqlite"])
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }

  @Test("a killed writer's facts are all read, and its files stay as they are")
  func killed() throws {
    let writer = try Journal(path: path)
    _ = try writer.newRun(wallTime: 1, cairn: "0")
    try writer.append((1...50).map { JournalTests.fact($0) }, run: 1)
    // A copy of the files beside the living writer is what its death would leave.
    let copy = folder.path + "/copy"
    try folder.make("copy")
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
      try FileManager.default.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(copy)/\(name)")
    }
    let wal = try Data(contentsOf: URL(filePath: copy + "/journal.sqlite-wal"))
    #expect(!wal.isEmpty)
    let reader = try Journal(reading: copy + "/journal.sqlite")
    #expect(try reader.facts(run: 1, after: 0, limit: 99).count == 50)
    try reader.close()
    #expect(try Data(contentsOf: URL(filePath: copy + "/journal.sqlite-wal")) == wal)
    let next = try Journal(path: copy + "/journal.sqlite")
    try next.integrityCheck()
    #expect(try next.facts(run: 1, after: 0, limit: 99).count == 50)
  }

  @Test("names with a question mark, a percent or a hash are names")
  func oddNames() throws {
    let odd = folder.path + "/a?b%20#é.sqlite"
    let writer = try Journal(path: odd)
    _ = try writer.newRun(wallTime: 1, cairn: "0")
    try writer.close()
    #expect(try Journal(reading: odd).lastRun() == 1)
  }
}

@Suite("journal run") struct JournalRunTests {
  let folder: TemporaryFolder
  let layout: WorkspaceLayout

  init() throws {
    folder = try TemporaryFolder()
    layout = WorkspaceLayout(root: folder.path)
  }

  func source() throws -> JournalRun {
    let journal = try Journal(path: layout.journal)
    let run = try journal.newRun(wallTime: 1, cairn: "0")
    var graph = TaskGraph(name: "g")
    graph.tasks = [TaskGraph.Task(id: TaskID(UInt32(0)), name: "a", action: .gate)]
    let defined = Fact.Kind.graphDefined(.init(graph: graph, fingerprints: ["f"]))
    try journal.append([JournalTests.fact(1), JournalTests.fact(2, defined)], run: run)
    return try JournalRun(journal, run: run, layout: layout)
  }

  @Test("it tells its facts, then ends")
  func facts() async throws {
    let source = try source()
    #expect(await source.facts(after: 0).map(\.sequence) == [1, 2])
    #expect(await source.facts(after: 2) == [])
  }

  @Test("it shows logs of its tasks and takes no requests")
  func logs() async throws {
    let source = try source()
    try folder.write(".cairn/logs/1/0-a.2.log", "one\ntwo\n")
    let log = LogReference(task: TaskID(UInt32(0)), attempt: 2)
    #expect(await source.window(log, at: .end).bytes == Array("one\ntwo\n".utf8))
    #expect(await source.find("two", in: log, from: 0, backwards: false) == 4)
    let stranger = LogReference(task: TaskID(UInt32(9)), attempt: 1)
    #expect(await source.window(stranger, at: .end).problem == "run 1 has no task #9")
    let actor = Actor(kind: .person, name: "ana", source: "test")
    #expect(
      await source.send(.hold, by: actor)
        == .refused(reason: "run 1 is only shown from the journal; nothing runs here"))
  }
}
