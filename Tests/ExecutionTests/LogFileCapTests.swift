import CSpawn
import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("log with its middle dropped") struct LogFileCapTests {
  let folder: TemporaryFolder
  var path: String { folder.path + "/log" }
  static let cap = LogCap(bytes: 1 << 19)
  static let marker = "[... 256.0 KiB of output dropped here ...]\n"

  init() throws { folder = try TemporaryFolder() }

  /// 1 KiB lines `000000 xxx…`, the first 64 KiB of which stay in front of a hole of 256 KiB.
  func writeWithHole(lines: Int = 512) throws {
    try folder.write("log", (0..<lines).map(Self.line).joined())
    let file = open(path, O_WRONLY)
    defer { close(file) }
    #expect(cairn_punch_hole(file, 1 << 16, 1 << 18) == 0)
  }

  static func line(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 6 - digits.count) + digits
      + String(repeating: "x", count: 1017) + "\n"
  }

  func allocated(_ name: String = "log") -> Int64 {
    var status = stat()
    return lstat(folder.path + "/" + name, &status) == 0 ? Int64(status.st_blocks) * 512 : -1
  }

  @Test("a reader that goes on where the last window ended sees one line in the hole's place")
  func forwards() throws {
    try writeWithHole()
    var text = ""
    var offset: Int64 = 0
    while true {
      let window = LogFile.window(path: path, at: .offset(offset))
      #expect(window.totalBytes == 512 << 10 && window.offset >= offset)
      if window.bytes.isEmpty { break }
      text += String(decoding: window.bytes, as: UTF8.self)
      offset = window.offset + Int64(window.bytes.count)
    }
    let expected = (0..<64).map(Self.line) + [Self.marker] + (320..<512).map(Self.line)
    #expect(text == expected.joined())
  }

  @Test("so does one that goes back from the end, and one that begins inside the hole")
  func backwards() throws {
    try writeWithHole(lines: 330)
    let end = LogFile.window(path: path, at: .end)
    let tail = Self.marker + (320..<330).map(Self.line).joined()
    #expect(String(decoding: end.bytes, as: UTF8.self) == tail)
    #expect(end.offset == Int64(320 << 10) - Int64(Self.marker.utf8.count))
    #expect(end.beginsBehindGap && !end.endsAtGap)
    let head = LogFile.window(path: path, at: .before(end.offset))
    #expect(head.endsAtGap && !head.beginsBehindGap)
    #expect(head.offset == 0 && head.bytes.count == 1 << 16)
    #expect(LogFile.window(path: path, at: .offset(100 << 10)) == end)
    #expect(LogFile.window(path: path, at: .before(100 << 10)) == head)
    let inside = LogFile.window(path: path, at: .offset(end.offset + 5))
    #expect(inside.bytes == Array(end.bytes.dropFirst(5)) && !inside.beginsBehindGap)
  }

  private static let searches: [(String, Int64, Bool, Int64?)] = [
    ("000070", 0, false, nil), ("000320", 0, false, 327_680), ("000001", 524_288, true, 1024),
    ("of output dropped", 0, false, 327_637), ("dropped", 524_288, true, 327_637),
    ("000511", 102_400, false, 523_264), ("\n[...", 0, false, nil),
    ("000320", 327_680, false, 327_680), ("000320", 327_680, true, nil),
    ("000063", 327_680, true, 64_512),
  ]

  @Test("a search goes over the hole and finds the line in its place", arguments: searches)
  func find(_ search: (text: String, from: Int64, backwards: Bool, expected: Int64?)) throws {
    try writeWithHole()
    let found = LogFile.find(
      text: search.text, path: path, from: search.from, backwards: search.backwards)
    #expect(found == search.expected)
  }

  @Test("a log within its cap is left alone")
  func fits() throws {
    try folder.write("log", String(repeating: "x", count: 1 << 19))
    #expect(try LogFile.trim(path: path, to: Self.cap) == .fits)
    try LogFile.settle(path: path, to: Self.cap)
    #expect(folder.read("log")?.utf8.count == 1 << 19)
    #expect(throws: WorkspaceProblem.self) { try LogFile.trim(path: path + "x", to: Self.cap) }
  }

  @Test("what is above the cap loses its middle, and is written anew in whole lines at the end")
  func settle() throws {
    try folder.write("log", (0..<5000).map(Self.line).joined())
    #expect(try LogFile.trim(path: path, to: Self.cap) == .dropped)
    #expect(allocated() <= Self.cap.bytes)
    #expect(LogFile.window(path: path, at: .end).totalBytes == 5000 << 10)
    try LogFile.settle(path: path, to: Self.cap)
    let lines = (folder.read("log") ?? "").split(separator: "\n").map { $0.prefix(12) }
    #expect(allocated() <= Self.cap.bytes && folder.names("") == ["log"])
    #expect(lines.first == "000000xxxxxx" && lines.last == "004999xxxxxx")
    #expect(lines.filter { !$0.hasSuffix("xxxxxx") } == ["[... 4.5 MiB"])
    try LogFile.settle(path: path, to: Self.cap)
    #expect((folder.read("log") ?? "").split(separator: "\n").count == lines.count)
  }

  @Test("one that ended before anyone looked is settled the same way")
  func unseen() throws {
    try folder.write("log", (0..<5000).map(Self.line).joined())
    try LogFile.settle(path: path, to: Self.cap)
    #expect(allocated() <= Self.cap.bytes)
    #expect(folder.read("log")?.hasSuffix(Self.line(4999)) == true)
  }

  @Test("a process that writes on and on keeps its log within the cap while it runs")
  func writing() throws {
    // Several times the cap between two looks, as a flood does between two samples.
    let step = 20 * Int(Self.cap.bytes)
    let block = [UInt8](repeating: 0x79, count: step / 10 - 1) + [0x0A]
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    defer { close(file) }
    for _ in 0..<10 {
      for _ in 0..<10 { #expect(write(file, block, block.count) == block.count) }
      #expect(try LogFile.trim(path: path, to: Self.cap) == .dropped)
      #expect(allocated() <= Self.cap.bytes)
    }
    #expect(LogFile.window(path: path, at: .end).totalBytes == Int64(10 * step))
    try LogFile.settle(path: path, to: Self.cap)
    #expect(allocated() <= Self.cap.bytes)
  }

  @Test(
    "no output makes a log grow or a search slow",
    arguments: [
      [UInt8](repeating: 0x78, count: 1), [0], [0x0D, 0x25, 0x31], [0xFF, 0xC3], [0xC2, 0x9B],
      Array("\u{1B}[2J\u{1B}]0;x".utf8), Array("aA".utf8),
    ])
  func hostile(pattern: [UInt8]) throws {
    let once = Array(repeatElement(pattern, count: (1 << 20) / pattern.count).joined())
    try Data(once).write(to: URL(filePath: path))
    #expect(LogFile.window(path: path, at: .end).bytes.count == LogWindow.maximumBytes)
    // Every place nearly matches: quadratic searches show here.
    let needle = String(repeating: "a", count: 1000) + "b"
    #expect(LogFile.find(text: needle, path: path, from: 0, backwards: false) == nil)
    #expect(LogFile.find(text: needle, path: path, from: 1 << 20, backwards: true) == nil)
    try LogFile.settle(path: path, to: Self.cap)
    #expect(allocated() <= Self.cap.bytes)
    #expect(LogFile.find(text: "dropped here", path: path, from: 0, backwards: false) != nil)
    let end = LogFile.window(path: path, at: .end)
    #expect(end.bytes == Array(once.suffix(end.bytes.count)))
  }

  @Test("a file with thousands of holes is read in bounded steps")
  func sieve() throws {
    let file = open(path, O_WRONLY | O_CREAT, 0o644)
    for index in 0..<3000 { pwrite(file, "line\n", 5, off_t(index) << 16) }
    pwrite(file, "\nneedle\n", 8, 1 << 40)
    close(file)
    #expect(
      LogFile.find(text: "needle", path: path, from: 0, backwards: false) == 1_099_511_627_777)
    let end = LogFile.window(path: path, at: .end)
    #expect(end.bytes.suffix(8) == Array("\nneedle\n".utf8)[...])
    #expect(end.totalBytes == 1_099_511_627_784)
  }
}
