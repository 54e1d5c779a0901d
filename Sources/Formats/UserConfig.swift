/// What a person has settled for all projects: `config.yaml` in their configuration folder.
package struct UserConfig: Sendable, Equatable {
  /// A theme's name, or the path of a scheme.
  package var theme: Written<String>?
  package var glyphs: GlyphChoice?

  package enum GlyphChoice: String, Sendable, CaseIterable { case auto, unicode, ascii }

  package init() {}

  /// Reads the file; what is wrong with it has exit code 78.
  package static func load(_ bytes: [UInt8], file: String) throws(FormatProblem) -> UserConfig {
    do throws(FormatProblem) {
      var config = UserConfig()
      guard let root = try YAMLReader.read(try SourceText.decode(bytes)), !root.isNull else {
        return config
      }
      guard let entries = root.map else {
        throw FormatProblem(at: root.position, "expected a map of settings, found \(root.found)")
      }
      let fields = try Fields(entries, of: .file, keys: Fields.Keys(known: ["theme", "glyphs"]))
      if let field = fields["theme"] {
        config.theme = Written(try field.words(), at: field.value.position, in: file)
      }
      config.glyphs = try fields["glyphs"]?.word(GlyphChoice.self)
      return config
    } catch {
      throw error.configuration(of: file)
    }
  }
}

/// A value and where it was written, for whoever finds out later that it does not fit.
package struct Written<Content: Sendable & Equatable>: Sendable, Equatable {
  package var value: Content
  package var file: String
  package var line: Int
  package var column: Int

  init(_ value: Content, at position: Position, in file: String) {
    self.value = value
    self.file = file
    line = position.line
    column = position.column
  }

  package func problem(_ message: String, hint: String? = nil) -> FormatProblem {
    FormatProblem(
      file: file, line: line, column: column, message: message, hint: hint, code: .configuration)
  }
}

extension FormatProblem {
  /// The same problem as one of a person's configuration.
  func configuration(of file: String) -> FormatProblem {
    var problem = named(file)
    problem.code = .configuration
    return problem
  }
}
