package import Canvas

/// The review of a decomposition: what is shown, and what a key means.
///
/// A value: keys change it, `frame` draws it, and whoever runs it looks at `outcome`.
package struct ReviewState: Sendable {
  /// Most changes that can be undone.
  static let maximumUndo = 200

  package enum Outcome: Sendable, Equatable {
    /// What stands there is to be written.
    case write
    case quit
    /// The item's title is to be edited elsewhere, in the person's editor.
    case edit(Int)
  }

  /// What the keys go to.
  enum Mode: Sendable, Equatable {
    case list
    /// A new title, while it is typed; the cursor counts characters.
    case title(String, cursor: Int)
    case askQuit
    case text(top: Int)
  }

  package let glyphs: Glyphs
  package let theme: Theme
  /// The file that is written.
  package let target: String
  package internal(set) var items: [ReviewItem]
  /// Index into `items`.
  package internal(set) var selection = 0
  /// What whoever runs the review has to do; taken with `takeOutcome`.
  var outcome: Outcome?
  var mode = Mode.list
  /// The first row that shows.
  var top = 0
  var accepted: Set<Int> = []
  private(set) var history: [[ReviewItem]] = []
  var notice: String?
  /// Of the screen.
  var size = Size(columns: 80, rows: 24)

  package init(_ items: [ReviewItem], target: String, glyphs: Glyphs, theme: Theme) {
    self.items = items
    self.target = target
    self.glyphs = glyphs
    self.theme = theme
  }

  package mutating func resize(_ size: Size) { self.size = size }

  /// Rows of the list, or of a text.
  var page: Int { max(1, size.rows - 5) }

  var isChanged: Bool { !history.isEmpty }
  var selected: ReviewItem? { items.indices.contains(selection) ? items[selection] : nil }

  /// Takes what is to be done; it is told once.
  package mutating func takeOutcome() -> Outcome? {
    defer { outcome = nil }
    return outcome
  }

  /// Remembers how it was.
  mutating func change(_ body: (inout [ReviewItem]) -> Void) {
    let before = items
    body(&items)
    guard items != before else { return }
    history.append(before)
    if history.count > Self.maximumUndo { history.removeFirst() }
    selection = max(0, min(selection, items.count - 1))
  }

  mutating func undo() {
    guard let before = history.popLast() else {
      notice = "nothing to undo"
      return
    }
    items = before
    selection = max(0, min(selection, items.count - 1))
    notice = "undone"
  }
}

extension ReviewState {
  /// Level of each item, from 0.
  var levels: [Int] {
    var levels: [Int: Int] = [:]
    return items.map { item in
      let level = item.parent.flatMap { levels[$0] }.map { $0 + 1 } ?? 0
      levels[item.id] = level
      return level
    }
  }

  /// Number of each item as a path, as in `2.1`, by its id.
  var paths: [Int: String] {
    var counts: [Int: Int] = [:]
    var paths: [Int: String] = [:]
    for item in items {
      let number = counts[item.parent ?? -1, default: 0] + 1
      counts[item.parent ?? -1] = number
      paths[item.id] = item.parent.flatMap { paths[$0] }.map { "\($0).\(number)" } ?? "\(number)"
    }
    return paths
  }

  /// Drops an item with all its parts; what waited for them waits no more.
  mutating func drop(_ id: Int) {
    var gone: Set = [id]
    for item in items where item.parent.map(gone.contains) == true { gone.insert(item.id) }
    change { items in
      items.removeAll { gone.contains($0.id) }
      for index in items.indices { items[index].needs.removeAll(where: gone.contains) }
    }
    notice = "dropped \(gone.count == 1 ? "one item" : "\(gone.count) items"); u brings back"
  }

  /// Gives the selected item a title, such as an editor's; white space alone changes nothing.
  package mutating func retitle(_ title: String) {
    let line = title.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    let plain = String(line.drop(while: \.isWhitespace))
    guard !plain.allSatisfy(\.isWhitespace), items.indices.contains(selection) else { return }
    let index = selection
    change { $0[index].title = plain }
  }

  /// Says something in the last line until the next key.
  package mutating func tell(_ words: String) { notice = words }
}
