import Canvas
import Testing

@testable import Dashboard

@Suite("The head of a line")
struct LogLineHeadTests {
  @Test(
    "names a level as loggers and compilers write it",
    arguments: [
      ("ERROR disk full", LogLevel.error), ("[E] disk full", .error), ("[error] x", .error),
      ("error: no such file", .error), ("Error: no such file", .error), ("fatal: x", .error),
      ("error[E0308]: mismatched types", .error), ("warning: unused", .warning),
      ("WARNING:root:low", .warning), ("[ WARN ] low", .warning), ("<warn> low", .warning),
      ("main.c:3:5: warning: unused", .warning), ("a/b.swift:12: error: x", .error),
      ("2026-11-26T05:10:23Z INFO started", .info), ("[05:10:23] DEBUG x", .debug),
      ("2026-11-26 05:10:23,123 - app.db - ERROR - gone", .error),
      ("Nov 26 05:10:23 host app[12]: x", nil), ("E1126 05:10:23.123456 1 main.go:3] x", .error),
      (#"{"time":"x","level":"warn","msg":"low"}"#, .warning), (#"{"level": 50}"#, .error),
      (#"{"msg":"x", "severity":"DEBUG"}"#, .debug), (#"{"msg":"error"}"#, nil),
      ("time=x level=info msg=y", .info), (#"level="error" msg=y"#, .error),
      ("\u{1b}[1;31merror\u{1b}[0m: x", .error), ("10%\rerror: x", .error), ("TRACE x", .trace),
      ("  WARN indented", .warning), ("INFO | x", .info), ("ERROR", .error),
    ])
  func level(line: String, level: LogLevel?) {
    #expect(LogLineHead(of: Array(line.utf8)[...]).level == level)
  }

  @Test(
    "claims nothing of a line that names no level",
    arguments: [
      "Error in the plan", "errors: 3", "info", "no error: fine", "the ERROR was found",
      "Information about it", "ERRORS 3", "error", "[error", "[x] error", "level=", "level=42",
      "{}", "{\"level\":", "", " ", "E112 05:10:23", "informational: x", "a:b: error: x", "info[3]",
      "[12] steps", "warning", "日本: error", "level = info",
    ])
  func noLevel(line: String) {
    #expect(LogLineHead(of: Array(line.utf8)[...]).level == nil)
  }

  @Test(
    "has a time where there is one",
    arguments: [
      ("2026-11-26T05:10:23.123+01:00 x", 30), ("2026-11-26 05:10:23 x", 20),
      ("[2026-11-26 05:10:23,123] x", 26), ("05:10:23 x", 9), ("[05:10:23]  x", 12),
      ("2026/11/26 05:10:23 x", 20), ("Nov 26 05:10:23 x", 16), ("Nov  6 05:10:23 x", 16),
      ("[    1.234567] x", 15), ("05:10:23", 8), ("2026-11-26T05:10:23Z", 20),
      ("[12] x", nil), ("12:34 x", nil), ("2026-11-26 x", nil), ("05:10:234 x", nil), ("", nil),
      ("x 05:10:23", nil),
    ])
  func time(line: String, end: Int?) {
    #expect(LogLineHead(shown: Array(line.utf8)).time?.upperBound == end)
  }

  @Test("is read whatever the bytes are", arguments: 1...20)
  func fuzz(seed: Int) {
    var random = SplitMix(UInt64(seed))
    let pieces = [
      "[", "]", "{", "\"level\"", ":", "=", "error", "W", "1126 0", "05:10:23", "-", ".", ",", "Z",
      " ", "\t", "\u{1b}[", "\r", "level=", "日", "<", "30", "2026-11-26T",
    ]
    for _ in 0..<500 {
      let line = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
        pieces.randomElement(using: &random)
      }.joined()
      let bytes = Array(line.utf8)
      let head = LogLineHead(shown: bytes)
      #expect(head.time.map { $0.upperBound <= bytes.count } ?? true)
      #expect(head.word.map { $0.upperBound <= bytes.count } ?? true)
      #expect((head.word == nil) == (head.level == nil))
      _ = LogLineHead(of: bytes[...])
    }
  }
}
