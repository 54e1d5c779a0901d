import Canvas
import Model

/// How lines are shown, of whichever log.
struct LogLook: Sendable, Equatable {
  /// What becomes of a time at the beginning of a line.
  enum Times: Sendable, CaseIterable { case shown, dimmed, hidden }

  var wraps = false
  /// The task's colours; without them its bold, underlined … text stays so.
  var showsColors = true
  var times = Times.shown
  /// Which levels show; nil is all.
  var least: LogLevel?
}

/// How one looks at a log: which part of it, whether at its end, and what is searched.
///
/// The log may be far larger than memory. Only a piece around what shows is held, and pieces that
/// will be needed soon are asked for in time; scrolling never waits.
struct LogView: Sendable, Equatable {
  /// Columns of one step to the side.
  static let sideStep = 16
  /// A read without an answer is forgotten after this many samples.
  private static let patience = 3
  /// Windows that are read for one key; more is read when the next one comes.
  private static let readLimit = 100

  let log: LogReference
  var piece = LogPiece()
  private(set) var hasRead = false
  /// The end shows, whatever comes.
  var follows = true
  /// First byte of the first line that shows while `follows` is off.
  var top: Int64 = 0
  /// Rows of that line above the screen, where lines are wrapped.
  var topRow = 0
  var column = 0
  var look: LogLook
  /// Size of the log as far as is known.
  private(set) var knownBytes: Int64 = 0
  /// Size of the log when it was last followed.
  var leftBytes: Int64 = 0
  var search = LogSearch()
  private var asked: Asked?
  private var samplesWaited = 0
  var readsSinceKey = 0
  /// First bytes of the held lines that hold what is searched, ascending.
  var matches: [Int64] = []

  enum Asked: Sendable, Equatable {
    case end
    case more
    /// The line at this byte is to be the first that shows.
    case jump(Int64)
  }

  init(log: LogReference, look: LogLook = LogLook()) {
    self.log = log
    self.look = look
    piece.show(LogSieve(least: look.least))
  }

  /// The first row that shows: a line of the piece and a row of it.
  struct Place: Sendable, Comparable {
    var line: Int
    var row: Int

    static func < (a: Place, b: Place) -> Bool { (a.line, a.row) < (b.line, b.row) }
  }

  var isAtEnd: Bool { piece.end >= knownBytes }
}

extension LogView {
  /// Asks for the end of the log, as at first.
  mutating func readEnd() -> [Effect] {
    asked = .end
    samplesWaited = 0
    return [.readLog(log, .end)]
  }

  mutating func receive(_ message: Message, isActive: Bool, area: Size) -> [Effect] {
    switch message {
    case .logWindow(log, let window): return take(window, area)
    case .found(log, let offset): return show(found: offset, area)
    case .signals(let signals): return take(signals, isActive: isActive, area)
    case .facts(let facts):
      return follows && facts.contains(where: { $0.endsOutput(of: log) }) ? readEnd() : []
    case .resized: return readAhead(area)
    default: return []
    }
  }

  private mutating func take(_ signals: Signals, isActive: Bool, _ area: Size) -> [Effect] {
    samplesWaited += 1
    if samplesWaited > Self.patience { asked = nil }
    if log.stream == .output, let sample = signals.tasks[log.task], isActive {
      knownBytes = max(knownBytes, sample.outputBytes)
    }
    if follows, isActive { return readEnd() }
    return readAhead(area)
  }

  private mutating func take(_ window: LogWindow, _ area: Size) -> [Effect] {
    hasRead = true
    let before = (piece.offset, piece.end)
    if case .jump(let offset) = asked {
      guard window.offset == offset, !window.bytes.isEmpty || window.problem != nil else {
        return []
      }
      piece.replace(with: window, beginsLine: true)
      (top, topRow, follows) = (offset, 0, false)
    } else if !piece.join(window) {
      // Windows of other readers come here too; only the end is of use, and only while following.
      let isEnd = window.offset + Int64(window.bytes.count) >= window.totalBytes
      guard follows && isEnd || piece.bytes.isEmpty || window.totalBytes < piece.end else {
        knownBytes = max(knownBytes, window.totalBytes)
        return []
      }
      piece.replace(with: window, beginsLine: false)
    }
    knownBytes = window.totalBytes
    asked = nil
    if follows { leftBytes = knownBytes }
    piece.trim(around: anchor(area))
    findMatches()
    // A window that brought nothing must not be asked for again at once.
    return before == (piece.offset, piece.end) ? [] : readAhead(area)
  }

  /// Asks for what lies around the screen, as far as it is missing; one read at a time.
  mutating func readAhead(_ area: Size) -> [Effect] {
    guard asked == nil, hasRead, piece.problem == nil, area.rows > 0,
      readsSinceKey < Self.readLimit
    else { return [] }
    let first = place(area)
    let top = anchor(area)
    let limit = Int64(LogWindow.maximumBytes * piece.reach)
    let below = piece.lineStarts.count - first.line
    if !follows, !isAtEnd, below < 3 * area.rows,
      piece.heldBytes(from: top, to: piece.end) < 2 * limit
    {
      return ask(.more, .offset(piece.end))
    }
    if piece.offset > 0, first.line < 2 * area.rows,
      piece.heldBytes(from: piece.offset, to: top) <= limit
    {
      return ask(.more, .before(piece.offset))
    }
    return []
  }

  mutating func ask(_ what: Asked, _ position: LogPosition) -> [Effect] {
    asked = what
    samplesWaited = 0
    readsSinceKey += 1
    return [.readLog(log, position)]
  }

  /// The byte around which the log is held.
  private func anchor(_ area: Size) -> Int64 {
    follows ? piece.offset(ofLine: place(area).line) : top
  }
}

extension LogLook.Times {
  var next: Self {
    switch self {
    case .shown: .dimmed
    case .dimmed: .hidden
    case .hidden: .shown
    }
  }
}

extension Fact {
  fileprivate func endsOutput(of log: LogReference) -> Bool {
    switch kind {
    case .attemptEnded(let fact): fact.task == log.task && fact.attempt == log.attempt
    case .verifyEnded(let fact): fact.task == log.task && fact.attempt == log.attempt
    default: false
    }
  }
}
