import ArgumentParser
import Canvas
import Dashboard
import Formats

/// Prints the keys of the dashboard in the format of the file that changes them.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Print the keys of the dashboard, as keys.yaml has them.",
    discussion: """
      `cairn keys > ~/.config/cairn/keys.yaml` is a start; lines that say nothing new may go. A list \
      replaces all keys of its action, [] takes them away, and a key that is given to one action is \
      taken from another of the same context.
      """)

  @Flag(help: "The keys as they are without the file.")
  var standard = false

  func run() throws {
    let keymap = standard ? Keymap.standard : try UserFolder().keymap()
    News.result("# Keys of cairn's dashboard, by context: action: [keys]")
    keymap.fileText.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .forEach { News.result(String($0)) }
  }
}

extension UserFolder {
  /// The keys with what the person's file changes.
  func keymap() throws(FormatProblem) -> Keymap {
    guard let bytes = try bytes(of: "keys.yaml") else { return .standard }
    let rows = try KeysFile.load(
      bytes, file: file("keys.yaml"), vocabulary: KeysFile.Vocabulary(.standard))
    return Keymap.standard.rebound(
      rows.map { KeyRow(context: $0.context, action: $0.action, keys: $0.keys) })
  }
}

extension KeysFile.Vocabulary {
  init(_ keymap: Keymap) {
    let rows = keymap.rows
    self.init(
      contexts: KeyContext.allCases.map { context in
        let own = rows.filter { $0.context == context.rawValue }
        return Context(
          name: context.rawValue, actions: own.map { ($0.action, $0.keys) },
          readsText: context.readsText)
      },
      everywhere: KeyContext.anywhere.rawValue, indispensable: ["interrupt", "quit", "close"],
      keyNames: Key.named.map(\.name)
    ) { Key(named: $0)?.name(.ascii) }
  }
}
