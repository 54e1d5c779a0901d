package import Canvas

/// Something told to the terminal beside the picture.
///
/// Notes go out with the next frame, in its one write.
package enum TerminalNote: Sendable, Equatable {
  /// Which reports of the mouse are wanted, from now on.
  case mouse(MouseMode)
  /// Of the terminal's window; given back when the terminal is.
  case title(String)
  /// Of the terminal's entry in the taskbar; nil clears it.
  case progress(TaskbarProgress?)
  case bell
  /// Of the desktop; a bell where the terminal knows none.
  case notification(title: String, body: String)
  /// For the clipboard at the terminal's end, which may be another machine's.
  case clipboard([UInt8])

  /// xterm takes no more than 100,000 characters of base64.
  package static let clipboardLimit = 74 * 1024
}

/// What an entry in a taskbar shows.
package struct TaskbarProgress: Sendable, Equatable {
  package enum Look: Sendable, Equatable { case normal, failed, paused }

  package var look: Look
  /// 0 to 100.
  package var percent: Int

  package init(_ look: Look, percent: Int) {
    self.look = look
    self.percent = min(100, max(0, percent))
  }
}

/// What waits for the next frame, and what the terminal was told that must be told again after
/// somebody else had it.
struct Outbox: Sendable {
  /// Bytes beyond this are refused: a terminal that takes nothing must not fill the memory.
  static let limit = 256 * 1024

  let abilities: TerminalAbilities
  private(set) var bytes: [UInt8] = []
  private(set) var mouse = MouseMode.off
  private var title: String?
  private var progress: TaskbarProgress?

  init(_ abilities: TerminalAbilities) { self.abilities = abilities }

  var isEmpty: Bool { bytes.isEmpty }

  /// - Returns: Whether the terminal can be told this, and there is room.
  mutating func add(_ note: TerminalNote) -> Bool {
    guard let string = ControlString.bytes(of: note, abilities, before: mouse),
      bytes.count + string.count <= Self.limit
    else { return false }
    switch note {
    case .mouse(let mode): mouse = mode
    case .title(let text):
      if title == nil { bytes += ControlString.pushTitle }
      title = text
    case .progress(let now): progress = now
    default: break
    }
    bytes += string
    return true
  }

  /// What lasts is told again to a terminal that was given back, and what waited is forgotten.
  mutating func startAnew() {
    let lasting = (mouse, title, progress)
    (mouse, title, progress, bytes) = (.off, nil, nil, [])
    if lasting.0 != .off { _ = add(.mouse(lasting.0)) }
    if let title = lasting.1 { _ = add(.title(title)) }
    if let progress = lasting.2 { _ = add(.progress(progress)) }
  }

  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// What undoes the notes, beside the modes that are always undone.
  var restore: [UInt8] {
    (title == nil ? [] : ControlString.popTitle)
      + (progress == nil ? [] : ControlString.clearProgress)
  }
}
