import Canvas
import Model

/// A part of a log that is held in memory, and where lines begin in it.
///
/// Windows that touch it make it longer; `trim(around:)` keeps it small. A line whose beginning lies
/// in front of the piece is not known, and not shown.
struct LogPiece: Sendable, Equatable {
  /// A longer line is broken: it could not be shown whole, nor scrolled through.
  static let lineLimit = LogText.maximumLineBytes
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

  var end: Int64 { offset + Int64(bytes.count) }

  /// Joins a window that touches the piece; returns whether it did.
  mutating func join(_ window: LogWindow) -> Bool {
    let windowEnd = window.offset + Int64(window.bytes.count)
    guard window.problem == nil, problem == nil, !bytes.isEmpty, window.offset <= end,
      windowEnd >= offset, window.totalBytes >= end
    else { return false }
    if windowEnd > end { bytes += window.bytes.suffix(Int(windowEnd - end)) }
    if window.offset < offset {
      bytes = window.bytes.prefix(Int(offset - window.offset)) + bytes
      offset = window.offset
      beginsLine = offset == 0
    }
    findLines()
    return true
  }

  /// Holds this window and nothing else; `beginsLine` says that a line begins with its first byte.
  mutating func replace(with window: LogWindow, beginsLine: Bool) {
    offset = window.offset
    bytes = window.bytes
    problem = window.problem.map { SafeText($0) }
    self.beginsLine = beginsLine || offset == 0
    findLines()
  }

  /// Lets go of what is far from this place.
  mutating func trim(around place: Int64) {
    let first = Int(max(0, place - Self.keptBefore - offset))
    let last = Int(min(Int64(bytes.count), place + Self.keptBehind - offset))
    guard first > 0 || last < bytes.count, first < last else { return }
    if first > 0 { beginsLine = bytes[first - 1] == 10 }
    bytes = Array(bytes[first..<last])
    offset += Int64(first)
    findLines()
  }

  private mutating func findLines() {
    var starts = beginsLine && !bytes.isEmpty ? [0] : []
    bytes.withUnsafeBufferPointer { bytes in
      var last = 0
      for position in bytes.indices.dropFirst() {
        let isFull = position - last >= Self.lineLimit && bytes[position] & 0xC0 != 0x80
        guard bytes[position - 1] == 10 || isFull else { continue }
        last = position
        starts.append(last)
      }
    }
    lineStarts = starts.isEmpty && !bytes.isEmpty ? [0] : starts
  }
}

extension LogPiece {
  func offset(ofLine index: Int) -> Int64 {
    lineStarts.indices.contains(index) ? offset + Int64(lineStarts[index]) : end
  }

  /// Returns the line that holds this byte, or the nearest.
  func line(at place: Int64) -> Int {
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = (low + high) / 2
      if offset(ofLine: middle) <= place { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  func text(ofLine index: Int) -> SafeText {
    guard lineStarts.indices.contains(index) else { return SafeText() }
    let next = index + 1 < lineStarts.count ? lineStarts[index + 1] : bytes.count
    var line = bytes[lineStarts[index]..<next]
    if line.last == 10 { line.removeLast() }
    return LogText.line(line)
  }

  /// Line feeds from this byte on, or nil if the piece does not reach back so far.
  func lineCount(from place: Int64) -> Int? {
    guard place >= offset else { return nil }
    return bytes[min(bytes.count, Int(place - offset))...].count { $0 == 10 }
  }
}
