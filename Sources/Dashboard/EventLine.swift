package import Canvas
package import Model

/// One line about one fact, for the events panel and for plain output alike.
package struct EventLine: Sendable, Equatable {
  /// As `14:22:05`.
  package var clock: SafeText
  package var mark: TaskState?
  package var sign: Character
  package var subject: SafeText
  package var text: SafeText
}

extension EventLine {
  package init?(_ fact: Fact, in run: RunState, glyphs: Glyphs, utcOffset: Int) { nil }
}
