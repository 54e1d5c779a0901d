import Formats
import Testing

@Suite("A scheme")
struct SchemeFileTests {
  private static func names(_ count: Int) -> [String] {
    (0..<count).map { ($0 < 16 ? "base0" : "base1") + String($0 % 16, radix: 16).uppercased() }
  }

  /// The form in use until 2023: the colours at the top, without `#`.
  static func old(_ count: Int = 16) -> String {
    "scheme: \"Fell\"\nauthor: \"ana\"\n"
      + names(count).enumerated().map { "\($1): \"\($0 < 16 ? "0" : "1")\($0 % 10)aBcD\"\n" }
      .joined()
  }

  /// The form of today: a system, a variant and a palette.
  static func new(_ count: Int = 16) -> String {
    "system: \"base\(count)\"\nname: \"Fell\"\nslug: \"fell\"\nvariant: \"dark\"\npalette:\n"
      + names(count).enumerated().map { "  \($1): \"#\($0 < 16 ? "0" : "1")\($0 % 10)aBcD\" # x\n" }
      .joined()
  }

  private static func load(_ text: String) throws(FormatProblem) -> SchemeFile {
    try SchemeFile.load(Array(text.utf8), file: "fell.yaml")
  }

  @Test("is read in its old and its new form", arguments: [16, 24])
  func forms(count: Int) throws {
    let scheme = try Self.load(Self.new(count))
    #expect(scheme.name == "Fell" && scheme.variant == "dark")
    #expect(scheme.palette.count == count)
    #expect(scheme.palette[0] == 0x00_AB_CD && scheme.palette[15] == 0x05_AB_CD)
    let older = try Self.load(Self.old(count))
    #expect(older.palette == scheme.palette && older.name == "Fell" && older.variant == nil)
  }

  @Test("may write the letters of its colours small")
  func smallLetters() throws {
    let text = Self.new().replacing("base0A", with: "base0a").replacing("base0F", with: "base0f")
    #expect(try Self.load(text).palette == Self.load(Self.new()).palette)
  }

  @Test(
    "that is none says what is wrong and where",
    arguments: [
      ("[]", "fell.yaml: expected a base16 or base24 scheme, a map of names"),
      (
        new().replacing("  base0D", with: "  base1D"),
        "fell.yaml:6:3: the scheme has no colour \"base0D\""
      ),
      (
        new(24).replacing("  base17", with: "  base27"),
        "fell.yaml:6:3: the scheme has no colour \"base17\""
      ),
      (
        new(16).replacing("base16", with: "base24"),
        "fell.yaml:6:3: the scheme has no colour \"base10\""
      ),
      (
        old().replacing("\"00aBcD\"", with: "#00aBcD"),
        "fell.yaml:3:8: base00: expected a colour such as \"1d2021\", found nothing"
      ),
      (
        old().replacing("\"00aBcD\"", with: "\"+0aBcD\""),
        "fell.yaml:3:9: base00: expected a colour such as \"1d2021\", found \"+0aBcD\""
      ),
      (
        old().replacing("\"00aBcD\"", with: "\"00aBc\""),
        "fell.yaml:3:9: base00: expected a colour such as \"1d2021\", found \"00aBc\""
      ),
    ])
  func problems(text: String, words: String) {
    #expect(message { () throws(FormatProblem) in _ = try Self.load(text) } == words)
  }
}
