import Canvas
import Testing

@testable import Dashboard

@Suite("The keymap")
struct KeymapTests {
  @Test("gives a key one meaning in a context", arguments: KeyContext.allCases)
  func noDuplicates(context: KeyContext) {
    let keys = Keymap.standard.bindings(in: context).flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
  }

  @Test("keeps the keys that are read everywhere to themselves")
  func anywhereIsNotShadowed() {
    let keymap = Keymap.standard
    let everywhere = Set(keymap.bindings(in: .anywhere).flatMap(\.keys))
    for context in KeyContext.allCases where context != .anywhere {
      #expect(everywhere.isDisjoint(with: keymap.bindings(in: context).flatMap(\.keys)))
    }
  }

  @Test("explains every binding and shows a key for it")
  func helpIsComplete() {
    for binding in Keymap.standard.bindings {
      #expect(!binding.help.isEmpty && !binding.help.hasSuffix("."))
      #expect(!binding.keyNames(.unicode).isEmpty)
      #expect(binding.keyNames(.ascii, all: true).string.utf8.allSatisfy { $0 < 0x80 })
    }
  }
}
