import Canvas
import Model

/// A part of a log that is held in memory, and where lines begin in it.
///
/// Windows that touch it make it longer; `trim(around:)` keeps it small. A line whose beginning lies
/// in front of the piece is not known, and not shown.
struct LogPiece: Sendable, Equatable {
  /// A longer line is broken: it could not be shown whole, nor scrolled through.
  ///
  /// Bytes that a carriage return overprints do not count.
  static let lineLimit = 4_096
  /// Bytes that stay in front of and behind the place one looks at.
  static let keptBefore = Int64(2 * LogWindow.maximumBytes)
  static let keptBehind = Int64(3 * LogWindow.maximumBytes)
  /// So many times more where lines are hidden: what shows lies further apart.
  static let sievedReach = 8

  private(set) var offset: Int64 = 0
  private(set) var bytes: [UInt8] = []
  private(set) var problem: SafeText?
  /// Where shown lines begin and end in `bytes`, ascending; without a sieve never empty while there
  /// are bytes.
  var lineStarts: [Int] = []
  var lineEnds: [Int] = []
  /// The same of all lines; of a line that is cut at the front only the rest.
  var allStarts: [Int] = []
  /// Of all lines, once some are hidden.
  var levels: [LineLevel] = []

  struct LineLevel: Sendable, Equatable {
    var start: Int64
    var end: Int64
    var level: LogLevel?
  }

  /// Which lines show.
  private(set) var sieve = LogSieve()
  /// The first byte is known to begin a line.
  private(set) var beginsLine = true
  /// How the first byte is drawn: plain where a window began in the middle.
  var firstPen = OutputPen()
  /// Ascending; a line goes on with the pen of the nearest one in front of it.
  var strokes: [Stroke] = []

  struct Stroke: Sendable, Equatable {
    /// In `bytes`; a line begins there.
    var position: Int
    var pen: OutputPen
  }

  /// Where the log's middle was dropped, if the piece goes over that; a second gap is not gone over.
  private var gap: Gap?
  private var beginsBehindGap = false
  private var endsAtGap = false

  private struct Gap: Sendable, Equatable {
    /// In `bytes`, of what follows the gap.
    var position: Int
    var count: Int64
  }

  var end: Int64 { place(of: bytes.count) }

  /// Bytes that are held between two places.
  func heldBytes(from place: Int64, to other: Int64) -> Int64 {
    Int64(position(of: other) - position(of: place))
  }

  func place(of position: Int) -> Int64 {
    let skipped = gap.map { position >= $0.position ? $0.count : 0 } ?? 0
    return offset + Int64(position) + skipped
  }

  func position(of place: Int64) -> Int {
    var position = place - offset
    if let gap, position >= gap.position {
      position = max(Int64(gap.position), position - gap.count)
    }
    return Int(min(max(0, position), Int64(bytes.count)))
  }

  /// Joins a window that touches the piece; returns whether it did.
  mutating func join(_ window: LogWindow) -> Bool {
    guard window.problem == nil, problem == nil, !bytes.isEmpty,
      !window.bytes.isEmpty || gap == nil,
      window.totalBytes >= end
    else { return false }
    if joinOverGap(window) { return true }
    let windowEnd = window.offset + Int64(window.bytes.count)
    guard window.offset <= end, windowEnd >= offset else { return false }
    if windowEnd >= end {
      bytes += window.bytes.suffix(Int(windowEnd - end))
      endsAtGap = window.endsAtGap
    }
    if window.offset < offset {
      addInFront(window.bytes.prefix(Int(offset - window.offset)), of: window)
    }
    findLines()
    return true
  }

  private mutating func joinOverGap(_ window: LogWindow) -> Bool {
    let windowEnd = window.offset + Int64(window.bytes.count)
    guard gap == nil else { return false }
    if endsAtGap, window.beginsBehindGap, window.offset > end {
      gap = Gap(position: bytes.count, count: window.offset - end)
      bytes += window.bytes
      endsAtGap = window.endsAtGap
    } else if beginsBehindGap, window.endsAtGap, windowEnd < offset {
      let count = offset - windowEnd
      addInFront(window.bytes[...], of: window)
      gap = Gap(position: window.bytes.count, count: count)
    } else {
      return false
    }
    findLines()
    return true
  }

  private mutating func addInFront(_ new: ArraySlice<UInt8>, of window: LogWindow) {
    bytes = new + bytes
    gap?.position += new.count
    offset = window.offset
    beginsLine = offset == 0
    firstPen = OutputPen()
    beginsBehindGap = window.beginsBehindGap
  }

  /// Holds this window and nothing else; `beginsLine` says that a line begins with its first byte.
  mutating func replace(with window: LogWindow, beginsLine: Bool) {
    offset = window.offset
    bytes = window.bytes
    problem = window.problem.map { SafeText($0) }
    self.beginsLine = beginsLine || offset == 0
    firstPen = OutputPen()
    gap = nil
    beginsBehindGap = window.beginsBehindGap
    endsAtGap = window.endsAtGap
    findLines()
  }

  /// Lets go of what is far from this place.
  mutating func trim(around place: Int64) {
    let middle = position(of: place)
    let first = max(0, middle - Int(Self.keptBefore) * reach)
    let last = min(bytes.count, middle + Int(Self.keptBehind) * reach)
    guard first > 0 || last < bytes.count, first < last else { return }
    if first > 0 {
      firstPen = pen(at: first)
      beginsLine = bytes[first - 1] == 10
      beginsBehindGap = gap?.position == first
    }
    if last < bytes.count { endsAtGap = gap?.position == last }
    offset = self.place(of: first)
    bytes = Array(bytes[first..<last])
    if let old = gap?.position {
      if old > first, old < last { gap?.position = old - first } else { gap = nil }
    }
    findLines()
  }

  /// Shows the lines that the sieve lets through.
  mutating func show(_ sieve: LogSieve) {
    guard self.sieve != sieve else { return }
    self.sieve = sieve
    showLines()
  }

  /// Some of what lies within was dropped.
  var hasGap: Bool { gap != nil || beginsBehindGap || endsAtGap }
  var reach: Int { sieve.isOpen ? 1 : Self.sievedReach }
  var hiddenLines: Int { allStarts.count - lineStarts.count }
}

extension LogPiece {
  func offset(ofLine index: Int) -> Int64 {
    lineStarts.indices.contains(index) ? place(of: lineStarts[index]) : end
  }

  /// Returns the line that holds this byte, or the nearest.
  func line(at place: Int64) -> Int {
    max(0, lineStarts.partitioningIndex { self.place(of: $0) > place } - 1)
  }

  /// Line feeds from this byte on, or nil if the piece does not reach back so far.
  func lineCount(from place: Int64) -> Int? {
    guard place >= offset else { return nil }
    return bytes[position(of: place)...].count { $0 == 10 }
  }
}
