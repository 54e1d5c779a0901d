package import Canvas

/// A theme that can be picked, under the name by which it is asked for.
package struct ThemeChoice: Sendable, Equatable {
  package var name: String
  /// As in `dark, base16`, or why the scheme cannot be used.
  package var note: SafeText
  /// nil for a scheme that could not be read.
  package var theme: Theme?

  package init(_ name: String, note: SafeText, theme: Theme?) {
    self.name = name
    self.note = note
    self.theme = theme
  }

  /// Themes that need no file.
  package static let builtIn = [
    ThemeChoice("terminal", note: "your own palette", theme: .terminal),
    ThemeChoice("okabe-ito", note: "on your background", theme: .okabeIto),
    noColor,
  ]

  package static let noColor = ThemeChoice("no-color", note: "signs alone", theme: .noColor)
}
