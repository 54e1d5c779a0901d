/// Names that a graph can have, in place of ids that may be paths or worse.
enum WfFormatNames {
  /// Returns a name for each id: the id itself where it is one, else what is left of it, unique
  /// among all.
  ///
  /// `/`, controls and format characters become `_`, of a long id the end is kept, and where names
  /// would meet, the later ones of the file get `~2`, `~3` …: the same ids give the same names.
  /// The ids differ from one another.
  ///
  /// - Complexity: O(bytes of the ids).
  static func names(for ids: [String]) -> [String] {
    let odd = ids.indices.filter { !ids[$0].isPlainTraceName && ids[$0].faultAsName != nil }
    if odd.isEmpty { return ids }
    var names = ids
    var taken = Set(ids)
    var next: [String: Int] = [:]
    for index in odd {
      let name = legal(ids[index])
      var candidate = name
      while !taken.insert(candidate).inserted {
        let number = next[name, default: 2]
        next[name] = number + 1
        candidate = cut(name, to: CairnFile.maximumNameLength - 8) + "~\(number)"
      }
      names[index] = candidate
    }
    return names
  }

  private static func legal(_ id: String) -> String {
    let scalars = id.unicodeScalars.suffix(CairnFile.maximumNameLength).map { scalar in
      scalar == "/" || scalar.properties.generalCategory == .control ? "_" : scalar
    }
    var name = String(String.UnicodeScalarView(scalars))
    if name == "." || name == ".." || name.allSatisfy(\.isWhitespace) { name = "_" + name }
    return cut(name, to: CairnFile.maximumNameLength)
  }

  private static func cut(_ name: String, to length: Int) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.suffix(length)))
  }
}

extension String {
  /// Nothing but visible ASCII without `/`, and something else than dots.
  fileprivate var isPlainTraceName: Bool {
    let length = utf8.count
    guard (3...CairnFile.maximumNameLength).contains(length) else { return false }
    return utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }
  }
}
