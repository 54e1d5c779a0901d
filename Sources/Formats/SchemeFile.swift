/// A base16 or base24 colour scheme in the YAML format of tinted-theming, old and new form.
package struct SchemeFile: Sendable, Equatable {
  package var name: String
  /// base00 to base0F, each 0xRRGGBB.
  package var palette: [UInt32]

  /// Reads a scheme; keys that say nothing about colours are passed over, as other programs do.
  package static func load(_ bytes: [UInt8], file: String) throws(FormatProblem) -> SchemeFile {
    do throws(FormatProblem) {
      guard let root = try YAMLReader.read(try SourceText.decode(bytes)), root.map != nil else {
        throw FormatProblem(message: "expected a base16 scheme, a map of names")
      }
      let colors = root["palette"] ?? root
      let palette = try (0..<16).map { index throws(FormatProblem) in
        try color("base0" + String(index, radix: 16, uppercase: true), in: colors)
      }
      return SchemeFile(name: (root["name"] ?? root["scheme"])?.text ?? file, palette: palette)
    } catch {
      throw error.named(file)
    }
  }

  private static func color(_ key: String, in colors: Value) throws(FormatProblem) -> UInt32 {
    guard let value = colors[key] else {
      throw FormatProblem(at: colors.position, "the scheme has no colour \(key.quoted)")
    }
    let digits = value.text.map { $0.hasPrefix("#") ? String($0.dropFirst()) : $0 } ?? ""
    guard digits.count == 6, let number = UInt32(digits, radix: 16) else {
      throw FormatProblem(
        at: value.position, "\(key): expected a colour such as \"1d2021\", found \(value.found)")
    }
    return number
  }
}

/// Sizes as they are given on a command line.
package enum SizeText {
  /// Returns the bytes of `512MiB`, `4GB` …; nil if it is no size.
  package static func bytes(_ text: String) -> Int64? { try? Quantity.bytes(text) }
}
