import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("Copying")
struct CopyTests {
  static let size = Size(columns: 80, rows: 24)

  /// The output popup of `core` with these lines.
  static func output(_ text: String) -> DashboardState {
    var state = KeyTests.state(selecting: "core")
    _ = state.update(.resized(size))
    let effects = state.update(.key(.character("o")))
    for case .readLog(let log, _) in effects {
      _ = state.update(.logWindow(log, LogWindow(text)))
    }
    return state
  }

  @Test("y on the main screen and in the details copies the task's name and command")
  func task() {
    var state = KeyTests.state(selecting: "core")
    let expected = [Effect.copy(state.copyText(of: .task(KeyTests.id("core"))))]
    #expect(state.copyText(of: .task(KeyTests.id("core"))).hasPrefix("core\n"))
    #expect(state.update(.key(.character("y"))) == expected)
    _ = state.update(.key(.enter))
    #expect(state.update(.key(.character("y"))) == expected)
  }

  @Test("y on a group copies the names of its tasks")
  func group() {
    var state = DashboardState.after(.release())
    state.selection = .group(0)
    guard case .copy(let text)? = state.update(.key(.character("y"))).first else {
      Issue.record("nothing was copied")
      return
    }
    #expect(text.split(separator: "\n").count == 24)
    #expect(text.hasPrefix("shard[n=00]\n"))
  }

  @Test("y in the output copies the lines that show, whole though the screen cuts them")
  func visible() {
    let long = String(repeating: "stone ", count: 40) + "end"
    var state = Self.output("one\n\(long)\nthree\n")
    #expect(state.update(.key(.character("y"))) == [.copy("one\n\(long)\nthree")])
  }

  @Test("lines that are drawn over with the mouse are shown as selected and copied alone")
  func selected() {
    var state = Self.output("one\ntwo\nthree\nfour\n")
    let before = state.frame(size: Self.size)
    state.point(.press(.left), 2, 7)
    state.point(.drag(.left), 1, 3)
    state.point(.release, 1, 3)
    let frame = state.frame(size: Self.size)
    for row in 0..<4 {
      let isSelected = row == 1 || row == 2
      #expect(frame[row, 0].style.attributes.contains(.reverse) == isSelected, "row \(row)")
    }
    #expect(state.update(.key(.character("y"))) == [.copy("two\nthree")])
    #expect(state.frame(size: Self.size).cells(in: 1) == before.cells(in: 1))
  }

  @Test("lines that come in do not move those that are selected")
  func still() throws {
    let lines = (0..<40).map { "line \($0)\n" }
    var state = Self.output(lines.joined())
    let first = state.frame(size: Self.size).text.prefix { $0 != "\n" }
    state.point(.press(.left), 0, 0)
    state.point(.drag(.left), 1, 0)
    let log = try #require(state.selectedLog)
    let more = lines.joined() + (40..<60).map { "line \($0)\n" }.joined()
    _ = state.update(.logWindow(log, LogWindow(more)))
    #expect(state.frame(size: Self.size).text.prefix { $0 != "\n" } == first)
    guard case .copy(let text)? = state.update(.key(.character("y"))).first else {
      Issue.record("nothing was copied")
      return
    }
    #expect(text.hasPrefix(first + "\n"))
  }

  @Test("what is copied is text and nothing else")
  func safe() {
    var state = Self.output("a\u{1B}]52;c;AAAA\u{7}b\u{202E}c\n")
    guard case .copy(let text)? = state.update(.key(.character("y"))).first else {
      Issue.record("nothing was copied")
      return
    }
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
  }

  @Test("y is a letter while something is typed")
  func typing() {
    var state = Self.output("one\n")
    _ = state.update(.key(.character("/")))
    #expect(state.update(.key(.character("y"))) == [])
    var other = KeyTests.state(selecting: "core")
    _ = other.update(.key(.character("/")))
    #expect(other.update(.key(.character("y"))) == [])
    #expect(other.filter.text == "y")
  }

  @Test("what became of it is told in the footer")
  func told() {
    var state = KeyTests.state(selecting: "core")
    _ = state.update(.told("copied 2 lines"))
    #expect(state.notice?.string == "copied 2 lines")
  }
}

extension LogWindow {
  fileprivate init(_ text: String) {
    let bytes = Array(text.utf8)
    self.init(offset: 0, bytes: bytes, totalBytes: Int64(bytes.count))
  }
}

extension DashboardState {
  fileprivate mutating func point(_ kind: MouseEvent.Kind, _ row: Int, _ column: Int) {
    _ = update(.key(.mouse(MouseEvent(kind, row: row, column: column))))
  }
}
