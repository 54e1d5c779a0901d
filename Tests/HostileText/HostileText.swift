/// Text that would do something to a terminal, or to the picture on it, if it got there as it is.
///
/// Shared by the tests of text, screens and terminals; all of it must end as cells that can only be
/// read, in the place that the text was given.
package struct HostileText: Sendable, CustomStringConvertible {
  package let kind: Kind
  /// Not always UTF-8.
  package let bytes: [UInt8]

  package enum Kind: String, Sendable, CaseIterable {
    case csi, osc, strings, escapes, c1, rawC1, controls, bidi, zeroWidth, emoji, combining, wide,
      invalidUTF8, lines, mixture
  }

  package init(_ kind: Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  package init(_ kind: Kind, _ text: String) { self.init(kind, Array(text.utf8)) }

  /// As a reader of files makes a string of it.
  package var string: String { String(decoding: bytes, as: UTF8.self) }

  package var description: String {
    let shown = bytes.prefix(24).map { byte in
      (0x20..<0x7f).contains(byte)
        ? String(Unicode.Scalar(byte)) : "<" + String(byte, radix: 16) + ">"
    }
    return "\(kind.rawValue) " + shown.joined() + (bytes.count > 24 ? "... \(bytes.count)" : "")
  }

  /// All of the tables, without doubles.
  package static let corpus: [HostileText] = {
    var known = Set<[UInt8]>()
    return (controlSequences + unicode + bytesAndLines).filter { known.insert($0.bytes).inserted }
  }()
}

extension HostileText {
  static func all(_ kind: Kind, _ texts: [String]) -> [HostileText] {
    texts.map { HostileText(kind, $0) }
  }
}
