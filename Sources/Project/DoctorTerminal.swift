/// What the terminal and the locale mean for the dashboard.
package struct DoctorTerminal {
  /// The terminal as it was found.
  package struct Survey: Sendable, Equatable {
    /// Standard input and output are terminals.
    package var isTerminal: Bool
    /// `TERM`.
    package var type: String
    /// The entry that would be used; nil if none fits.
    package var known: String?
    package var colors: Int
    package var columns: Int
    package var rows: Int
    /// More than ASCII can be shown.
    package var isUnicode: Bool
    /// `LC_ALL`, `LC_CTYPE` or `LANG`, whichever decides; empty without.
    package var locale: String
    /// `TMUX` is set.
    package var isInTmux: Bool

    package init(
      isTerminal: Bool, type: String, known: String?, colors: Int, columns: Int, rows: Int,
      isUnicode: Bool, locale: String, isInTmux: Bool
    ) {
      self.isTerminal = isTerminal
      self.type = type
      self.known = known
      self.colors = colors
      self.columns = columns
      self.rows = rows
      self.isUnicode = isUnicode
      self.locale = locale
      self.isInTmux = isInTmux
    }
  }

  private let survey: Survey
  private let smallest: (columns: Int, rows: Int)

  /// `smallest` is what the dashboard can be drawn on.
  package init(_ survey: Survey, smallest: (columns: Int, rows: Int)) {
    self.survey = survey
    self.smallest = smallest
  }

  package var diagnoses: [Diagnosis] {
    survey.isTerminal ? [locale, type, size] + tmux : [locale, none]
  }

  private var none: Diagnosis {
    .fine(.terminal, "terminal", "none here: runs are shown as lines")
  }

  private var locale: Diagnosis {
    let name = survey.locale.isEmpty ? "none set" : survey.locale
    if survey.isUnicode { return .fine(.terminal, "locale", "\(name), shown as UTF-8") }
    return .warning(
      .terminal, "locale", "\(name) is not UTF-8: everything is drawn in ASCII",
      do: "export LANG=C.UTF-8")
  }

  private var type: Diagnosis {
    guard let known = survey.known else {
      return .warning(
        .terminal, "type", "TERM=\(survey.type) is not known here: runs are shown as lines",
        do: "export TERM=xterm-256color, or install ncurses-term")
    }
    let asked = survey.type == known ? "" : ", used as \(known)"
    let colors = survey.colors == 0 ? "no colours" : "\(survey.colors) colours"
    let finding = "TERM=\(survey.type)\(asked), \(colors)"
    guard survey.colors >= 8 || survey.colors == 0 && known.hasPrefix("vt") else {
      return .warning(
        .terminal, "type", finding, do: "export TERM=xterm-256color if the terminal can do it")
    }
    return .fine(.terminal, "type", finding)
  }

  private var size: Diagnosis {
    let finding = "\(survey.columns)x\(survey.rows)"
    if survey.columns == 0 || survey.rows == 0 {
      return .warning(
        .terminal, "size", "not known: 80x24 is taken", do: "stty rows 24 columns 80")
    }
    guard survey.columns >= smallest.columns, survey.rows >= smallest.rows else {
      return .warning(
        .terminal, "size", finding,
        do: "the dashboard needs \(smallest.columns)x\(smallest.rows)")
    }
    return .fine(.terminal, "size", finding)
  }

  private var tmux: [Diagnosis] {
    guard survey.isInTmux else { return [] }
    guard survey.colors < 256 else { return [.fine(.terminal, "tmux", "inside tmux")] }
    return [
      .warning(
        .terminal, "tmux", "inside tmux with \(survey.colors) colours",
        do: "set -g default-terminal tmux-256color in ~/.tmux.conf")
    ]
  }
}
