import Canvas
import HostileText
import Model
import Testing

@testable import Dashboard

/// Text from outside moves nothing outside the place that it was given, in any view.
///
/// Two harmless texts of the same columns tell where that place is: it is where their pictures differ.
/// By default each text is seen in one view, with `CAIRN_SOAK=1` in twenty.
@Suite("Hostile text")
struct HostileTests {
  static let views = Soak.isOn ? 20 : 1
  static let mutations = Soak.isOn ? 100 : 6

  @Test("there are at least 200 cases, of every kind and without doubles")
  func corpus() {
    let corpus = HostileText.corpus
    #expect(corpus.count >= 200)
    #expect(Set(corpus.map(\.bytes)).count == corpus.count)
    #expect(Set(corpus.map(\.kind)) == Set(HostileText.Kind.allCases))
  }

  @Test("moves nothing outside its place", arguments: HostileText.Kind.allCases)
  func corpus(kind: HostileText.Kind) throws {
    for (index, text) in HostileText.corpus.filter({ $0.kind == kind }).enumerated() {
      try expectHarmless(text, turn: index)
    }
  }

  @Test("moves nothing however it is joined and changed", arguments: 1...8)
  func mutations(seed: Int) throws {
    var random = HostileNumbers(seed: UInt64(seed))
    for index in 0..<Self.mutations {
      try expectHarmless(HostileText.mutation(using: &random), turn: index + seed)
    }
  }

  private func expectHarmless(_ text: HostileText, turn: Int) throws {
    let size = Scene.sizes[turn % Scene.sizes.count]
    let hostile = Scene(text, .itself, size)
    let places = [Scene(text, .narrow("a", "漢"), size), Scene(text, .narrow("b", "字"), size)]
    for view in 0..<Self.views {
      let keys = Scene.ways[(turn * Self.views + view) % Scene.ways.count]
      let frame = hostile.frame(keys)
      let others = places.map { $0.frame(keys) }
      expectReadable(frame, text, keys)
      let moved = frame.cells.indices.filter { index in
        frame.cells[index] != others[0].cells[index] && !Self.isPlace(index, others)
      }
      let where_ = moved.prefix(8).map { "\($0 / size.columns),\($0 % size.columns)" }
      try #require(moved.isEmpty, "\(text) by \(keys) at \(size): \(where_)")
    }
  }

  /// Where the harmless pictures differ, or tell that there would be more.
  private static func isPlace(_ index: Int, _ others: [Frame]) -> Bool {
    func differs(_ index: Int) -> Bool { others[0].cells[index] != others[1].cells[index] }
    let isCut = [Glyphs.unicode.cut, Glyphs.ascii.cut].contains(others[0].cells[index].glyph)
    return differs(index) || isCut && index > 0 && differs(index - 1)
  }

  /// Nothing in a cell but one scalar that can be seen, and that joins with no neighbour.
  private func expectReadable(_ frame: Frame, _ text: HostileText, _ keys: [Key]) {
    for (index, cell) in frame.cells.enumerated() {
      let scalars = cell.glyph.unicodeScalars
      let isReadable =
        scalars.count == 1
        && scalars.allSatisfy { columnWidth(of: $0) > 0 && !$0.properties.isBidiControl }
      let isWhole =
        Self.columns(of: cell.glyph) < 2
        || (index + 1) % frame.size.columns > 0 && frame.cells[index + 1].isContinuation
      if !isReadable || !isWhole {
        Issue.record("\(text) by \(keys): cell \(index) holds \(scalars.map(\.value))")
        return
      }
    }
  }

  private static func columns(of glyph: Character) -> Int {
    glyph.unicodeScalars.first.map { columnWidth(of: $0) } ?? 0
  }
}

/// A dashboard full of one text, and the ways to its views.
private struct Scene {
  enum Shown {
    case itself
    /// What takes one column and what takes two are drawn as these; blanks stay.
    case narrow(Character, Character)
  }

  static let sizes = [
    Size(columns: 80, rows: 24), Size(columns: 120, rows: 36), Size(columns: 40, rows: 10),
    Size(columns: 200, rows: 60), Size(columns: 57, rows: 17),
  ]

  private var state = DashboardState()
  private let log: [UInt8]

  init(_ text: HostileText, _ shown: Shown, _ size: Size) {
    // A seam at both ends: what is beside the text must not join with it.
    let run = HostileRun(Self.shown("x\(text.string)y", shown))
    log = Self.log(text, shown)
    _ = state.update(.resized(size))
    _ = state.update(.facts(run.facts))
    _ = state.update(.tick(wallTime: HostileRun.start + 90_000_000_000, elapsedSeconds: 90))
    _ = state.update(.signals(Signals(problem: run.problem)))
    _ = state.update(.answer(.hold, .refused(reason: run.problem)))
    // On a task whose log can be read.
    press([.character("j"), .character("j")])
  }

  private static func shown(_ text: String, _ shown: Shown) -> String {
    guard case .narrow(let one, let two) = shown else { return text }
    return String(
      text.flatMap { character -> [Character] in
        if character.isNewline || character == "\t" || character == " " { return [character] }
        return SafeText(String(character)).glyphs.map {
          $0.columns == 2 ? two : $0.character == " " ? " " : one
        }
      })
  }

  /// The text between others.
  ///
  /// Its lines keep their bytes, for sizes are shown too, and are longer than
  /// any screen is wide, so that a harmless log tells the place of all that a log may show.
  private static func log(_ text: HostileText, _ shown: Shown) -> [UInt8] {
    let body = Array("before\n".utf8) + text.bytes + Array("\nafter\n".utf8)
    let lines = body.split(separator: 10, omittingEmptySubsequences: false).map {
      $0 + [UInt8](repeating: 32, count: 300)
    }
    let long = Array(lines.joined(separator: [10]))
    guard case .narrow(let one, _) = shown else { return long }
    return long.map { $0 == 10 ? 10 : one.asciiValue ?? 0 }
  }

  /// Every key of the main screen, and every key in the popups that it opens.
  static let ways: [[Key]] = {
    let bindings = DashboardState().keymap.bindings
    let main = bindings.filter { $0.context == .main }.flatMap(\.keys)
    let tabs: [[Key]] = "12345".map { [.enter, .character($0)] }
    return [[]] + tabs + main.map { [$0] } + [[.character("t"), .character("t")]]
  }()

  func frame(_ keys: [Key]) -> Frame {
    var copy = self
    copy.press(keys)
    return copy.state.frame(size: state.size)
  }

  private mutating func press(_ keys: [Key]) {
    for key in keys { serve(state.update(.key(key))) }
  }

  private mutating func serve(_ effects: [Effect]) {
    for case .readLog(let log, _) in effects {
      let window = LogWindow(offset: 0, bytes: self.log, totalBytes: Int64(self.log.count))
      serve(state.update(.logWindow(log, window)))
    }
  }
}
