import Foundation
import Model
import Testing

@Suite("Progress in an output")
struct OutputProgressTests {
  static func read(
    _ text: String, after old: OutputProgress? = nil, isCut: Bool = false
  ) -> OutputProgress? {
    .after(old, tail: Array(text.utf8), isCut: isCut)
  }

  @Test(
    "is read from the shapes that tools print",
    arguments: [
      ("45%", 0.45), ("compiling 7%\nlinking 9%\n", 0.09),
      (" 45%|████▌     | 45/100 [00:01]", 0.45),
      ("\r 1%\r 2%\r100%\n", 1), ("######  45.5%", 0.455), ("[ 45%] Building CXX object", 0.45),
      ("(99%)", 0.99), ("a,12%,b", 0.12), ("0%", 0), ("████45%", 0.45),
      ("[112/181] Compiling Core", 112.0 / 181), ("[ 3 / 4 ]", 0.75), ("[0/9]", 0), ("[9/9]", 1),
      ("\u{1B}[1m[3/4]\u{1B}[0m x", 0.75), ("\u{1B}[32m50%\u{1B}[0m", 0.5),
      ("\u{1B}]9;4;1;62\u{7}", 0.62), ("\u{1B}]9;4;1;62\u{1B}\\", 0.62),
      ("\u{1B}]9;4;2;30\u{7}", 0.3), ("\u{1B}]9;4;4;31\u{7}", 0.31),
      ("\u{1B}]0;99% title\u{7}\n4%", 0.04),
    ] as [(String, Double)])
  func shapes(text: String, share: Double) { #expect(Self.read(text)?.share == share) }

  @Test(
    "is not made up",
    arguments: [
      "", "45", "45 %", "101%", "1e5%", "x45%", "-5%", "+5%", "5%d", "%d", "100%25", "1.2.3%",
      "v1.45%", "99999999999%", "0.12345678901234%", "[5/4]", "[0/0]", "[1/x]", "[1/2", "1/2]",
      "[-1/2]", "[1/99999999999]", "[a1/2]", "[1//2]", "\u{1B}[45%", "\u{1B}]9;4;3;50\u{7}",
      "\u{1B}]9;4;1;101\u{7}", "\u{1B}]9;4;1\u{7}", "\u{1B}]9;41;1;50\u{7}", "\u{1B}]9;4;1;50",
      "\u{1B}", "\u{1B}]", "[", "[1", "45%45%",
    ])
  func nothing(text: String) { #expect(Self.read(text) == nil) }

  @Test("of the surest way that a task has used stands against the others")
  func surest() {
    let count = OutputProgress(share: 0.35, source: .count, done: 7, total: 20)
    #expect(Self.read("[7/20] 100% of tests passed") == count)
    #expect(Self.read("warning: 5% slower\n", after: count) == count)
    #expect(Self.read("[8/20]", after: count)?.done == 8)
    let terminal = OutputProgress(share: 0.5, source: .terminal)
    #expect(Self.read("[8/20] 3%", after: terminal) == terminal)
    #expect(Self.read("no word of it", after: terminal) == terminal)
  }

  @Test("ends with the terminal sequence that ends it", arguments: ["0", "3", "", "x"])
  func ends(state: String) {
    let terminal = OutputProgress(share: 1, source: .terminal)
    #expect(Self.read("\u{1B}]9;4;\(state);0\u{7}[1/2]", after: terminal) == nil)
  }

  @Test("does not take the end of a cut number for a number")
  func cut() {
    #expect(Self.read("5%", isCut: true) == nil)
    #expect(Self.read("5% 6%", isCut: true)?.share == 0.06)
    let long = String(repeating: "x", count: 9_000) + " 7%"
    #expect(Self.read(long)?.share == 0.07)
    #expect(Self.read("8% " + String(repeating: "x", count: 9_000)) == nil)
  }

  @Test("survives any bytes", arguments: 0..<4)
  func anything(seed: UInt64) {
    var generator = Random(state: seed)
    let pieces: [[UInt8]] = [
      [0x1B], Array("]9;4;".utf8), Array("1;".utf8), [7], Array("[".utf8), Array("/".utf8),
      Array("]".utf8), Array("12".utf8), Array("%".utf8), Array(".".utf8), [0xFF], [0],
      Array("\u{1B}\\".utf8), Array(" ".utf8), Array("9999999999".utf8), [13], [10],
    ]
    let isSoak = ProcessInfo.processInfo.environment["CAIRN_SOAK"] != nil
    for _ in 0..<(isSoak ? 20_000 : 2_000) {
      let bytes = (0..<Int(generator.next() % 24)).flatMap { _ in
        pieces[Int(generator.next() % UInt64(pieces.count))]
      }
      for isCut in [false, true] {
        guard let progress = OutputProgress.after(nil, tail: bytes, isCut: isCut) else { continue }
        #expect((0...1).contains(progress.share))
      }
    }
  }

  @Test("says how long the rest takes at the pace so far, once there is a pace")
  func rest() {
    #expect(OutputProgress(share: 0.25, source: .percent).secondsLeft(after: 30) == 90)
    #expect(OutputProgress(share: 1, source: .percent).secondsLeft(after: 30) == 0)
    #expect(OutputProgress(share: 0.01, source: .percent).secondsLeft(after: 30) == nil)
    #expect(OutputProgress(share: 0.5, source: .percent).secondsLeft(after: 0.5) == nil)
  }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
private struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
