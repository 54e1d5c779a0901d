import Canvas

/// How much a line of output wants to be seen, by its own word.
enum LogLevel: Int, Sendable, Hashable, CaseIterable, Comparable {
  case trace, debug, info, warning, error

  static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }

  /// The one table of words; the names that loggers and compilers have for each.
  static let words: [String: LogLevel] = [
    "trace": .trace, "trc": .trace, "verbose": .trace,
    "debug": .debug, "dbg": .debug, "dbug": .debug,
    "info": .info, "inf": .info, "notice": .info, "information": .info,
    "warn": .warning, "warning": .warning, "wrn": .warning,
    "error": .error, "err": .error, "fatal": .error, "critical": .error, "crit": .error,
    "panic": .error, "severe": .error, "emerg": .error, "alert": .error,
  ]

  /// Alone in brackets, as in `[E]`; and in front of a date without separators, as in `E1126`.
  static let letters: [UInt8: LogLevel] = [
    UInt8(ascii: "T"): .trace, UInt8(ascii: "D"): .debug, UInt8(ascii: "I"): .info,
    UInt8(ascii: "W"): .warning, UInt8(ascii: "E"): .error, UInt8(ascii: "F"): .error,
  ]

  /// As in `"level":30`, in tens.
  init?(number: Int) {
    guard number % 10 == 0, (10...60).contains(number) else { return nil }
    self = LogLevel(rawValue: number / 10 - 1) ?? .error
  }

  func sign(_ glyphs: Glyphs) -> Character {
    switch self {
    case .error: glyphs.failed
    case .warning: glyphs.warning
    case .info, .debug, .trace: glyphs.information
    }
  }

  func style(_ theme: Theme) -> Style {
    switch self {
    case .error: theme.failed
    case .warning: theme.warning
    case .info: theme.strong
    case .debug, .trace: theme.dim
    }
  }

  /// What a filter for this level and all above it is called.
  var name: String {
    switch self {
    case .trace: "trace"
    case .debug: "debug"
    case .info: "info"
    case .warning: "warnings"
    case .error: "errors"
    }
  }
}

/// Which lines of a log show: those of a level and above, those that name none, and one that was found.
struct LogSieve: Sendable, Equatable {
  /// What filters can be chosen, in order.
  static let steps: [LogLevel?] = [nil, .info, .warning, .error]

  var least: LogLevel?
  /// The first byte of a line that shows whatever its level: a search has led there.
  var found: Int64?

  var isOpen: Bool { least == nil }

  func lets(_ level: LogLevel?, at place: Int64) -> Bool {
    guard let least, let level, place != found else { return true }
    return level >= least
  }

  mutating func step() {
    let at = Self.steps.firstIndex(of: least) ?? 0
    least = Self.steps[(at + 1) % Self.steps.count]
  }
}

/// What is searched in a log: capital and small letters are the same in ASCII, unless it has a capital.
struct LogPattern: Sendable, Equatable {
  let bytes: [UInt8]
  let isExact: Bool

  init(_ text: String) {
    isExact = text.utf8.contains { (65...90).contains($0) }
    bytes = Array(text.utf8)
  }

  func fold(_ byte: UInt8) -> UInt8 { !isExact && (65...90).contains(byte) ? byte | 0x20 : byte }
}
