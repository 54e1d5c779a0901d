/// Bytes of a file as text.
enum SourceText {
  /// Largest file that is read.
  static let maximumBytes = 64 << 20

  /// Decodes UTF-8, without a byte order mark.
  static func decode(_ bytes: [UInt8]) throws(FormatProblem) -> String {
    guard bytes.count <= maximumBytes else {
      throw FormatProblem(message: "file of \(bytes.count) bytes; the limit is 64MiB")
    }
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else { throw notText(body) }
    return text
  }

  private static func notText(_ bytes: ArraySlice<UInt8>) -> FormatProblem {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var offset = 0
    var position = Position(line: 1, column: 1)
    while case .valid(let scalar) = parser.parseScalar(from: &rest) {
      offset += scalar.count
      position.column += 1
      if scalar.first == UInt8(ascii: "\n") {
        position = Position(line: position.line + 1, column: 1)
      }
    }
    return FormatProblem(at: position, "not UTF-8 text: wrong byte at offset \(offset)")
  }
}
