import Canvas
package import Model
import Planning

/// The runs of a project around the one that is shown.
package struct RunShelf: Sendable, Equatable {
  package struct Label: Sendable, Equatable {
    /// The run's number in its project.
    package var run: Int
    /// nil for a run that did not get to its end, or has not yet.
    package var ending: Fact.RunClosed.Ending?

    package init(run: Int, ending: Fact.RunClosed.Ending?) {
      self.run = run
      self.ending = ending
    }
  }

  /// The oldest first.
  package var labels: [Label]
  /// The run that the screen was opened for; the way back leads to it.
  package var home: Int
  /// That run went on when the screen was opened.
  package var isHomeLive: Bool

  package init(labels: [Label], home: Int, isHomeLive: Bool = false) {
    self.labels = labels
    self.home = home
    self.isHomeLive = isHomeLive
  }
}

extension DashboardState {
  /// Another run than that for which the screen was opened is shown.
  package var isAway: Bool { shelf.map { $0.home != shownRun } ?? false }

  /// The run that was asked for last; its facts may not be here yet.
  private var shownRun: Int { askedRun ?? run.run }

  package var olderRun: Int? { shelf?.labels.last { $0.run < shownRun }?.run }
  package var newerRun: Int? { shelf?.labels.first { $0.run > shownRun }?.run }

  func show(run number: Int?) -> [Effect] { number.map { [.showRun($0)] } ?? [] }

  /// Forgets the run that was shown; its facts, or those of another, follow.
  mutating func turn(to number: Int, _ pace: ReplayPace?) {
    askedRun = number
    replay = pace.map { Replay($0) }
    timeline = Timeline()
    // A drawing that is under way is of a run that is not shown any more.
    let revision = graph.revision + 1
    graph = GraphView()
    graph.revision = revision
    (selection, follows, folds, isFiltering) = (nil, false, [:], false)
    (popups, logs, logOrder, outputPane) = ([], [:], [], nil)
    goBack(to: ReplayCheckpoint())
    now = pace?.seconds ?? 0
  }

  /// Draws the project's other runs behind the shown one, as in `#41 ✓ #40 ✗`: newer ones first.
  func drawShelf(row: Int, column: Int, end: Int, on frame: inout Frame) {
    guard let shelf else { return }
    var at = column + 2
    for label in shelf.labels.reversed() where label.run != run.run {
      let word: SafeText = "#\(String(label.run)) "
      guard at + word.columns + 2 < end else { return }
      frame.button(
        .item(label.run), Rect(row: row, column: at, rows: 1, columns: word.columns + 1))
      at = frame.put(word, row: row, column: at, style: theme.dim)
      let (sign, style) = sign(of: label)
      frame[row, at] = Cell(sign, style: style)
      at += 2
    }
  }

  private func sign(of label: RunShelf.Label) -> (Character, Style) {
    switch label.ending {
    case .done: (glyphs.done, theme.done)
    case .failed: (glyphs.failed, theme.failed)
    case .stopped, .stalled: (glyphs.paused, theme.paused)
    case nil where label.run == shelf?.home && shelf?.isHomeLive == true:
      (glyphs.running, theme.running)
    case nil: (glyphs.blocked, theme.dim)
    }
  }
}
