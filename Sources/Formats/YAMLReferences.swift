/// What looks like an anchor, an alias or a key that is no plain word, found without parsing.
///
/// The parser follows aliases without a copy, but hashes the keys of every map before anybody can
/// count its nodes: a key that is an alias of lists of aliases would keep it busy for ever. Text in a
/// script may look like any of these, hence the wide limits; what is one is never overlooked.
struct YAMLReferences {
  /// Most anchors; each can nest what the one before it names, out of the depth limit's sight.
  static let maximumAnchors = 1_000
  /// Most nodes that the aliases of a file with such a key may stand for.
  static let maximumReach = 10_000_000.0

  /// How far is looked for what stands beside a token, in bytes; what lies farther counts as bad.
  private static let maximumLook = 1_024

  private(set) var anchors = 0
  private(set) var aliases = 0
  /// Offset of the first byte behind such a key.
  private(set) var compoundKey: Int?
  private let text: String

  init(_ text: String) {
    self.text = text
    var text = text
    text.withUTF8 { scan($0) }
  }

  func check() throws(FormatProblem) {
    guard anchors <= Self.maximumAnchors else {
      throw FormatProblem(message: "more than \(Self.maximumAnchors) anchors")
    }
    guard let compoundKey, reach > Self.maximumReach else { return }
    let before = text.utf8.prefix(compoundKey)
    throw FormatProblem(
      line: before.count { $0 == UInt8(ascii: "\n") } + 1,
      message: "a key that looks like a list, a map or an alias, in a file with "
        + "\(anchors) anchors and \(aliases) aliases",
      hint: "give each key a plain name")
  }

  /// Most nodes that so many aliases can stand for: spread evenly over a nest of anchors.
  private var reach: Double {
    var most = 1.0
    for depth in 1..<(anchors + 1) where most <= Self.maximumReach {
      let width = Double(aliases) / Double(depth) + 1
      var nodes = 1.0
      for _ in 0..<depth where nodes <= Self.maximumReach { nodes *= width }
      most = max(most, nodes)
    }
    return most
  }
}

extension YAMLReferences {
  private typealias Bytes = UnsafeBufferPointer<UInt8>

  private mutating func scan(_ bytes: Bytes) {
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "&"):
        if Self.begins(index, bytes), Self.nameEnd(index, bytes) > index + 1 { anchors += 1 }
      case UInt8(ascii: "*"):
        let end = Self.nameEnd(index, bytes)
        guard Self.begins(index, bytes), end > index + 1 else { continue }
        aliases += 1
        if Self.isKey(endingAt: end, bytes) { note(index) }
      case UInt8(ascii: "?"):
        if Self.begins(index, bytes), Self.isBlank(index + 1, bytes) { note(index) }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        let isKey = Self.isKey(endingAt: index + 1, bytes)
        if isKey, !Self.holdsOneWord(closedAt: index, bytes) { note(index) }
      case UInt8(ascii: "{"), UInt8(ascii: ","):
        let next = Self.token(behind: index, bytes)
        guard next < bytes.count else { continue }
        let isFar = next - index > Self.maximumLook
        guard isFar || "*[{?&!".utf8.contains(bytes[next]) else { continue }
        if isFar || !Self.isAliasOfList(next, bytes) { note(index) }
      default: continue
      }
    }
  }

  /// Where the next token begins, behind blanks, line ends and comments.
  private static func token(behind index: Int, _ bytes: Bytes) -> Int {
    var next = index + 1
    let end = min(bytes.count, next + maximumLook)
    while next < end {
      if bytes[next] == UInt8(ascii: "#") {
        while next < end, bytes[next] != UInt8(ascii: "\n") { next += 1 }
      } else if isBlank(next, bytes) {
        next += 1
      } else {
        break
      }
    }
    return next
  }

  /// As the second one in `[*a, *b]`: nothing but aliases back to the bracket.
  private static func isAliasOfList(_ index: Int, _ bytes: Bytes) -> Bool {
    guard bytes[index] == UInt8(ascii: "*") else { return false }
    var index = index - 1
    let end = max(-1, index - maximumLook)
    while index > end, bytes[index] != UInt8(ascii: "[") {
      guard isWordByte(bytes[index]) || "*, ".utf8.contains(bytes[index]) else { return false }
      index -= 1
    }
    return index > end
  }

  private mutating func note(_ index: Int) { compoundKey = compoundKey ?? index }

  /// Whether a token may begin here.
  private static func begins(_ index: Int, _ bytes: Bytes) -> Bool {
    index == 0 || " \n\t\r[]{},:?\"'".utf8.contains(bytes[index - 1])
  }

  private static func isBlank(_ index: Int, _ bytes: Bytes) -> Bool {
    index >= bytes.count || " \n\t\r".utf8.contains(bytes[index])
  }

  /// Where the name of an anchor or alias ends, as in libyaml: letters, digits, `_` and `-`.
  private static func nameEnd(_ index: Int, _ bytes: Bytes) -> Int {
    var end = index + 1
    while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
    return end
  }

  /// A colon follows, behind spaces or not.
  private static func isKey(endingAt end: Int, _ bytes: Bytes) -> Bool {
    var index = end
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == 9 { index += 1 }
    return index < bytes.count && bytes[index] == UInt8(ascii: ":")
  }

  /// As in `${name}: ` and `row[3]: ` of a script: nothing between the brackets names an alias.
  private static func holdsOneWord(closedAt index: Int, _ bytes: Bytes) -> Bool {
    let open = bytes[index] == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "{")
    var index = index - 1
    while index >= 0, isWordByte(bytes[index]) { index -= 1 }
    return index >= 0 && bytes[index] == open
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
