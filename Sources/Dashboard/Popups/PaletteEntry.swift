import Canvas
import Model

/// A line of the palette: something that can be done now.
struct PaletteEntry: Sendable, Equatable {
  enum Deed: Sendable, Equatable {
    case perform(Action, KeyContext)
    /// A word that wants more words behind it.
    case word(PaletteWord)
    case theme(Theme)
    case filter(String)
    case goTo(TaskID)
    /// Cannot be done; the line says why.
    case nothing
  }

  var deed: Deed
  var title: SafeText
  /// What a key file calls it, or a remark.
  var name: SafeText = ""
  var keys: SafeText = ""
  /// Glyphs of the title that were typed.
  var positions: [Int] = []
}

/// Words that are typed with an argument.
enum PaletteWord: String, Sendable, Equatable, CaseIterable {
  case theme, filter
  case goTo = "goto"

  var help: SafeText {
    switch self {
    case .theme: "theme NAME: change the theme"
    case .filter: "filter TEXT: show only these tasks"
    case .goTo: "goto TASK: select a task"
    }
  }

  /// The word in front of the first blank and what follows; nil if it is none of these.
  static func split(_ text: String) -> (word: PaletteWord, rest: Substring)? {
    guard let blank = text.firstIndex(of: " "),
      let word = PaletteWord(rawValue: String(text[..<blank]))
    else { return nil }
    return (word, text[text.index(after: blank)...].drop { $0 == " " })
  }
}

extension DashboardState {
  /// What the palette offers for a text, best first.
  func paletteEntries(for text: String, limit: Int) -> [PaletteEntry] {
    guard let (word, rest) = PaletteWord.split(text) else { return actionEntries(text, limit) }
    let query = FuzzyQuery(rest)
    switch word {
    case .theme:
      return Self.best(themeEntries(), query, limit)
    case .filter:
      return [PaletteEntry(deed: .filter(String(rest)), title: "Filter by \(String(rest))")]
    case .goTo: return taskEntries(query, limit)
    }
  }

  private func actionEntries(_ text: String, _ limit: Int) -> [PaletteEntry] {
    let words = PaletteWord.allCases.map {
      PaletteEntry(deed: .word($0), title: $0.help, name: SafeText($0.rawValue))
    }
    let contexts = contextsBelowPopup
    let isInDetails = contexts.first == .details
    let actions = contexts.flatMap { context in
      keymap.bindings(in: context)
        .filter { $0.action != .palette && $0.isOffered(by: self) }
        .filter { !isInDetails || context != .main || DetailsPopup.passed.contains($0.action) }
        .map {
          PaletteEntry(
            deed: .perform($0.action, context), title: SafeText($0.help),
            name: SafeText($0.action.name), keys: $0.keyNames(glyphs, all: true))
        }
    }
    return Self.best(actions + words, FuzzyQuery(text), limit)
  }

  private func themeEntries() -> [PaletteEntry] {
    themes.map {
      PaletteEntry(
        deed: $0.theme.map { .theme($0) } ?? .nothing, title: SafeText($0.name), name: $0.note)
    }
  }

  /// Names are compared as they are; only the few that show are made safe.
  private func taskEntries(_ query: FuzzyQuery, _ limit: Int) -> [PaletteEntry] {
    var found: [(task: TaskID, score: Int, length: Int)] = []
    for task in run.graph.tasks where !task.isRemoved {
      guard let match = query.match(task.name) else { continue }
      found.append((task.id, match.score, task.name.utf8.count))
    }
    found.sort { ($1.score, $0.length, $0.task.index) < ($0.score, $1.length, $1.task.index) }
    return found.prefix(limit).map { entry in
      let name = name(of: entry.task)
      return PaletteEntry(
        deed: .goTo(entry.task), title: name,
        name: SafeText(run[entry.task].state.rawValue),
        positions: query.match(name.scalars)?.positions ?? [])
    }
  }

  /// The entries that fit by title or by name, best first, of equals the earlier.
  private static func best(
    _ entries: [PaletteEntry], _ query: FuzzyQuery, _ limit: Int
  ) -> [PaletteEntry] {
    var found: [(entry: PaletteEntry, score: Int, at: Int)] = []
    for (at, entry) in entries.enumerated() {
      let byTitle = query.match(entry.title.scalars)
      let byName = query.match(entry.name.scalars)
      guard let score = [byTitle?.score, byName?.score].compactMap({ $0 }).max() else { continue }
      var entry = entry
      entry.positions = byTitle?.positions ?? []
      found.append((entry, score, at))
    }
    found.sort { ($1.score, $0.at) < ($0.score, $1.at) }
    return found.prefix(limit).map(\.entry)
  }
}

extension SafeText {
  /// One scalar a glyph.
  fileprivate var scalars: [Unicode.Scalar] {
    glyphs.compactMap { $0.character.unicodeScalars.first }
  }
}
