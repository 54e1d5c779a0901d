import Canvas
import Model

/// How lines are shown, of whichever log.
struct LogLook: Sendable, Equatable {
  var wraps = false
  /// The task's colours; without them its bold, underlined … text stays so.
  var showsColors = true
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

  let log: LogReference
  private(set) var piece = LogPiece()
  private(set) var hasRead = false
  /// The end shows, whatever comes.
  private(set) var follows = true
  /// First byte of the first line that shows while `follows` is off.
  private(set) var top: Int64 = 0
  /// Rows of that line above the screen, where lines are wrapped.
  private(set) var topRow = 0
  private(set) var column = 0
  private(set) var look: LogLook
  /// Size of the log as far as is known.
  private(set) var knownBytes: Int64 = 0
  /// Size of the log when it was last followed.
  private(set) var leftBytes: Int64 = 0
  var search = LogSearch()
  private var asked: Asked?
  private var samplesWaited = 0

  private enum Asked: Sendable, Equatable {
    case end
    case more
    /// The line at this byte is to be the first that shows.
    case jump(Int64)
  }

  init(log: LogReference, look: LogLook = LogLook()) {
    self.log = log
    self.look = look
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
    piece.trim(around: piece.offset(ofLine: place(area).line))
    // A window that brought nothing must not be asked for again at once.
    return before == (piece.offset, piece.end) ? [] : readAhead(area)
  }

  /// Asks for what lies around the screen, as far as it is missing; one read at a time.
  private mutating func readAhead(_ area: Size) -> [Effect] {
    guard asked == nil, hasRead, piece.problem == nil, area.rows > 0 else { return [] }
    let first = place(area)
    let top = piece.offset(ofLine: first.line)
    let limit = Int64(LogWindow.maximumBytes)
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

  private mutating func ask(_ what: Asked, _ position: LogPosition) -> [Effect] {
    asked = what
    samplesWaited = 0
    return [.readLog(log, position)]
  }
}

extension LogView {
  /// Answers a key that moves; nil if it is none.
  mutating func move(_ action: Action, area: Size) -> [Effect]? {
    let page = max(1, area.rows - 1)
    switch action {
    case .up: scroll(-1, area)
    case .down: scroll(1, area)
    case .pageUp: scroll(-page, area)
    case .pageDown: scroll(page, area)
    case .halfPageUp: scroll(-max(1, page / 2), area)
    case .halfPageDown: scroll(max(1, page / 2), area)
    case .left: column = max(0, column - Self.sideStep)
    case .right: column = min(SafeText.maximumColumns - 1, column + Self.sideStep)
    case .top: return goToStart(area)
    case .bottom: return goToEnd()
    case .follow:
      guard follows else { return goToEnd() }
      leave(at: place(area))
    case .toggleWrap:
      look.wraps.toggle()
      (topRow, column) = (0, 0)
    case .toggleColors: look.showsColors.toggle()
    default: return nil
    }
    return readAhead(area)
  }

  private mutating func goToStart(_ area: Size) -> [Effect] {
    guard piece.offset > 0 else {
      leave(at: Place(line: 0, row: 0))
      return readAhead(area)
    }
    return ask(.jump(0), .offset(0))
  }

  private mutating func goToEnd() -> [Effect] {
    follows = true
    leftBytes = knownBytes
    return readEnd()
  }

  private mutating func leave(at place: Place) {
    if follows { leftBytes = knownBytes }
    follows = false
    top = piece.offset(ofLine: place.line)
    topRow = place.row
  }

  private mutating func scroll(_ rows: Int, _ area: Size) {
    let moved = move(place(area), by: rows, area.columns)
    if isAtEnd, moved >= lastPlace(area) {
      follows = true
    } else {
      leave(at: moved)
    }
  }

  private func move(_ place: Place, by rows: Int, _ columns: Int) -> Place {
    var at = place
    for _ in 0..<abs(rows) {
      if rows > 0 {
        if at.row + 1 < rowCount(ofLine: at.line, columns) {
          at.row += 1
        } else if at.line + 1 < piece.lineStarts.count {
          at = Place(line: at.line + 1, row: 0)
        }
      } else if at.row > 0 {
        at.row -= 1
      } else if at.line > 0 {
        at.line -= 1
        at.row = rowCount(ofLine: at.line, columns) - 1
      }
    }
    return at
  }

  /// Where the first row is now.
  func place(_ area: Size) -> Place {
    if follows { return lastPlace(area) }
    let line = piece.line(at: top)
    let place = Place(line: line, row: min(topRow, rowCount(ofLine: line, area.columns) - 1))
    // Where more is to come, the rows below stay empty until it has.
    return isAtEnd ? min(place, lastPlace(area)) : place
  }

  /// The first row when the end of the piece is the last.
  private func lastPlace(_ area: Size) -> Place {
    let lines = piece.lineStarts.count
    guard lines > 0 else { return Place(line: 0, row: 0) }
    let last = Place(line: lines - 1, row: rowCount(ofLine: lines - 1, area.columns) - 1)
    return move(last, by: 1 - max(1, area.rows), area.columns)
  }

  func rowCount(ofLine index: Int, _ columns: Int) -> Int {
    guard look.wraps else { return 1 }
    return max(1, piece.text(ofLine: index).text.broken(columns: columns).count)
  }
}

extension LogView {
  /// Looks for the next (or previous) line that holds what was typed.
  mutating func find(backwards: Bool, area: Size) -> [Effect] {
    guard !search.needle.isEmpty else { return [] }
    let here = piece.offset(ofLine: place(area).line)
    let from = search.hit.map { backwards ? $0 : $0 + 1 } ?? here
    search.state = .searching(backwards: backwards)
    return [.find(search.needle, log, from: from, backwards: backwards)]
  }

  private mutating func show(found offset: Int64?, _ area: Size) -> [Effect] {
    guard case .searching = search.state else { return [] }
    guard let offset else {
      search.state = .nothing
      return []
    }
    search.state = .idle
    search.hit = offset
    let line = piece.line(at: offset)
    guard piece.offset(ofLine: line) == offset, !piece.lineStarts.isEmpty else {
      return ask(.jump(offset), .offset(offset))
    }
    // Some lines above the hit, for the context.
    leave(at: move(Place(line: line, row: 0), by: -(area.rows / 4), area.columns))
    return readAhead(area)
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
