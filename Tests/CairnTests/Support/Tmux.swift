import Foundation

/// A real terminal: a tmux server of the test's own with one shell in it.
final class Tmux: Sendable {
  private let server: String
  private let project: TemporaryProject

  static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux")

  init(_ project: TemporaryProject, columns: Int, rows: Int, environment: [String: String] = [:])
    throws
  {
    self.project = project
    server = "cairn-test-" + UUID().uuidString.prefix(8)
    try tmux(
      ["-f", "/dev/null", "-u", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"]
        + environment.flatMap { ["-e", "\($0)=\($1)"] } + ["bash", "--norc", "--noprofile", "-i"])
    try tmux(["set-option", "-g", "status", "off"])
    try tmux(["set-option", "-g", "remain-on-exit", "on"])
    try resize(columns: columns, rows: rows)
  }

  deinit { _ = try? tmux(["kill-server"]) }

  @discardableResult
  private func tmux(_ arguments: [String]) throws -> String {
    let words = ["tmux", "-L", server] + arguments
    let quoted = words.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
    return try project.shell(quoted.joined(separator: " "))
  }
}

extension Tmux {
  /// Presses keys, by the names of tmux: `Space`, `Enter`, `C-c`, `q`.
  ///
  /// Several arrive at once: by separate commands each could come too late for what the one before it
  /// has begun.
  func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

  /// Types a line into the shell.
  func type(_ line: String) throws {
    try write(line)
    try press("Enter")
  }

  /// Sends these bytes, as they are typed or as a terminal reports what is no key.
  func write(_ bytes: String) throws { try tmux(["send-keys", "-l", bytes]) }

  /// What was copied last.
  func copied() throws -> String { try tmux(["show-buffer"]) }

  /// The terminal hangs up.
  func kill() throws { try tmux(["kill-server"]) }

  func resize(columns: Int, rows: Int) throws {
    try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// The screen's lines, without blanks at their ends.
  func screen() throws -> [String] {
    try tmux(["capture-pane", "-p"]).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  /// The first line with its colours, as escape sequences.
  func paintedHeader() throws -> Substring {
    try tmux(["capture-pane", "-e", "-p"]).prefix { $0 != "\n" }
  }

  /// What tmux says of its pane, as in `#{cursor_flag}`.
  func tell(_ format: String) throws -> String {
    try tmux(["display-message", "-p", format]).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Waits until the screen satisfies the condition and returns it.
  @discardableResult
  func wait(_ what: String, until isRight: ([String]) -> Bool) async throws -> [String] {
    do {
      return try await poll(what) {
        let lines = try screen()
        return isRight(lines) ? lines : nil
      }
    } catch let problem as PollProblem {
      throw PollProblem(
        description: "\(problem); the screen was\n" + (try screen()).joined(separator: "\n"))
    }
  }

  @discardableResult
  func wait(for text: String) async throws -> [String] {
    try await wait("\"\(text)\"") { $0.contains { $0.contains(text) } }
  }
}
