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

  private(set) var offset: Int64 = 0
  private(set) var bytes: [UInt8] = []
  private(set) var problem: SafeText?
  /// Positions in `bytes`, ascending; never empty while there are bytes.
  private(set) var lineStarts: [Int] = []
  /// The first byte is known to begin a line.
  private var beginsLine = true
  /// How the first byte is drawn: plain where a window began in the middle.
  private var firstPen = OutputPen()
  /// Ascending by line; a line goes on with the pen of the nearest one in front of it.
  private var strokes: [Stroke] = []

  private struct Stroke: Sendable, Equatable {
    var line: Int
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

  private func place(of position: Int) -> Int64 {
    let skipped = gap.map { position >= $0.position ? $0.count : 0 } ?? 0
    return offset + Int64(position) + skipped
  }

  private func position(of place: Int64) -> Int {
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
    let first = max(0, middle - Int(Self.keptBefore))
    let last = min(bytes.count, middle + Int(Self.keptBehind))
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

  private mutating func findLines() {
    var starts = beginsLine && !bytes.isEmpty ? [0] : []
    /// Lines, by their starts, that may change the pen.
    var escaped: [Int] = []
    bytes.withUnsafeBufferPointer { bytes in
      var last = 0
      var shown = 0
      for position in bytes.indices {
        if position > 0, bytes[position - 1] == 10 || Self.isFull(bytes, shown, position) {
          (last, shown) = (position, position)
          starts.append(last)
        }
        if bytes[position] == 13 { shown = position }
        if bytes[position] == 27, escaped.last != last { escaped.append(last) }
      }
    }
    lineStarts = starts.isEmpty && !bytes.isEmpty ? [0] : starts
    followPen(through: escaped)
  }

  /// Whether a line has to be broken here; never within a character.
  private static func isFull(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ position: Int
  ) -> Bool {
    position - start >= lineLimit && bytes[position] & 0xC0 != 0x80
  }

  private mutating func followPen(through escaped: [Int]) {
    var pen = firstPen
    strokes = [Stroke(line: 0, pen: pen)]
    for start in escaped {
      let line = lineIndex(ofPosition: start)
      // What is cut at the front of a window counts too, though it is not shown.
      let end = start < (lineStarts.first ?? 0) ? lineStarts[0] : lineEnd(line)
      pen.skip(bytes[start..<end])
      let next = start < (lineStarts.first ?? 0) ? 0 : line + 1
      if strokes.last?.pen != pen { strokes.append(Stroke(line: next, pen: pen)) }
    }
  }

  /// The pen at a position in `bytes`.
  private func pen(at position: Int) -> OutputPen {
    let line = lineIndex(ofPosition: position)
    var pen = pen(ofLine: line)
    if let start = lineStarts.first, start <= position {
      pen.skip(bytes[lineStarts[line]..<position])
    }
    return pen
  }

  private func pen(ofLine index: Int) -> OutputPen {
    let at = strokes.partitioningIndex { $0.line > index }
    return at > 0 ? strokes[at - 1].pen : firstPen
  }

  private func lineIndex(ofPosition position: Int) -> Int {
    max(0, lineStarts.partitioningIndex { $0 > position } - 1)
  }

  private func lineEnd(_ index: Int) -> Int {
    index + 1 < lineStarts.count ? lineStarts[index + 1] : bytes.count
  }
}

extension LogPiece {
  func offset(ofLine index: Int) -> Int64 {
    lineStarts.indices.contains(index) ? place(of: lineStarts[index]) : end
  }

  /// Returns the line that holds this byte, or the nearest.
  func line(at place: Int64) -> Int {
    max(0, lineStarts.indices.partitioningIndex { offset(ofLine: $0) > place } - 1)
  }

  func text(ofLine index: Int) -> StyledText {
    guard lineStarts.indices.contains(index) else { return StyledText() }
    var line = bytes[lineStarts[index]..<lineEnd(index)]
    while line.last == 10 || line.last == 13 { line.removeLast() }
    var pen = pen(ofLine: index)
    return pen.line(line)
  }

  /// Line feeds from this byte on, or nil if the piece does not reach back so far.
  func lineCount(from place: Int64) -> Int? {
    guard place >= offset else { return nil }
    return bytes[position(of: place)...].count { $0 == 10 }
  }
}

extension RandomAccessCollection where Index == Int {
  /// Returns the first index from which on the condition holds; it must not hold in front of it.
  fileprivate func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
