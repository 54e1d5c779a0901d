/// Letters that somebody typed to find a thing whose name they know roughly.
///
/// Each word's letters have to come in their order, with gaps; the words in any order. Case is ignored.
/// Letters that begin a word or follow one another count for more, so that `sw` finds `step-wave` first.
package struct FuzzyQuery: Sendable, Equatable {
  /// Letters that are looked at; the rest of a longer text is not.
  package static let maximumLength = 64
  /// Letters of a candidate that are looked at.
  package static let maximumCandidateLength = 512

  private let words: [[UInt32]]

  package init(_ text: some StringProtocol) {
    let letters = text.unicodeScalars.prefix(Self.maximumLength)
    words = letters.split(separator: " ").map { $0.map(\.folded) }
  }

  package var isEmpty: Bool { words.isEmpty }

  /// How well a candidate fits; nil if some letter is missing.
  ///
  /// The best of all ways to find the letters, as Smith and Waterman align sequences, "Identification of
  /// common molecular subsequences", 1981.
  ///
  /// - Complexity: O(letters of the query × letters of the candidate).
  package func match(_ candidate: some Sequence<Unicode.Scalar>) -> FuzzyMatch? {
    guard !words.isEmpty else { return FuzzyMatch(score: 0, positions: []) }
    let letters = Array(candidate.prefix(Self.maximumCandidateLength))
    let folded = letters.map(\.folded)
    guard words.allSatisfy({ folded.holdsInOrder($0) }) else { return nil }
    let worth = letters.indices.map { letters.beginsWord(at: $0) ? Worth.beginning : Worth.letter }
    var match = FuzzyMatch(score: 0, positions: [])
    for word in words {
      let found = Self.align(word, folded, worth)
      match.score += found.score
      match.positions += found.positions
    }
    match.positions.sort()
    return match
  }

  package func match(_ candidate: String) -> FuzzyMatch? { match(candidate.unicodeScalars) }

  private enum Worth {
    static let letter = 10
    static let beginning = 18
    static let neighbour = 9
    static let skipped = 1
    static let impossible = Int.min / 2
  }

  /// Row by row of the word's letters: the best score with this letter found at each place, and where
  /// the letter before it was then.
  private static func align(_ word: [UInt32], _ text: [UInt32], _ worth: [Int]) -> FuzzyMatch {
    let count = text.count
    var origins: [Int32] = []
    origins.reserveCapacity(word.count * count)
    var old = [Int](repeating: 0, count: count)
    for (row, letter) in word.enumerated() {
      var new = [Int](repeating: Worth.impossible, count: count)
      // The best of the row above with the skipped letters taken off, and its place.
      var distant = (score: Worth.impossible, at: -1)
      for place in 0..<count {
        var origin = -1
        if text[place] == letter {
          if row == 0 {
            new[place] = worth[place]
          } else if place > 0 {
            let near = old[place - 1] + Worth.neighbour
            origin = near >= distant.score ? place - 1 : distant.at
            new[place] = worth[place] + max(near, distant.score)
          }
        }
        origins.append(Int32(origin))
        distant.score -= Worth.skipped
        if place > 0, old[place - 1] - Worth.skipped > distant.score {
          distant = (old[place - 1] - Worth.skipped, place - 1)
        }
      }
      old = new
    }
    return trace(old, origins, rows: word.count)
  }

  private static func trace(_ last: [Int], _ origins: [Int32], rows: Int) -> FuzzyMatch {
    guard var place = last.indices.max(by: { last[$0] < last[$1] }) else {
      return FuzzyMatch(score: 0, positions: [])
    }
    var match = FuzzyMatch(score: last[place], positions: [place])
    for row in stride(from: rows - 1, to: 0, by: -1) {
      place = Int(origins[row * last.count + place])
      guard place >= 0 else { break }
      match.positions.append(place)
    }
    return match
  }
}

package struct FuzzyMatch: Sendable, Equatable {
  /// The more the better; comparable for the same query only.
  package var score: Int
  /// Indices of the found letters, ascending, in Unicode scalars.
  package var positions: [Int]
}

extension Unicode.Scalar {
  /// The small letter.
  fileprivate var folded: UInt32 {
    if (65...90).contains(value) { return value + 32 }
    if value < 0x80 { return value }
    return properties.lowercaseMapping.unicodeScalars.first?.value ?? value
  }

  fileprivate var isWordLetter: Bool {
    if value < 0x80 {
      return (48...57).contains(value) || (65...90).contains(value) || (97...122).contains(value)
    }
    return properties.isAlphabetic
  }

  fileprivate var isCapital: Bool { (65...90).contains(value) }
}

extension [Unicode.Scalar] {
  fileprivate func beginsWord(at index: Int) -> Bool {
    guard self[index].isWordLetter else { return false }
    guard index > 0 else { return true }
    let before = self[index - 1]
    return !before.isWordLetter || self[index].isCapital && !before.isCapital
  }
}

extension [UInt32] {
  fileprivate func holdsInOrder(_ word: [UInt32]) -> Bool {
    var rest = word[...]
    for letter in self where letter == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }
}
