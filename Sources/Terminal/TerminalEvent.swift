package import Canvas

/// What happened at the terminal; delivered on the loop's own thread, in order.
package enum TerminalEvent: Sendable, Equatable {
  case key(Key)
  /// The screen has another size and shows nothing yet.
  case resized(Size)
  /// The terminal was given back for a while; frames are skipped.
  case suspended
  /// The terminal is ours again and shows nothing yet.
  case resumed(Size)
  /// The terminal is gone; there will be no more keys, and frames are skipped.
  case hangup
  /// TERM, HUP, INT or QUIT from outside; the keys of these names arrive as keys.
  case signal(Int32)
  /// The time asked for by `wake(after:)` has come, or a skipped frame can be drawn now.
  case tick
}

/// What became of a frame.
package struct FrameReport: Sendable, Equatable {
  /// Bytes that brought the terminal up to date.
  package var bytes: Int
  /// Calls of write(2): 1, or 0 if nothing changed.
  package var writes: Int
  /// The terminal takes nothing at the moment; a `tick` follows when it does.
  package var isSkipped: Bool

  static let skipped = FrameReport(bytes: 0, writes: 0, isSkipped: true)
}

/// What this terminal can do.
package struct TerminalTraits: Sendable, Equatable {
  /// The terminfo entry in use, which may be a fallback for the one asked for.
  package var type: String
  package var size: Size
  /// 0 without colour.
  package var colors: Int
  /// The locale and the terminal can show more than ASCII.
  package var isUnicode: Bool
}

/// The terminal could not be opened.
package enum TerminalProblem: Error, Equatable, CustomStringConvertible {
  case noTerminal
  case unknownType(String)
  /// Only one terminal can be open in a process.
  case busy
  case system(call: String, code: Int32)

  package var description: String {
    switch self {
    case .noTerminal: "standard input is not a terminal"
    case .unknownType(let type): "terminal type \"\(type)\" is not known here"
    case .busy: "a terminal is already open in this process"
    case .system(let call, let code): "\(call) failed on the terminal (errno \(code))"
    }
  }
}
