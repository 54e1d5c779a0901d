import Foundation
import Testing

@Suite("A person's settings", .timeLimit(.minutes(15)))
struct PersonalSettingsTests {
  static let file = "name: one\ntasks:\n  alpha:\n    run: echo done\n"

  /// A project, and an environment whose configuration holds these files.
  private static func project(
    _ files: [String: String]
  ) throws -> (TemporaryProject, environment: [String: String]) {
    let project = try TemporaryProject(file)
    for (name, text) in files { try project.write(text, to: "xdg/cairn/\(name)") }
    return (project, ["XDG_CONFIG_HOME": project.path("xdg")])
  }

  @Test("the keys are printed as a key file, with what the person's own changes")
  func keys() async throws {
    let (project, environment) = try Self.project(["keys.yaml": "main:\n  stop: [K]\n"])
    let printed = try await CairnBinary.run(["keys"], in: project, environment: environment)
    #expect(printed.status == 0)
    #expect(printed.output.contains("\n  stop: [K] "))
    let standard = try await CairnBinary.run(["keys", "--standard"], in: project)
    #expect(standard.output.contains("\n  stop: [x] "))
    // What is printed is a key file.
    try project.write(printed.output, to: "xdg/cairn/keys.yaml")
    let again = try await CairnBinary.run(["keys"], in: project, environment: environment)
    #expect(again.output == printed.output)
  }

  @Test("a key file that cannot be meant is refused with its place")
  func badKeys() async throws {
    let (project, environment) = try Self.project(["keys.yaml": "main:\n  stopp: [K]\n"])
    let refused = try await CairnBinary.run(["keys"], in: project, environment: environment)
    #expect(refused.status == 78)
    #expect(refused.errors.contains("keys.yaml:2:3: unknown action \"stopp\" in \"main\""))
    #expect(refused.errors.contains("did you mean \"stop\"?"))
  }

  /// What is wrong with the settings, and what is said of it before anything runs.
  static let wrong: [(name: String, text: String, words: String)] = [
    ("config.yaml", "themes: scree-dark\n", "config.yaml:1:1: unknown key"),
    ("config.yaml", "theme: scree-drak\n", "config.yaml:1:8: no theme"),
    ("config.yaml", "theme: mine.yaml\n", "config.yaml:1:8: no scheme"),
    ("keys.yaml", "main:\n  stop: [Entre]\n", "keys.yaml:2:10: unknown key"),
  ]

  @Test("wrong settings end a dashboard before its run begins", .enabled(if: Tmux.isInstalled))
  func wrongSettings() async throws {
    for (name, text, words) in Self.wrong {
      let (project, environment) = try Self.project([name: text])
      let tmux = try Tmux(project, columns: 160, rows: 24, environment: environment)
      try tmux.type("'\(CairnBinary.path)' run; echo code $?")
      let screen = try await tmux.wait("the code of \(text)") { lines in
        lines.contains { $0.hasPrefix("code ") }
      }
      #expect(screen.contains("code 78"))
      #expect(screen.joined(separator: "\n").contains(words), "\(screen)")
      #expect(!project.exists(".cairn/journal.sqlite"))
    }
  }

  @Test(
    "the theme of the configuration is painted, and a picked one", .enabled(if: Tmux.isInstalled))
  func paintsThemes() async throws {
    let (project, environment) = try Self.project(["config.yaml": "theme: ridge-light\n"])
    let tmux = try Tmux(project, columns: 100, rows: 30, environment: environment)
    try tmux.type("'\(CairnBinary.path)' run --step")
    try await tmux.wait(for: "alpha")
    // White behind everything: 231 of the cube.
    try await poll("a white screen") { try tmux.paintedHeader().contains("48;5;231") ? true : nil }
    try tmux.press("T")
    try await tmux.wait(for: "ridge-dark")
    try tmux.press("k")
    try await poll("a black screen") { try tmux.paintedHeader().contains("48;5;16m") ? true : nil }
    try tmux.press("Escape")
    try await poll("a white screen again") {
      try tmux.paintedHeader().contains("48;5;231") ? true : nil
    }
  }
}
