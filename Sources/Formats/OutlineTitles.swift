/// Finds the item that a few words mean; only a clear match counts.
struct OutlineTitles {
  private struct Title {
    var tokens: [String]
    var depth: Int
    /// First letters of all words.
    var initials: String
  }

  private let titles: [Title]
  private let parents: [Int?]
  private var labels: [String: [Int]] = [:]
  /// The titles that hold a token, ascending.
  private var holders: [String: [Int]] = [:]

  init(_ drafts: [OutlineWork.Draft]) {
    parents = drafts.map(\.item.parent)
    var titles: [Title] = []
    for (index, draft) in drafts.enumerated() {
      let words = draft.item.title.words
      let depth = draft.item.parent.map { titles[$0].depth + 1 } ?? 1
      titles.append(
        Title(
          tokens: words.tokens, depth: depth, initials: String(words.compactMap(\.first))))
      for token in Set(words.tokens) { holders[token, default: []].append(index) }
      for label in draft.labels { labels[label, default: []].append(index) }
    }
    self.titles = titles
  }

  /// How much the text says that it names an item.
  enum Strength { case weak, strong }

  /// Returns the item that a text means to one that stands elsewhere; nil if that is not clear.
  ///
  /// That is the one with this title, with this title and more words, with these initials or, unless the
  /// text is a list of several, with a title that is a part of the text.
  func item(_ text: String, for own: Int?, _ strength: Strength, isList: Bool = false) -> Int? {
    if let labelled = labelled(text, for: own, strength) { return labelled }
    let tokens = text.words.tokens
    guard !tokens.isEmpty else { return nil }
    func isOther(_ index: Int) -> Bool { own.map { !areKin($0, index) } ?? true }
    let wider = holders(of: tokens).filter(isOther)
    if let same = nearest(wider.filter { titles[$0].tokens == tokens }) { return same }
    if tokens.count > 1 || strength == .strong && tokens[0].count >= 3 {
      if !wider.isEmpty { return nearest(wider) }
    }
    if let short = acronym(text, where: isOther) { return short }
    if isList { return nil }
    let narrower = Set(tokens.flatMap { holders[$0] ?? [] }).filter {
      titles[$0].tokens.count > 1 && isOther($0) && tokens.contains(all: titles[$0].tokens)
    }
    let most = narrower.map { titles[$0].tokens.count }.max()
    return nearest(narrower.filter { titles[$0].tokens.count == most })
  }

  /// Titles with all of these tokens.
  private func holders(of tokens: [String]) -> [Int] {
    let rarest = tokens.map { holders[$0] ?? [] }.min { $0.count < $1.count } ?? []
    return rarest.filter { titles[$0].tokens.contains(all: tokens) }
  }

  /// The only one at the highest level.
  private func nearest(_ found: some Collection<Int>) -> Int? {
    guard let depth = found.lazy.map({ titles[$0].depth }).min() else { return nil }
    let highest = found.filter { titles[$0].depth == depth }
    return highest.count == 1 ? highest.first : nil
  }

  private func acronym(_ text: String, where isOther: (Int) -> Bool) -> Int? {
    let word = text.trimmed
    guard (2...6).contains(word.count), word.allSatisfy(\.isUppercase) else { return nil }
    let letters = word.lowercased()
    return nearest(
      titles.indices.filter { titles[$0].initials.hasPrefix(letters) && isOther($0) })
  }

  /// `#3`, `task 3`, `US-1`, `1.2`; a number alone only where nothing else is expected.
  private func labelled(_ text: String, for own: Int?, _ strength: Strength) -> Int? {
    var words = text.words
    let isMarked = text.trimmed.hasPrefix("#")
    if let exact = only(words.joined(separator: " "), for: own), words.count > 1 { return exact }
    if let first = words.first,
      ["task", "item", "step", "section", "point", "number"].contains(first)
    {
      words.removeFirst()
    } else if !isMarked, strength == .weak {
      return nil
    }
    guard words.first?.allSatisfy(\.isNumber) == true, words.count <= 4 else { return nil }
    return only(words.joined(separator: " "), for: own)
  }

  /// The sibling with this label, else the only item with it.
  private func only(_ label: String, for own: Int?) -> Int? {
    let found = (labels[label] ?? []).filter { $0 != own }
    let siblings = found.filter { index in own.map { parents[$0] == parents[index] } ?? false }
    if siblings.count == 1 { return siblings[0] }
    return found.count == 1 ? found[0] : nil
  }

  /// Whether one lies in the other, or they are the same.
  private func areKin(_ a: Int, _ b: Int) -> Bool { lies(a, in: b) || lies(b, in: a) }

  private func lies(_ item: Int, in outer: Int) -> Bool {
    var next: Int? = item
    while let index = next {
      if index == outer { return true }
      next = parents[index]
    }
    return false
  }
}

extension [String] {
  private static let fillers: Set = [
    "the", "a", "an", "of", "with", "for", "to", "in", "on", "its", "our", "their", "being", "both",
    "via", "from", "by", "as", "and", "other", "any", "some",
  ]

  /// Stems of the words that tell one title from another.
  var tokens: [String] { filter { !Self.fillers.contains($0) }.map(\.stem) }

  func contains(all others: [String]) -> Bool { others.allSatisfy(contains) }
}

extension String {
  /// The word without the commonest endings, so that `parsing` is `parse`.
  fileprivate var stem: String {
    var stem = self[...]
    if stem.count > 3, stem.hasSuffix("s"), !stem.hasSuffix("ss") { stem = stem.dropLast() }
    for ending in ["ing", "ed"] where stem.hasSuffix(ending) && stem.count >= ending.count + 3 {
      stem = stem.dropLast(ending.count)
    }
    if stem.count > 3, stem.hasSuffix("e") { stem = stem.dropLast() }
    return String(stem)
  }
}
