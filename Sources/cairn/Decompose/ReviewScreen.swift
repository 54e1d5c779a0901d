import Canvas
import Dashboard
import Execution
import Formats
import Foundation
import Terminal

/// The review of a decomposition on a terminal: keys in, frames out, and the person's editor for a title.
///
/// It runs on the terminal's own thread, as the dashboard does.
actor ReviewScreen {
  private let loop: TerminalLoop
  private var state: ReviewState
  private var size = Size(columns: 80, rows: 24)
  private var isLent = false
  private var isOver = false
  private var result: [ReviewItem]?
  private var waiting: CheckedContinuation<[ReviewItem]?, Never>?

  private init(_ loop: TerminalLoop, _ state: ReviewState) {
    self.loop = loop
    self.state = state
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Shows a decomposition and returns what is left of it, or nil if nothing shall be written.
  ///
  /// The terminal is given back before this returns.
  static func show(
    _ source: Decomposition, target: String, look options: LookOptions
  ) async throws -> Decomposition? {
    let look = try options.look()
    let environment = ProcessInfo.processInfo.environment
    let rescuer = try? Rescuer(TerminalLoop.rescue())
    defer { rescuer?.end() }
    let loop = TerminalLoop(isRemote: environment["SSH_TTY"] != nil)
    let items = source.reviewItems
    let plain = ReviewState(items, target: target, glyphs: .ascii, theme: .noColor)
    let screen = ReviewScreen(loop, plain)
    let type = environment["TERM"] ?? ""
    let traits = try loop.start(
      type: type, abilities: look.abilities(type: type, environment: environment)
    ) { event in screen.assumeIsolated { $0.receive(event) } }
    defer { loop.stop() }
    let left = await screen.review(items, target, look, traits)
    return left.map { source.keeping($0) }
  }

  private func review(
    _ items: [ReviewItem], _ target: String, _ look: Look, _ traits: TerminalTraits
  ) async -> [ReviewItem]? {
    let isUnicode = look.glyphs == .unicode || look.glyphs == .auto && traits.isUnicode
    state = ReviewState(
      items, target: target, glyphs: isUnicode ? .unicode : .ascii,
      theme: traits.colors > 0 ? look.theme : .noColor)
    size = traits.size
    loop.tell(.mouse(look.mouse))
    state.resize(size)
    draw()
    if isOver { return result }
    return await withCheckedContinuation { waiting = $0 }
  }

  private func receive(_ event: TerminalEvent) {
    switch event {
    case .key(.control("z")): loop.suspend()
    case .key(.control("l")): loop.repaint()
    case .key(let key):
      state.press(key)
      obey()
    case .resized(let size), .resumed(let size):
      self.size = size
      state.resize(size)
    case .hangup, .signal: return end(nil)
    case .suspended, .tick: break
    }
    draw()
  }

  private func draw() {
    guard !isLent, !isOver else { return }
    loop.show(state.frame(size: size))
  }

  private func obey() {
    switch state.takeOutcome() {
    case .write: end(state.items)
    case .quit: end(nil)
    case .edit: Task { await edit() }
    case nil: break
    }
  }

  private func end(_ items: [ReviewItem]?) {
    guard !isOver else { return }
    isOver = true
    result = items
    waiting?.resume(returning: items)
    waiting = nil
  }
}

// The person's editor.
extension ReviewScreen {
  /// A shell's exit codes from here on say that the program did not run, or died of a signal.
  private static let firstFailure: Int32 = 126

  private func edit() async {
    guard !isLent, !isOver, state.items.indices.contains(state.selection) else { return }
    let path = NSTemporaryDirectory() + "cairn-title-\(getpid()).txt"
    defer { unlink(path) }
    do {
      let title = state.items[state.selection].title + "\n"
      try Data(title.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
      let loan = try loop.lend(to: ["/bin/sh", "-c", "\(Self.editor) \"$1\"", "cairn", path])
      isLent = true
      let code = await end(of: loan)
      isLent = false
      loop.takeBack()
      if code >= Self.firstFailure {
        state.tell("\(Self.editor): it did not run, or died")
      } else {
        let text = FileManager.default.contents(atPath: path) ?? Data()
        state.retitle(String(decoding: text, as: UTF8.self))
      }
    } catch {
      state.tell("\(Self.editor): \(error)")
    }
    draw()
  }

  private static var editor: String {
    let own = ProcessInfo.processInfo.environment["EDITOR"] ?? ""
    return own.allSatisfy(\.isWhitespace) ? "vi" : own
  }

  private func end(of loan: TerminalLoan) async -> Int32 {
    while true {
      let turn = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: loan.wait()) }
      }
      switch turn {
      case .stopped: loop.suspend(with: loan)
      case .ended(let code): return code
      }
    }
  }
}

extension Decomposition {
  fileprivate var reviewItems: [ReviewItem] {
    items.enumerated().map { index, item in
      let parts = [
        item.description, item.details,
        item.testStrategy.isEmpty ? "" : "Test strategy:\n\(item.testStrategy)",
        item.estimate.map { "Estimate: \($0)" } ?? "",
      ]
      return ReviewItem(
        id: index, title: item.title,
        priority: ReviewItem.Priority(rawValue: item.priority.rawValue) ?? .medium,
        text: parts.filter { !$0.isEmpty }.joined(separator: "\n\n"), parent: item.parent,
        needs: item.needs, line: item.line)
    }
  }

  /// What a review left of it.
  fileprivate func keeping(_ rows: [ReviewItem]) -> Decomposition {
    var place: [Int: Int] = [:]
    for (index, row) in rows.enumerated() { place[row.id] = index }
    var result = self
    result.items = rows.map { row in
      var item = items[row.id]
      item.title = row.title
      item.priority = Priority(rawValue: row.priority.rawValue) ?? item.priority
      item.parent = row.parent.flatMap { place[$0] }
      item.needs = row.needs.compactMap { place[$0] }
      return item
    }
    return result
  }
}
