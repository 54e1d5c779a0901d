/// What a sentence says about what comes first: `depends on X and Y`, `after X`, `once X is done`.
struct OutlinePhrase {
  var objects: String
  /// Nothing else can be meant, so a reader is told when nothing is found.
  var strength: OutlineTitles.Strength

  private static let triggers: [(words: [String], strength: OutlineTitles.Strength)] = [
    (["depends", "on"], .strong), (["depend", "on"], .strong), (["dependent", "on"], .strong),
    (["blocked", "by"], .strong), (["waits", "for"], .strong), (["wait", "for"], .strong),
    (["built", "on", "top", "of"], .strong), (["builds", "on"], .strong),
    (["built", "on"], .strong),
    (["relies", "on"], .strong), (["requires"], .weak), (["require"], .weak), (["needs"], .weak),
    (["after"], .weak), (["once"], .weak),
  ]

  /// Most items that one phrase may name; what follows is left out.
  private static let maximumParts = 64

  /// Words behind which the sentence goes on to something else.
  private static let ends: Set = [
    "before", "so", "because", "which", "that", "but", "when", "is", "are", "has", "have", "being",
    "must", "should", "can", "will", "while", "if", "since", "was", "were", "works", "exists",
  ]
  private static let negations: Set = ["not", "no", "never", "independent", "without"]

  static func all(in sentence: String) -> [OutlinePhrase] {
    let words = sentence.split(whereSeparator: \.isWhitespace).map(String.init)
    let lower = words.map { $0.words.joined() }
    var phrases: [OutlinePhrase] = []
    var index = 0
    while index < words.count {
      guard let (trigger, strength) = trigger(at: index, in: lower),
        index == 0 || !negations.contains(lower[index - 1])
      else {
        index += 1
        continue
      }
      index += trigger
      let object = object(words[index...], lower)
      if !object.isEmpty { phrases.append(OutlinePhrase(objects: object, strength: strength)) }
    }
    return phrases
  }

  private static func trigger(
    at index: Int, in words: [String]
  ) -> (count: Int, strength: OutlineTitles.Strength)? {
    triggers.first { words[index...].starts(with: $0.words) }.map { ($0.words.count, $0.strength) }
  }

  private static func object(_ words: ArraySlice<String>, _ lower: [String]) -> String {
    var taken: [String] = []
    for (index, word) in zip(words.indices, words) {
      if ends.contains(lower[index]) || trigger(at: index, in: lower) != nil { break }
      let isNumber = word.hasPrefix("(") || word == "-" || word == "–" || word == "—"
      if isNumber { break }
      taken.append(word)
      if let last = word.last, ".;:)".contains(last) { break }
    }
    return taken.joined(separator: " ")
  }

  /// Whether a text says nothing but what comes first.
  static func isWhole(_ text: String) -> Bool {
    trigger(at: 0, in: text.split(whereSeparator: \.isWhitespace).map { $0.words.joined() }) != nil
  }

  /// The parts of `X, Y and both Z`.
  static func parts(of objects: String) -> [String] {
    var parts: [String] = []
    for piece in objects.split(whereSeparator: { $0 == "," || $0 == "&" || $0 == ";" || $0 == "+" })
    {
      var words: [Substring] = []
      for word in piece.split(whereSeparator: \.isWhitespace) {
        if ["and", "or", "plus", "both"].contains(word.lowercased()) {
          parts.append(words.joined(separator: " "))
          words = []
        } else {
          words.append(word)
        }
      }
      parts.append(words.joined(separator: " "))
    }
    return parts.prefix(maximumParts).map { $0.withoutEdges }.filter { !$0.words.isEmpty }
  }

  /// Whether the text says that nothing comes in front.
  static func isFirst(_ sentence: String) -> Bool {
    let text = sentence.words.joined(separator: " ")
    return ["implemented first", "done first", "comes first", "built first", "no dependencies"]
      .contains { text.contains(words: $0) }
  }

  static func isParallel(_ sentence: String) -> Bool {
    sentence.words.contains {
      ["parallel", "alongside", "independently", "concurrently"].contains($0)
    }
  }
}

extension String {
  /// Without quotation marks and the like around it.
  fileprivate var withoutEdges: String {
    let start = drop { !($0.isLetter || $0.isNumber || $0 == "#") }
    let end = start.lastIndex { $0.isLetter || $0.isNumber }
    return end.map { String(start[...$0]) } ?? ""
  }

  fileprivate func contains(words: String) -> Bool { firstRange(of: words) != nil }
}
