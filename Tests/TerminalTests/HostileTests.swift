import Canvas
import Dashboard
import Glibc
import HostileText
import Model
import Testing

@testable import Terminal

extension RealTerminalTests {
  @Suite("Hostile text")
  struct HostileTests {
    /// Each of the corpus and 400 mutations with `CAIRN_SOAK=1`, else one in eight.
    static let stride = getenv("CAIRN_SOAK") == nil ? 8 : 1

    @Test(
      "puts nothing into the bytes but what draws its cells",
      arguments: [TerminalKind.xterm, .vt100])
    func corpus(kind: TerminalKind) throws {
      var random = HostileNumbers(seed: 5)
      var texts = HostileText.corpus
      for _ in 0..<400 { texts.append(.mutation(using: &random)) }
      let size = Size(columns: 60, rows: 16)
      let tty = PseudoTerminal(size)
      var screen = try ScreenTests.open(tty, type: kind.type, abilities: kind.abilities)
      defer { screen.close() }
      var terminal = VirtualTerminal(size: size, erasesInColor: kind.erasesInColor)
      for index in Swift.stride(from: 0, to: texts.count, by: Self.stride) {
        let text = texts[index]
        let frame = Self.frame(of: text, size)
        screen.show(frame)
        terminal.take(tty.read())
        let found = differences(terminal, frame, as: kind)
        try #require(found == [], "\(text)")
        try #require(terminal.unknown == [], "\(text)")
        try #require(terminal.strings == [], "\(text)")
        try #require(terminal.isBetweenSequences, "\(text)")
      }
    }

    @Test("ends no title and no notification early", arguments: [true, false])
    func notes(isUnicode: Bool) throws {
      var abilities = TerminalAbilities(type: "xterm", environment: [:])
      abilities.isUnicode = isUnicode
      for notification in [TerminalAbilities.Notification.osc9, .osc777] {
        abilities.notification = notification
        for text in HostileText.corpus {
          let notes: [TerminalNote] = [
            .title(text.string), .notification(title: text.string, body: text.string),
          ]
          for note in notes {
            let bytes = try #require(ControlString.bytes(of: note, abilities, before: .off))
            var terminal = VirtualTerminal(size: Size(columns: 20, rows: 2))
            // The bell comes in front of a notification.
            terminal.take(bytes.first == 7 ? Array(bytes.dropFirst()) : bytes)
            try #require(terminal.strings.count == 1 && terminal.isBetweenSequences, "\(text)")
            try #require(terminal.unknown == [], "\(text)")
            try #require(terminal.cells.allSatisfy { $0 == .init() }, "\(text)")
          }
        }
      }
    }

    /// A dashboard whose every text is this one, and the text alone up to the last column.
    private static func frame(of text: HostileText, _ size: Size) -> Frame {
      var state = DashboardState()
      _ = state.update(.resized(size))
      _ = state.update(.facts(HostileRun(text.string).facts))
      var frame = state.frame(size: size)
      let safe = SafeText(text.string)
      frame.put(safe, row: 2, column: 0)
      frame.put(safe, row: 3, column: size.columns - 3)
      frame.put(safe, row: 4, endingAt: size.columns)
      return frame
    }
  }
}
