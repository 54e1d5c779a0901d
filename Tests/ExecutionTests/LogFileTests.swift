import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("log file") struct LogFileTests {
  let folder: TemporaryFolder
  var path: String { folder.path + "/log" }

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "a window is cut to its limit and to the file",
    arguments: [
      (LogPosition.end, 34_464, 65_536), (.offset(0), 0, 65_536), (.offset(99_000), 99_000, 1000),
      (.offset(-5), 0, 65_536), (.offset(200_000), 100_000, 0), (.before(100), 0, 100),
      (.before(70_000), 4464, 65_536), (.before(0), 0, 0), (.before(1 << 40), 34_464, 65_536),
    ])
  func window(position: LogPosition, offset: Int64, count: Int) throws {
    let text = String((0..<100_000).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
    try folder.write("log", text)
    let window = LogFile.window(path: path, at: position)
    #expect(window.offset == offset && window.totalBytes == 100_000 && window.problem == nil)
    #expect(window.bytes == Array(Array(text.utf8)[Int(offset)..<Int(offset) + count]))
  }

  @Test("missing logs of a run, a folder and a pipe are told, not waited for")
  func problems() throws {
    #expect(LogFile.window(path: path, at: .end).problem == nil)
    let missing = LogFile.window(path: folder.path + "/12/log", at: .end)
    #expect(missing.problem == "the logs of this run are gone" && missing.bytes.isEmpty)
    mkfifo(path, 0o600)
    #expect(
      LogFile.window(path: path, at: .end).problem == "cannot read log \"\(path)\": not a file")
    #expect(LogFile.find(text: "x", path: path, from: 0, backwards: false) == nil)
  }

  @Test(
    "find answers the beginning of the line that holds the text",
    arguments: [
      ("beta", Int64(0), false, Int64(6)), ("Beta", 0, false, 6), ("BETA", 0, false, nil),
      ("beta", 6, false, 6),
      ("beta", 7, false, 17), ("beta", 18, false, nil), ("alpha", 0, false, 0),
      ("nothing", 0, false, nil), ("", 0, false, nil), ("beta", 1 << 40, false, nil),
      ("beta", 100, true, 17), ("beta", 17, true, 6), ("beta", 6, true, nil),
      ("alpha", 6, true, 0), ("alpha", 1, true, nil), ("Alpha", 6, true, nil),
    ])
  func find(text: String, from: Int64, backwards: Bool, expected: Int64?) throws {
    try folder.write("log", "alpha\nbe Beta be\nbetabeta\n")
    #expect(
      LogFile.find(text: text, path: path, from: from, backwards: backwards) == expected)
  }

  @Test("text across two chunks is found, both ways", arguments: [-3, -1, 0, 1])
  func chunks(shift: Int) throws {
    let before = LogFile.chunkBytes + shift
    try folder.write("log", String(repeating: "x", count: before - 1) + "\nNeedle\ntail")
    let line = Int64(before)
    #expect(LogFile.find(text: "needle", path: path, from: 0, backwards: false) == line)
    let size = line + Int64("Needle\ntail".utf8.count)
    #expect(LogFile.find(text: "needle", path: path, from: size, backwards: true) == line)
  }

  @Test("a gigabyte is searched in bounded memory")
  func gigabyte() throws {
    let file = open(path, O_WRONLY | O_CREAT, 0o644)
    ftruncate(file, 1 << 30)
    pwrite(file, "\nNeedle", 7, 1 << 30)
    close(file)
    let ourselves: __rusage_who_t = 0
    var before = rusage()
    getrusage(ourselves, &before)
    let line: Int64 = 1_073_741_825
    #expect(LogFile.find(text: "needle", path: path, from: 0, backwards: false) == line)
    #expect(LogFile.find(text: "other", path: path, from: 1 << 30, backwards: true) == nil)
    #expect(LogFile.window(path: path, at: .end).totalBytes == 1 << 30 + 7)
    var after = rusage()
    getrusage(ourselves, &after)
    // The peak of the whole test process, in KiB.
    #expect(after.ru_maxrss - before.ru_maxrss < 300_000)
  }

  @Test("a prompt is written whole and replaces an older one")
  func write() throws {
    for text in ["first, and longer", "second"] {
      try LogFiles().write(Array(text.utf8), to: path)
      #expect(folder.read("log") == text)
    }
    #expect(folder.names("") == ["log"])
    #expect(throws: WorkspaceProblem.self) { try LogFiles().write([], to: path + "/x") }
  }
}
