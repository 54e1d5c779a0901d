import Canvas
import Glibc

/// A pane of a tmux server of the test's own, with nobody on its tty but the test.
final class TmuxPane {
  static let isInstalled = access("/usr/bin/tmux", X_OK) == 0

  let device: Int32
  private let server: String

  init(_ size: Size) throws {
    server = "cairn-replay-\(getpid())-\(UInt32.random(in: .min ... .max))"
    // The pane's process only waits; with echo and the like off, nothing but the test writes to it.
    try Self.shell(
      "tmux -L \(server) -f /dev/null -u new-session -d -x \(size.columns) -y \(size.rows)"
        + " 'stty raw -echo; exec sleep 3600'")
    try Self.shell("tmux -L \(server) set-option -g status off")
    let name = try Self.shell("tmux -L \(server) display-message -p '#{pane_tty}'")
    device = open(String(name.prefix { $0 != "\n" }), O_RDWR | O_NOCTTY)
    guard device >= 0 else { throw TmuxProblem(what: "cannot open \(name)") }
    try resize(to: size)
  }

  deinit {
    close(device)
    _ = try? Self.shell("tmux -L \(server) kill-server")
  }

  func resize(to size: Size) throws {
    try Self.shell("tmux -L \(server) resize-window -x \(size.columns) -y \(size.rows)")
  }

  /// What the pane shows: its lines, with the style of each cell.
  func capture(_ size: Size) throws -> VirtualTerminal {
    let text = try Self.shell("tmux -L \(server) capture-pane -e -N -p")
    var terminal = VirtualTerminal(size: size)
    for (row, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where row < size.rows {
      terminal.take(Array("\u{1b}[\(row + 1);1H\(line)".utf8))
    }
    return terminal
  }

  @discardableResult
  private static func shell(_ command: String) throws -> String {
    guard let pipe = popen(command, "r") else { throw TmuxProblem(what: command) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    guard pclose(pipe) == 0 else { throw TmuxProblem(what: command) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

struct TmuxProblem: Error {
  let what: String
}
