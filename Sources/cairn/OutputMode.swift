import Foundation

/// How a run is shown.
enum OutputMode: Equatable {
  case dashboard
  /// Event lines, and why.
  case plain(because: String)
  case json

  /// Chooses from what was asked and where the output goes.
  ///
  /// A dashboard needs a terminal on both ends and a terminal that can move its cursor; `CI` means
  /// that nobody looks.
  static func choose(
    plain: Bool, json: Bool, hasTerminal: Bool, environment: [String: String]
  ) -> OutputMode {
    if json { return .json }
    if plain { return .plain(because: "--plain") }
    if !hasTerminal { return .plain(because: "no terminal") }
    if let ci = environment["CI"], !ci.isEmpty, ci != "false" {
      return .plain(because: "CI is set")
    }
    if environment["TERM"] == "dumb" { return .plain(because: "TERM=dumb") }
    return .dashboard
  }

  static func choose(plain: Bool, json: Bool) -> OutputMode {
    let hasTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    return choose(
      plain: plain, json: json, hasTerminal: hasTerminal,
      environment: ProcessInfo.processInfo.environment)
  }
}
