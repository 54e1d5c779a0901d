/// Names that a graph can have, in place of ids that may be paths or worse.
enum WfFormatNames {
  /// Room for `~` and the number that tells names apart.
  private static let roomForNumber = 8

  /// Returns a name for each id: the id itself where it is one, else what is left of it, unique
  /// among all.
  ///
  /// `/` and control characters become `_`, of a long id the end is kept, and where names would
  /// meet, the later ones get `~2`, `~3` …: the same ids give the same names. `numbers` holds every
  /// id once.
  ///
  /// - Complexity: O(bytes of the ids).
  static func names(for ids: [String], _ numbers: [String: Int]) -> [String] {
    var names = ids
    var made: Set<String> = []
    var next: [String: Int] = [:]
    for index in ids.indices where !ids[index].isTraceName {
      let name = legal(ids[index])
      var candidate = name
      // An id that is no name stays out of the way: no candidate is equal to one.
      while numbers[candidate] != nil || !made.insert(candidate).inserted {
        let number = next[name, default: 2]
        next[name] = number + 1
        candidate = end(of: name, CairnFile.maximumNameLength - roomForNumber) + "~\(number)"
      }
      names[index] = candidate
    }
    return names
  }

  private static func legal(_ id: String) -> String {
    let name = id.isASCIITraceText ? legalBytes(id) : legalScalars(id)
    let isBlank = name == "." || name == ".." || name.allSatisfy(\.isWhitespace)
    return isBlank ? "_" + end(of: name, CairnFile.maximumNameLength - 1) : name
  }

  private static func legalBytes(_ id: String) -> String {
    let bytes = id.utf8.suffix(CairnFile.maximumNameLength).map { byte in
      byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func legalScalars(_ id: String) -> String {
    let scalars = id.unicodeScalars.suffix(CairnFile.maximumNameLength).map { scalar in
      scalar == "/" || scalar.properties.generalCategory == .control ? "_" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }

  private static func end(of name: String, _ length: Int) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.suffix(length)))
  }
}

extension String {
  /// The text as a title: no longer than a name and harmless on a terminal; nil if it is empty.
  var asTraceTitle: String? {
    let most = CairnFile.maximumNameLength
    let words = utf8.count <= most ? self : String(unicodeScalars.prefix(most))
    return words.isEmpty ? nil : words.withVisibleControls
  }

  /// Whether the text is a name as it is; asked for every id, so most are settled by their bytes.
  fileprivate var isTraceName: Bool {
    let settled = utf8.withContiguousStorageIfAvailable { bytes -> Bool? in
      var isPlain = (1...CairnFile.maximumNameLength).contains(bytes.count)
      for byte in bytes {
        if byte == UInt8(ascii: "/") || byte < 0x20 || byte == 0x7F { return false }
        if byte == 0x20 || byte > 0x7F { isPlain = false }
      }
      return isPlain && bytes.first != UInt8(ascii: ".") ? true : nil
    }
    return (settled ?? nil) ?? (faultAsName == nil)
  }

  fileprivate var isASCIITraceText: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
