import Canvas
import Formats
import Foundation
import Model
import Testing

@testable import Dashboard

@Suite("The key table")
struct KeyFileTests {
  static let vocabulary = KeysFile.Vocabulary(
    contexts: KeyContext.allCases.map { context in
      let rows = Keymap.standard.rows.filter { $0.context == context.rawValue }
      return KeysFile.Vocabulary.Context(
        name: context.rawValue, actions: rows.map { ($0.action, $0.keys) },
        readsText: context.readsText)
    },
    everywhere: "anywhere", indispensable: ["interrupt", "quit", "close"],
    keyNames: Key.named.map(\.name)
  ) { Key(named: $0)?.name(.ascii) }

  static func keymap(_ text: String) throws -> Keymap {
    let rows = try KeysFile.load(Array(text.utf8), file: "keys.yaml", vocabulary: vocabulary)
    return Keymap.standard.rebound(
      rows.map { KeyRow(context: $0.context, action: $0.action, keys: $0.keys) })
  }

  @Test(
    "has a name for every action, one of its own in each context", arguments: KeyContext.allCases)
  func names(context: KeyContext) {
    let names = Keymap.standard.bindings(in: context).map(\.action.name)
    #expect(Set(names).count == names.count)
    for name in names + [context.rawValue] {
      #expect(name.wholeMatch(of: /[a-z]+(-[a-z0-9]+)*/) != nil, "\(name) is not in kebab case")
    }
  }

  @Test("names keys so that the name can be read")
  func keyNames() {
    for key in Keymap.standard.bindings.flatMap(\.keys) {
      #expect(Key(named: key.name(.ascii)) == key, "\(key.name(.ascii))")
    }
    for (name, key) in Key.named { #expect(Key(named: name.lowercased()) == key) }
  }

  @Test(
    "reads keys in several ways, and nothing that is no key",
    arguments: [
      ("C-d", Key.control("d")), ("^D", .control("d")), ("M-x", .alt("x")), ("f5", .function(5)),
      (" ", .character(" ")), ("é", .character("é")), ("^", .character("^")),
      ("F", .character("F")),
      ("^i", nil), ("C-m", nil), ("F25", nil), ("F0", nil), ("", nil), ("ab", nil), ("\u{1B}", nil),
      ("M- ", nil), ("^1", nil),
    ] as [(String, Key?)])
  func reads(name: String, key: Key?) {
    #expect(Key(named: name) == key)
  }

  @Test("can be read back as it is printed, and changes nothing then")
  func roundTrip() throws {
    let text = Keymap.standard.fileText
    #expect(try KeysFile.load(Array(text.utf8), file: "k", vocabulary: Self.vocabulary) == [])
    let keymap = try Self.keymap("main:\n  stop: [K, F9]\n  help: [\"#\", \"'\", '\"', \"\\\\\"]\n")
    let again = try Self.keymap(keymap.fileText)
    #expect(again.rows == keymap.rows && again.rows != Keymap.standard.rows)
  }

  @Test("gives an action other keys, and footer, help and palette follow")
  func remapped() throws {
    let keymap = try Self.keymap("main:\n  toggle-pause: [F5, b]\n  step: p\n  retry: []\n")
    var state = DashboardState(keymap: keymap)
    _ = state.update(.facts(FactScript.release().facts))
    _ = state.update(.resized(Size(columns: 120, rows: 60)))
    state.select("core")
    #expect(state.press(" ") == [])
    let core = try #require(state.selectedTask)
    #expect(state.press("b") == [.send(.pause([core]))])
    #expect(state.press("p") == [.send(.step(core))])
    #expect(state.press("r") == [])
    #expect(state.frame(size: state.size).text.contains("F5 pause  p step"))
    _ = state.press("?")
    #expect(state.frame(size: state.size).text.contains("F5 b "))
    _ = state.update(.key(.escape))
    let entries = state.paletteEntries(for: "toggle-pause", limit: 3)
    #expect(entries.first?.keys == "F5 b")
  }

  @Test("leaves an action without a key out of footer and help, and in the palette")
  func withoutKeys() throws {
    let keymap = try Self.keymap("main:\n  details: []\n")
    var state = DashboardState(keymap: keymap)
    _ = state.update(.facts(FactScript.release().facts))
    #expect(!state.frame(size: state.size).text.contains("details"))
    _ = state.press(":details")
    _ = state.update(.key(.enter))
    guard case .details = state.popups.last else {
      Issue.record("the details did not open")
      return
    }
  }

  @Test("stands in the README as it is")
  func readme() throws {
    let file = Schemes.folder.deletingLastPathComponent().appending(path: "README.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: "## Keys\n"))
    let section = text[start.upperBound...].split(separator: "\n## ", maxSplits: 1)[0]
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let words = rows.flatMap { row in
      row.split(separator: "|", maxSplits: 1)[0].matches(of: /`([^ ]+?)`/).map { String($0.1) }
    }
    let range = ["2", "3", "4"].compactMap { Key(named: $0) }
    let keys = words.compactMap { Key(named: $0) }
    #expect(keys.count == words.count, "\(words)")
    let shown = Set(keys + (section.contains("`1` to `5`") ? range : []))
    let known = Keymap.standard.bindings(in: .main) + Keymap.standard.bindings(in: .anywhere)
    #expect(shown.subtracting(known.flatMap(\.keys)).isEmpty, "keys that mean nothing")
    for binding in known where shown.isDisjoint(with: binding.keys) {
      Issue.record("README says nothing of \(binding.action.name)")
    }
  }
}
