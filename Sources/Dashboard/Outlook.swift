import Model

/// What can be said of the rest of the run.
package struct Outlook: Sendable {
  package init() {}
  mutating func adopt(_ run: RunState) {}
  mutating func refresh(_ run: RunState, now: Double) {}
}
