import Model

extension Field {
  /// A name: 1 to 120 characters, no `/`, no control characters.
  func name() throws(FormatProblem) -> String {
    let name = try text()
    if let fault = name.faultAsName { throw problem(fault) }
    return name
  }

  func positiveBytes() throws(FormatProblem) -> Int64 {
    let bytes = try bytes()
    guard bytes > 0 else { throw problem("must be more than nothing") }
    return bytes
  }

  func bytes(atLeast least: Int64) throws(FormatProblem) -> Int64 {
    let bytes = try bytes()
    guard bytes >= least else { throw problem("must be at least \(least) bytes") }
    return bytes
  }

  func positiveSeconds(upTo most: Double = .infinity) throws(FormatProblem) -> Double {
    let seconds = try seconds()
    guard seconds > 0 else { throw problem("must be more than nothing") }
    guard seconds <= most else { throw problem("\(value.found) is too long") }
    return seconds
  }

  /// A path that stays inside the project.
  func pathInside() throws(FormatProblem) -> String {
    let path = try relativePath()
    var depth = 0
    for part in path.split(separator: "/") where part != "." {
      depth += part == ".." ? -1 : 1
      if depth < 0 { throw problem("path \(path.quoted) leads out of the project") }
    }
    return path
  }

  func relativePath() throws(FormatProblem) -> String {
    let path = try words()
    guard !path.hasPrefix("/") else {
      throw problem("expected a path from the project's root, found \(path.quoted)")
    }
    return path
  }
}

extension Value.Entry {
  /// Refuses what cannot name a variable; a strict name is one that a shell can use too.
  func checkVariableName(of section: String, isStrict: Bool) throws(FormatProblem) {
    func fault(_ message: String) -> FormatProblem {
      FormatProblem(at: position, "\(name.quoted) of \(section.quoted): \(message)")
    }
    if name.hasPrefix("CAIRN_") { throw fault("variables that begin with CAIRN_ are Cairn's own") }
    if isStrict, !name.isVariableName {
      throw fault("expected a name of letters, digits and _ that a shell can use")
    }
    if name.isEmpty || name.contains("=") || name.withVisibleControls != name {
      throw fault("not a name for an environment variable")
    }
  }
}

extension String {
  /// What is wrong with the text as a name of a task, group or artifact; nil if nothing is.
  var faultAsName: String? {
    if isPlainName { return nil }
    if allSatisfy(\.isWhitespace) { return "a name must not be empty" }
    if unicodeScalars.count > CairnFile.maximumNameLength {
      return
        "a name has at most \(CairnFile.maximumNameLength) characters, found \(unicodeScalars.count)"
    }
    if contains("/") { return "a name must not hold \"/\"" }
    if unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "a name must not hold control characters"
    }
    return self == "." || self == ".." ? "not a name" : nil
  }

  /// Nothing but letters, digits, `_` and `-` of ASCII, as most names: no need to look closer.
  private var isPlainName: Bool {
    (1...CairnFile.maximumNameLength).contains(utf8.count)
      && utf8.allSatisfy {
        Self.variable($0) != UInt8(ascii: "_") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
  }

  /// Letters, digits and `_` of ASCII, no digit first.
  var isVariableName: Bool {
    guard let first, !first.isNumber else { return false }
    return allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// The name as part of an environment variable: upper case, `_` for all that is no letter or digit.
  var asVariable: String {
    if utf8.allSatisfy({ $0 < 0x80 }) {
      return String(decoding: utf8.map(Self.variable), as: UTF8.self)
    }
    return String(
      uppercased().map { character in
        character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
      })
  }

  private static func variable(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
    default: UInt8(ascii: "_")
    }
  }

  /// The text with `$key` and `${key}` replaced by values; other dollars stay.
  func filled(with variables: [TaskGraph.Variable]) -> String {
    guard utf8.contains(UInt8(ascii: "$")), !variables.isEmpty else { return self }
    var text = ""
    var rest = self[...]
    while let dollar = rest.firstIndex(of: "$") {
      text += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let isBraced = rest.first == "{"
      let name = rest.dropFirst(isBraced ? 1 : 0).prefix {
        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
      }
      let isClosed = !isBraced || rest[name.endIndex...].first == "}"
      if isClosed, let variable = variables.first(where: { $0.name == name }) {
        text += variable.value
        rest = rest[name.endIndex...].dropFirst(isBraced ? 1 : 0)
      } else {
        text += "$"
      }
    }
    return text + rest
  }
}
