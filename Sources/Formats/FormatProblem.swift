/// What is wrong with a text from outside, and where.
///
/// The first problem of a file is the one reported: what comes behind it is often its echo.
package struct FormatProblem: Error, Equatable, CustomStringConvertible {
  /// Exit codes of the command that reports the problem.
  package enum Code: Int32, Sendable {
    case usage = 64
    case data = 65
    case missing = 66
    /// A key that this version of Cairn knows of and cannot honour.
    case notBuilt = 78

    /// What is wrong is a person's configuration, not a project.
    package static let configuration = Code.notBuilt
  }

  package var file: String
  /// From 1.
  package var line: Int?
  /// From 1, in Unicode scalars.
  package var column: Int?
  package var message: String
  /// What to do about it, as in `did you mean "retries"?`.
  package var hint: String?
  package var code: Code

  package init(
    file: String = "", line: Int? = nil, column: Int? = nil, message: String, hint: String? = nil,
    code: Code = .data
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.hint = hint
    self.code = code
  }

  package var description: String {
    let place =
      [file.isEmpty ? nil : file.withVisibleControls] + [line, column].map { $0.map(String.init) }
    let words = hint.map { "\(message); \($0)" } ?? message
    return (place.compactMap { $0 } + [" " + words]).joined(separator: ":")
      .trimmingPrefix(while: { $0 == " " }).description
  }
}

extension FormatProblem {
  init(
    at position: Position?, _ message: String, hint: String? = nil, code: Code = .data
  ) {
    self.init(
      line: position?.line, column: position?.column, message: message, hint: hint, code: code)
  }

  var at: Position? {
    guard let line, let column else { return nil }
    return Position(line: line, column: column)
  }

  /// Readers know positions only; whoever knows the file's name adds it on the way out.
  func named(_ file: String) -> FormatProblem {
    var problem = self
    problem.file = file
    return problem
  }
}

/// A place in a text; both numbers from 1, columns in Unicode scalars.
struct Position: Sendable, Equatable {
  var line: Int
  var column: Int
}

extension String {
  /// Longest piece of foreign text that a message repeats, in Unicode scalars.
  private static let maximumQuotedLength = 120

  /// The text between quotation marks, harmless on a terminal: controls and direction marks are
  /// shown as their code, and a long text is cut.
  package var quoted: String {
    let isLong = unicodeScalars.count > Self.maximumQuotedLength
    let shown = isLong ? String(unicodeScalars.prefix(Self.maximumQuotedLength)) + "…" : self
    return "\"\(shown.withVisibleControls)\""
  }

  /// The same text with controls, format characters and line separators as `\u{1B}`.
  package var withVisibleControls: String {
    guard unicodeScalars.contains(where: \.isUnsafe) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case _ where scalar.isUnsafe:
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isUnsafe: Bool {
    if value < 0x20 { return true }
    if value < 0x7F { return false }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
