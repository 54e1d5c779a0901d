/// How a JSON text is laid out.
struct JSONStyle: Sendable, Equatable {
  /// nil: all in one line.
  var newline: String?
  /// What a level is indented by.
  var unit: String
  /// Between a colon or comma and what stands behind it in the same line.
  var gap: String
}

/// A value that is written into a JSON text.
indirect enum JSONPiece: Sendable, Equatable {
  case text(String)
  /// A number, `true`, `false` or `null`.
  case word(String)
  case list([JSONPiece])
  case map([Entry])

  struct Entry: Sendable, Equatable {
    var name: String
    var value: JSONPiece
  }
}

extension JSONPiece {
  /// The value as `JSON.stringify` lays it out, behind a line that is indented so.
  func text(_ style: JSONStyle, indentation: String = "") -> String {
    switch self {
    case .text(let text): Self.quote(text)
    case .word(let word): word
    case .list(let pieces):
      Self.lines(
        pieces.map { $0.text(style, indentation: indentation + style.unit) }, "[", "]", style,
        indentation)
    case .map(let entries):
      Self.lines(
        entries.map {
          let value = $0.value.text(style, indentation: indentation + style.unit)
          return "\(Self.quote($0.name)):\(style.gap)\(value)"
        }, "{", "}", style, indentation)
    }
  }

  private static func lines(
    _ items: [String], _ open: String, _ close: String, _ style: JSONStyle, _ indentation: String
  ) -> String {
    guard !items.isEmpty else { return open + close }
    guard let newline = style.newline else {
      return open + items.joined(separator: ",\(style.gap)") + close
    }
    let space = newline + indentation + style.unit
    return open + space + items.joined(separator: "," + space) + newline + indentation + close
  }

  /// The text as JavaScript writes it: only quotation marks, backslashes and controls are escaped.
  static func quote(_ text: String) -> String {
    let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return "\"\(escaped)\""
  }
}
