import Testing

@testable import Dashboard

@Suite("A fuzzy query")
struct FuzzyQueryTests {
  @Test(
    "finds letters in their order, whatever lies between",
    arguments: [
      ("sw", "step-wave", true), ("ws", "step-wave", false), ("", "anything", true),
      ("SHD12", "shard[n=12]", true), ("shard13", "shard[n=12]", false),
      ("wave step", "step-wave", true),
      ("wave stop", "step-wave", false), ("é", "CAFÉ", true), ("漢", "漢字", true), ("a", "", false),
    ])
  func finds(query: String, text: String, isFound: Bool) {
    #expect((FuzzyQuery(query).match(text) != nil) == isFound)
  }

  @Test(
    "says which letters it found, in the best of all ways",
    arguments: [
      ("sw", "swap step-wave", [0, 1]), ("sw", "stop-step-wave", [5, 10]),
      ("wave", "we have a wave", [10, 11, 12, 13]), ("nf", "next-failed", [0, 5]),
      ("wave step", "step-wave", [0, 1, 2, 3, 5, 6, 7, 8]),
    ])
  func positions(query: String, text: String, positions: [Int]) {
    #expect(FuzzyQuery(query).match(text)?.positions == positions)
  }

  @Test(
    "puts beginnings of words and neighbours first",
    arguments: [
      ("sw", "step-wave", "answer wildly"), ("stop", "stop", "signal to open"),
      ("core", "test-core", "cinder-outpost-reed"), ("gt", "goto", "agent"),
      ("shard1", "shard[n=1]", "shape-arid-1"), ("tv", "toggleView", "native"),
    ])
  func order(query: String, better: String, worse: String) throws {
    let query = FuzzyQuery(query)
    let first = try #require(query.match(better))
    if let second = query.match(worse) { #expect(first.score > second.score) }
  }

  @Test("finds what a slow search finds, with as good a score", arguments: 0..<6 as Range<UInt64>)
  func slowSearch(seed: UInt64) {
    var random = SplitMix(seed)
    for _ in 0..<150 {
      let text = String(
        (0..<Int.random(in: 0...9, using: &random)).map { _ in
          Array("ab-A").randomElement(using: &random) ?? "a"
        })
      let word = String(
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
          Array("ab").randomElement(using: &random) ?? "a"
        })
      let match = FuzzyQuery(word).match(text)
      #expect(match?.score == Self.best(Array(word), Array(text), 0, nil), "\(word) in \(text)")
      let letters = Array(text.lowercased())
      if let match { #expect(String(match.positions.map { letters[$0] }) == word) }
    }
  }

  /// Tries every way to find the letters.
  private static func best(
    _ word: [Character], _ text: [Character], _ from: Int, _ last: Int?
  ) -> Int? {
    guard let letter = word.first else { return 0 }
    var best: Int?
    for at in from..<max(from, text.count) where text[at].lowercased() == String(letter) {
      let isBeginning =
        text[at].isLetter
        && (at == 0 || !text[at - 1].isLetter || text[at].isUppercase && text[at - 1].isLowercase)
      var score = isBeginning ? 18 : 10
      if let last { score += at == last + 1 ? 9 : -(at - last - 1) }
      guard let rest = Self.best(Array(word.dropFirst()), text, at + 1, at) else { continue }
      best = max(best ?? .min, score + rest)
    }
    return best
  }

  @Test("looks at so many letters and no more")
  func limits() {
    let long = String(repeating: "x", count: FuzzyQuery.maximumCandidateLength) + "y"
    #expect(FuzzyQuery("y").match(long) == nil)
    let query = FuzzyQuery(String(repeating: "x", count: FuzzyQuery.maximumLength) + "y")
    #expect(query.match(long)?.positions.count == FuzzyQuery.maximumLength)
  }
}
