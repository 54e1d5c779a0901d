import Formats
import Testing

@Suite("A key file")
struct KeysFileTests {
  static let vocabulary = KeysFile.Vocabulary(
    contexts: [
      .init(name: "anywhere", actions: [("interrupt", ["^c"])], readsText: false),
      .init(
        name: "main", actions: [("step", ["s"]), ("stop", ["x", "F9"]), ("quit", ["q"])],
        readsText: false),
      .init(
        name: "details", actions: [("close", ["Esc", "q"]), ("search", ["/"])], readsText: false),
      .init(name: "filter", actions: [("accept", ["Enter"])], readsText: true),
    ], everywhere: "anywhere", indispensable: ["interrupt", "quit", "close"],
    keyNames: ["Enter", "Esc", "Space"]
  ) { name in
    if name == " " { return "Space" }
    return name.count == 1 || ["Enter", "Esc", "Space", "F9", "^c", "^k"].contains(name)
      ? name : nil
  }

  private static func load(_ text: String) throws(FormatProblem) -> [String] {
    try KeysFile.load(Array(text.utf8), file: "keys.yaml", vocabulary: vocabulary)
      .map { "\($0.context) \($0.action) \($0.keys.joined(separator: " "))" }
  }

  @Test(
    "changes what it names, and takes keys from what had them",
    arguments: [
      ("", []), ("main:\n", []), ("main: { step: [s] }", []),
      ("main: { step: n }", ["main step n"]),
      ("main: { step: [n, ' '] }", ["main step n Space"]), ("main: { step: [] }", ["main step "]),
      ("main: { step: [x] }", ["main step x", "main stop F9"]),
      ("details: { search: [s] }", ["details search s"]),
      ("main: { step: [x], stop: [s] }", ["main step x", "main stop s"]),
      ("anywhere: { interrupt: [x, ^c] }", ["anywhere interrupt x ^c", "main stop F9"]),
      ("filter: { accept: [^k] }", ["filter accept ^k"]),
    ])
  func changes(text: String, rows: [String]) throws {
    #expect(try Self.load(text) == rows)
  }

  @Test(
    "that cannot be meant is refused with the place, exit 78",
    arguments: [
      ("mian: {}", "keys.yaml:1:1: unknown context \"mian\"; did you mean \"main\"?"),
      (
        "x: {}",
        "keys.yaml:1:1: unknown context \"x\"; there are anywhere, main, details, filter"
      ),
      (
        "main:\n  stp: [k]",
        "keys.yaml:2:3: unknown action \"stp\" in \"main\"; did you mean \"step\"?"
      ),
      (
        "main:\n  search: [k]",
        "keys.yaml:2:3: unknown action \"search\" in \"main\"; it is one of details"
      ),
      (
        "main:\n  zzzzzz: [k]",
        "keys.yaml:2:3: unknown action \"zzzzzz\" in \"main\"; `cairn keys` lists all"
      ),
      (
        "main:\n  step: [k]\n  stop: [j, k]",
        "keys.yaml:3:13: key \"k\" is bound to \"step\" already, at line 2"
      ),
      (
        "main: { step: [k, k] }",
        "keys.yaml:1:19: key \"k\" is bound to \"step\" already, at line 1"
      ),
      ("main: { step: [Entre] }", "keys.yaml:1:16: unknown key \"Entre\"; did you mean \"Enter\"?"),
      (
        "main: { step: [Hyper-K] }",
        "keys.yaml:1:16: unknown key \"Hyper-K\"; a key is one sign, ^x, M-x, F1 to F24 or one of Enter, Esc, Space"
      ),
      (
        "main: { step: [~] }",
        "keys.yaml:1:16: \"step\": expected a key, found nothing; a sign such as ~ or # needs quotation marks"
      ),
      (
        "main: { step: { a: b } }", "keys.yaml:1:15: \"step\": expected a list of keys, found a map"
      ),
      ("main: [step]", "keys.yaml:1:7: \"main\": expected a map of actions, found a list"),
      ("- main", "keys.yaml:1:1: expected a map of contexts, found a list"),
      ("main: { step: [^c] }", "keys.yaml:1:16: key \"^c\" is read everywhere, as \"interrupt\""),
      ("filter: { accept: [k] }", "keys.yaml:1:20: \"k\" is text in \"filter\" and no key"),
      ("filter: { accept: [Space] }", "keys.yaml:1:20: \"Space\" is text in \"filter\" and no key"),
      (
        "main: { step: [q] }",
        "keys.yaml:1:1: \"quit\" of \"main\" has no key any more; give it one"
      ),
      (
        "details: { close: [] }",
        "keys.yaml:1:1: \"close\" of \"details\" has no key any more; give it one"
      ),
    ])
  func problems(text: String, words: String) {
    #expect(message { () throws(FormatProblem) in _ = try Self.load(text) } == words)
    do { _ = try Self.load(text) } catch { #expect(error.code.rawValue == 78) }
  }

  @Test("gives an action so many keys and no more")
  func limit() throws {
    let keys = "abcdefghijklmnopr".map { "\"\($0)\"" }
    let most = keys.prefix(KeysFile.maximumKeys).joined(separator: ", ")
    #expect(try Self.load("main: { step: [\(most)] }").count == 1)
    #expect(
      message { () throws(FormatProblem) in
        _ = try Self.load("main: { step: [\(keys.joined(separator: ", "))] }")
      } == "keys.yaml:1:15: \"step\": more than 16 keys")
  }
}
