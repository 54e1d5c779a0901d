/// A base16 or base24 colour scheme in the YAML format of tinted-theming, old and new form.
///
/// The new form has the colours in `palette`, the old one beside the name; `#` may be left out. What
/// has base10 to base17, or says `system: base24`, is a base24 scheme.
package struct SchemeFile: Sendable, Equatable {
  package var name: String
  /// base00 to base0F, or to base17, each 0xRRGGBB.
  package var palette: [UInt32]
  /// `dark` or `light`, where the file says so.
  package var variant: String?

  /// Reads a scheme; keys that say nothing about colours are passed over, as other programs do.
  package static func load(_ bytes: [UInt8], file: String) throws(FormatProblem) -> SchemeFile {
    do throws(FormatProblem) {
      guard let root = try YAMLReader.read(try SourceText.decode(bytes)), root.map != nil else {
        throw FormatProblem(message: "expected a base16 or base24 scheme, a map of names")
      }
      let colors = root["palette"] ?? root
      let hasBright = (16..<24).contains { colors.color(at: $0) != nil }
      let count = hasBright || root["system"]?.text == "base24" ? 24 : 16
      let palette = try (0..<count).map { index throws(FormatProblem) in
        try color(at: index, in: colors)
      }
      return SchemeFile(
        name: (root["name"] ?? root["scheme"])?.text ?? file, palette: palette,
        variant: root["variant"]?.text)
    } catch {
      throw error.named(file)
    }
  }

  private static func color(at index: Int, in colors: Value) throws(FormatProblem) -> UInt32 {
    let key = key(at: index)
    guard let value = colors.color(at: index) else {
      throw FormatProblem(at: colors.position, "the scheme has no colour \(key.quoted)")
    }
    let digits = value.text.map { $0.hasPrefix("#") ? String($0.dropFirst()) : $0 } ?? ""
    guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit),
      let number = UInt32(digits, radix: 16)
    else {
      throw FormatProblem(
        at: value.position, "\(key): expected a colour such as \"1d2021\", found \(value.found)")
    }
    return number
  }

  fileprivate static func key(at index: Int) -> String {
    (index < 16 ? "base0" : "base1") + String(index % 16, radix: 16, uppercase: true)
  }
}

extension Value {
  /// The colour with this number; the letter of its name may be small.
  fileprivate func color(at index: Int) -> Value? {
    let key = SchemeFile.key(at: index)
    return self[key] ?? self[key.lowercased()]
  }
}

/// Sizes as they are given on a command line.
package enum SizeText {
  /// Returns the bytes of `512MiB`, `4GB` …; nil if it is no size.
  package static func bytes(_ text: String) -> Int64? { try? Quantity.bytes(text) }
}
