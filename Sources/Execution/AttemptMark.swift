/// The variables that tell a process of one attempt from all others.
struct AttemptMark: Sendable {
  private static let names = ["CAIRN_TASK=", "CAIRN_ATTEMPT=", "CAIRN_TOKEN="]

  private let entries: [String]

  /// Nil when the environment does not name a task and its attempt.
  init?(_ environment: [String]) {
    entries = Self.names.compactMap { name in environment.last { $0.hasPrefix(name) } }
    guard entries.count == Self.names.count else { return nil }
  }

  /// Whether a process was started with all of them.
  func marks(_ environment: [Substring]) -> Bool {
    entries.allSatisfy { entry in environment.contains { $0 == entry } }
  }
}
