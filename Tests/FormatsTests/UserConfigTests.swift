import Formats
import Testing

@Suite("A person's configuration")
struct UserConfigTests {
  private static func load(_ text: String) throws(FormatProblem) -> UserConfig {
    try UserConfig.load(Array(text.utf8), file: "config.yaml")
  }

  @Test(
    "names a theme and remembers where", arguments: ["theme: scree-dark\n", "theme:   scree-dark"])
  func theme(text: String) throws {
    let written = try #require(try Self.load(text + "\nglyphs: ascii").theme)
    #expect(written.value == "scree-dark")
    #expect(written.problem("no such theme").description.hasPrefix("config.yaml:1:"))
    #expect(written.problem("no such theme").code.rawValue == 78)
  }

  @Test("may be empty", arguments: ["", "# nothing yet\n", "---\n"])
  func empty(text: String) throws {
    #expect(try Self.load(text) == UserConfig())
  }

  @Test(
    "that holds anything else is refused with the place and the word that was meant",
    arguments: [
      ("themes: x", "config.yaml:1:1: unknown key \"themes\"; did you mean \"theme\"?"),
      (
        "theme: x\nglyph: ascii", "config.yaml:2:1: unknown key \"glyph\"; did you mean \"glyphs\"?"
      ),
      (
        "glyphs: asci",
        "config.yaml:1:9: \"glyphs\": expected auto, unicode or ascii, found \"asci\"; did you mean \"ascii\"?"
      ),
      ("theme: [a]", "config.yaml:1:8: \"theme\": expected text, found a list"),
      ("theme: \"\"", "config.yaml:1:8: \"theme\": must not be empty"),
      ("- theme", "config.yaml:1:1: expected a map of settings, found a list"),
      ("theme: a\ntheme: b", "config.yaml:1:1: \"theme\" is given more than once"),
    ])
  func problems(text: String, words: String) {
    #expect(message { () throws(FormatProblem) in _ = try Self.load(text) } == words)
    #expect(throws: FormatProblem.self) { try Self.load(text) }
    do { _ = try Self.load(text) } catch { #expect(error.code.rawValue == 78) }
  }
}
