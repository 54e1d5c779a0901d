/// Finds the word that somebody meant.
package enum Suggestion {
  /// Most slips of the pen between what was typed and what was meant.
  static let maximumDistance = 2

  /// Returns the candidate nearest to `word`, or nil if none is near; ties go to the first.
  ///
  /// Near is a distance of at most 2 (1 for words of up to three letters), counting insertions,
  /// deletions, changes and swapped neighbours (Damerau, "A technique for computer detection and
  /// correction of spelling errors", 1964), or one being the beginning of the other. Case is ignored.
  ///
  /// - Complexity: O(candidates × length²) at worst.
  package static func nearest(_ word: String, in candidates: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().unicodeScalars)
    let limit = typed.count <= 3 ? 1 : maximumDistance
    var best: (distance: Int, word: String)?
    for candidate in candidates where candidate != word {
      let meant = Array(candidate.lowercased().unicodeScalars)
      guard let distance = closeness(typed, meant, limit: limit) else { continue }
      if distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.word
  }

  /// Returns `did you mean "…"?` for the nearest candidate, or nil.
  package static func hint(for word: String, in candidates: some Sequence<String>) -> String? {
    nearest(word, in: candidates).map { "did you mean \($0.quoted)?" }
  }

  private static func closeness(
    _ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int
  ) -> Int? {
    if abs(a.count - b.count) <= limit {
      let distance = distance(a, b)
      if distance <= limit { return distance }
    }
    // A beginning counts as farther than any slip, the shorter rest the nearer.
    let isBeginning = min(a.count, b.count) >= 3 && (a.starts(with: b) || b.starts(with: a))
    return isBeginning ? maximumDistance + abs(a.count - b.count) : nil
  }

  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var older = [Int](repeating: 0, count: b.count + 1)
    var old = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      row.reserveCapacity(b.count + 1)
      for j in 1...b.count {
        var cost = min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          cost = min(cost, older[j - 2] + 1)
        }
        row.append(cost)
      }
      older = old
      old = row
    }
    return old[b.count]
  }
}
