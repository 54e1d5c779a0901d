import Foundation
import Testing

/// The person's own pager and editor on a log, with the terminal handed over and taken back.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct ViewerTests {
  /// Says what it was given, waits for a key, and leaves the terminal a mess.
  private static let viewer = """
    stty -a > modes
    cat "$1" > seen
    printf '\\033[2J\\033[H%s has %s lines\\n' "$2" "$(grep -c '' "$1")"
    stty raw -echo
    head -c 1 > /dev/null
    exit 0

    """

  @Test(
    "it has the terminal and the whole log; afterwards the dashboard goes on where it was",
    arguments: [("|", "PAGER"), ("E", "EDITOR")])
  func handsOver(key: String, variable: String) async throws {
    let project = try TemporaryProject(
      #"tasks: { alpha: { run: "seq 500; while ! test -e go; do sleep 0.05; done" } }"#)
    try project.write(Self.viewer, to: "view")
    // The file is what comes behind the words.
    try project.write(#"exec sh ./view "$1" "\#(variable)""# + "\n", to: "open")
    let tmux = try Tmux(
      project, columns: 100, rows: 30, environment: [variable: "sh ./open"])
    try tmux.type(
      """
      PS1='> '; clear; stty -a > before; '\(CairnBinary.path)' run; code=$?; stty -a > after; \
      echo left with $code
      """)
    try await tmux.wait(for: "alpha")
    try tmux.press("o")
    try await tmux.wait("the end of the output") { $0.contains { $0.hasPrefix("500") } }
    try tmux.press(key)
    try await tmux.wait(for: "\(variable) has 500 lines")
    #expect(try project.read("modes") == project.read("before"))
    #expect(try project.read("seen").hasPrefix("1\n2\n"))
    // The run goes on meanwhile, unseen.
    try project.write("", to: "go")
    try tmux.press("x")
    try await tmux.wait("the output again") { lines in
      lines.contains { $0.hasPrefix("500") } && !lines.joined().contains("has 500 lines")
    }
    try tmux.press("Escape")
    try await tmux.wait(for: "✓ done")
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
    #expect(try project.read("after") == project.read("before"))
  }

  @Test("one that is not there is named, and the dashboard stays")
  func missing() async throws {
    let project = try TemporaryProject("tasks: { alpha: { run: echo stone } }")
    let tmux = try Tmux(
      project, columns: 100, rows: 30, environment: ["PAGER": "no-such-pager"])
    try tmux.type("PS1='> '; clear; '\(CairnBinary.path)' run; echo left with $?")
    try await tmux.wait(for: "✓ done")
    try tmux.press("o")
    try await tmux.wait(for: "stone")
    // Such words pass; a busy machine may look too late for those of one key.
    try await poll("the refusal") {
      try tmux.press("|")
      return try tmux.screen().joined().contains("no-such-pager: not found") ? true : nil
    }
    try tmux.press("q", "q")
    try await tmux.wait(for: "left with 0")
  }
}
