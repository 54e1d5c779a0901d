import Formats
import Foundation
import Testing

@Suite("Whatever the outline, its graph is acyclic and traces to lines")
struct OutlinePropertyTests {
  private static let isSoak = ProcessInfo.processInfo.environment["CAIRN_SOAK"] == "1"

  @Test(arguments: 0..<(isSoak ? 2_000 : 60))
  func holds(seed: Int) throws {
    var script = RandomDocument(seed: UInt64(seed))
    let text = script.text()
    let bytes = Array(text.utf8)
    guard let found = try? OutlineFile.load(bytes, file: "prd.md") else { return }
    #expect(try OutlineFile.load(bytes, file: "prd.md") == found, "not the same twice: \(seed)")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for index in found.items.indices {
      let item = found.items[index]
      #expect(found.depth(of: index) <= Decomposition.maximumDepth)
      #expect(!item.title.isEmpty)
      #expect(item.parent.map { $0 < index } ?? true)
      #expect(item.needs.allSatisfy(found.items.indices.contains))
      let line = try #require(item.line)
      let word = item.title.split(separator: " ").first.map(String.init) ?? ""
      #expect(lines[line - 1].contains(word), "\(item.title) is not in line \(line): \(seed)")
    }
    #expect(found.isAcyclic, "a cycle: \(seed)")
  }

  @Test func mostDocumentsHoldWorkThatWaits() {
    let found = (0..<60).compactMap { seed in
      var script = RandomDocument(seed: UInt64(seed))
      return try? OutlineFile.load(Array(script.text().utf8), file: "prd.md")
    }
    #expect(found.count > 40)
    #expect(found.count { $0.items.contains { !$0.needs.isEmpty } } > 10)
  }
}

/// Headings, lists and sentences about one another, with a seed.
struct RandomDocument {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }

  private mutating func pick(_ words: [String]) -> String { words[number(below: words.count)] }

  private static let nouns = ["parser", "cache", "login page", "report", "index", "queue", "chart"]
  private static let sections = [
    "Roadmap", "Phase 1: Base", "Phase 2: More", "Features", "Risks", "Tasks", "Testing Strategy",
    "Logical Dependency Chain", "Goals", "Overview", "Billing", "1.2 Storage",
  ]

  private mutating func title() -> String {
    pick(["Add ", "Build ", "Test ", "", "**Draw** "]) + pick(Self.nouns) + " "
      + String(number(below: 9))
  }

  private mutating func sentence() -> String {
    let starts = ["Depends on ", "After ", "Requires ", "once ", "Built on top of ", "It is "]
    let object = number(below: 3) == 0 ? "#\(number(below: 9))" : title()
    return pick(starts) + object
      + pick([".", " and all previous tasks.", " is done.", ", the moon."])
  }

  private mutating func line() -> String {
    switch number(below: 12) {
    case 0, 1: String(repeating: "#", count: 1 + number(below: 4)) + " " + pick(Self.sections)
    case 2: ""
    case 3: sentence()
    case 4: "```"
    case 5: pick(["---", "====", "<PRD>", "</context>", "<!--", "-->", "| a | b |"])
    case 6: String(repeating: " ", count: number(below: 12)) + sentence()
    default:
      String(repeating: " ", count: number(below: 14))
        + pick(["- ", "* ", "1. ", "2. ", "3) ", "- [ ] ", "- [x] "]) + title()
        + (number(below: 3) == 0 ? " (\(sentence()))" : "")
    }
  }

  mutating func text() -> String {
    (0..<(5 + number(below: 60))).map { _ in line() }.joined(separator: "\n")
  }
}

extension Decomposition {
  /// Begins and ends in some order: found without the code that is tested.
  fileprivate var isAcyclic: Bool {
    var open = [Int](repeating: 0, count: items.count * 2)
    var next = [[Int]](repeating: [], count: items.count * 2)
    func lead(_ from: Int, _ to: Int) {
      next[from].append(to)
      open[to] += 1
    }
    for (index, item) in items.enumerated() {
      lead(index * 2, index * 2 + 1)
      for need in item.needs { lead(need * 2 + 1, index * 2) }
      guard let parent = item.parent else { continue }
      lead(parent * 2, index * 2)
      lead(index * 2 + 1, parent * 2 + 1)
    }
    var ready = open.indices.filter { open[$0] == 0 }
    var count = 0
    while let point = ready.popLast() {
      count += 1
      for other in next[point] {
        open[other] -= 1
        if open[other] == 0 { ready.append(other) }
      }
    }
    return count == open.count
  }
}
