import Glibc
import Model

/// The parts of a log that a reader sees: data, and in front of the data behind a hole the line that
/// stands for the hole.
struct LogSpans {
  /// What a task may leave of holes by writing here and there; the rest counts as one.
  static let maximumHoles = 1024
  /// A smaller hole is read as the zeros it stands for: there must be room for the line.
  static let smallestHole: Int64 = 4096

  struct Span {
    var range: Range<Int64>
    /// The bytes that stand for the hole; nil for what lies in the file.
    var marker: [UInt8]?
  }

  var size: Int64
  /// Ascending.
  var all: [Span] = []
  /// Bytes in holes.
  var dropped: Int64 = 0

  /// Data in front of a hole, in order.
  mutating func add(_ data: Range<Int64>) {
    guard !data.isEmpty else { return }
    if let last = all.last, last.marker == nil, last.range.upperBound == data.lowerBound {
      all[all.count - 1].range = last.range.lowerBound..<data.upperBound
    } else {
      all.append(Span(range: data))
    }
  }

  mutating func add(hole: Range<Int64>, beginsLine: Bool) {
    let count = hole.upperBound - hole.lowerBound
    let marker = LogMarker.line(dropped: count, beginsLine: beginsLine)
    all.append(
      Span(range: hole.upperBound - Int64(marker.count)..<hole.upperBound, marker: marker))
    dropped += count
  }

  /// Whether data ends here and goes on behind a hole.
  func isGap(at end: Int64) -> Bool {
    guard let next = all.first(where: { $0.range.upperBound > end }) else { return false }
    return next.marker != nil && next.range.lowerBound > end
      && all.contains { $0.range.upperBound == end }
  }

  /// The bytes of a window, in one piece.
  func window(at position: LogPosition) -> Range<Int64> {
    switch position {
    case .offset(let offset): window(from: min(max(0, offset), size))
    case .before(let offset): window(before: min(max(0, offset), size))
    case .end: window(before: size)
    }
  }

  private func window(from offset: Int64) -> Range<Int64> {
    guard var index = all.firstIndex(where: { $0.range.upperBound > offset }) else {
      return size..<size
    }
    let start = max(offset, all[index].range.lowerBound)
    var end = all[index].range.upperBound
    while index + 1 < all.count, all[index + 1].range.lowerBound == end {
      index += 1
      end = all[index].range.upperBound
    }
    return start..<min(end, start + Int64(LogWindow.maximumBytes))
  }

  private func window(before offset: Int64) -> Range<Int64> {
    guard var index = all.lastIndex(where: { $0.range.lowerBound < offset }) else {
      return 0..<0
    }
    let end = min(offset, all[index].range.upperBound)
    var start = all[index].range.lowerBound
    while index > 0, all[index - 1].range.upperBound == start {
      index -= 1
      start = all[index].range.lowerBound
    }
    return max(start, end - Int64(LogWindow.maximumBytes))..<end
  }
}

/// The line that stands for what was dropped; ASCII, so that it can be read everywhere.
enum LogMarker {
  static func line(dropped: Int64, beginsLine: Bool) -> [UInt8] {
    Array("\(beginsLine ? "" : "\n")[... \(words(dropped)) of output dropped here ...]\n".utf8)
  }

  /// As in `4.9 GiB`, rounded down.
  static func words(_ bytes: Int64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var unit = 0
    var scale: Int64 = 1
    while unit < units.count - 1, bytes >= scale * 1024 {
      unit += 1
      scale *= 1024
    }
    guard unit > 0 else { return "\(bytes) bytes" }
    return "\(bytes / scale).\(bytes % scale * 10 / scale) \(units[unit])"
  }
}

/// A log that is open for reading.
struct OpenLog: ~Copyable {
  let descriptor: Int32

  /// - Throws: `WorkspaceProblem` naming the file and the system's reason.
  init(_ path: String) throws(WorkspaceProblem) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw WorkspaceProblem("cannot read log \"\(path)\": \(systemReason())")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw WorkspaceProblem("cannot read log \"\(path)\": not a file")
    }
  }

  deinit { close(descriptor) }

  var size: Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// Where there is data now, and where there are holes.
  func spans() -> LogSpans {
    var spans = LogSpans(size: size)
    let size = spans.size
    var at: Int64 = 0
    var holes = 0
    while at < size {
      var data = seek(at, TreeCopy.nextData) ?? (errno == ENXIO ? size : at)
      data = min(data, size)
      if holes == LogSpans.maximumHoles {
        data = max(data, size - Int64(LogWindow.maximumBytes))
      }
      if data - at >= LogSpans.smallestHole {
        holes += 1
        spans.add(hole: at..<data, beginsLine: at == 0 || byte(at - 1) == 0x0A)
        at = data
      }
      if holes > LogSpans.maximumHoles {
        spans.add(at..<size)
        break
      }
      let end = max(data, min(size, seek(data, TreeCopy.nextHole) ?? size))
      // Dropped while we looked; the reader looks again.
      guard end > at else { break }
      spans.add(at..<end)
      at = end
    }
    return spans
  }

  private func seek(_ offset: Int64, _ what: Int32) -> Int64? {
    let found = lseek(descriptor, off_t(offset), what)
    return found < offset ? nil : Int64(found)
  }

  private func byte(_ offset: Int64) -> UInt8? { read(at: offset, count: 1).first }

  /// Reads what a reader sees of a range; shorter if the file has become shorter.
  func read(_ range: Range<Int64>, in spans: LogSpans) -> [UInt8] {
    var bytes: [UInt8] = []
    for span in spans.all where span.range.overlaps(range) {
      let part = span.range.clamped(to: range)
      if let marker = span.marker {
        let start = Int(part.lowerBound - span.range.lowerBound)
        bytes += marker[start..<start + part.count]
      } else {
        let piece = read(at: part.lowerBound, count: part.count)
        // The only span of nearly every window; it need not be copied.
        if bytes.isEmpty { bytes = piece } else { bytes += piece }
        guard piece.count == part.count else { break }
      }
    }
    return bytes
  }

  func read(at offset: Int64, count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          off_t(offset) + off_t(filled))
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { return }
        filled += got
      }
    }
  }

  /// The first place in the span at or behind `offset` where a line begins; nil if there is none.
  func nextLine(_ offset: Int64, in span: LogSpans.Span, _ spans: LogSpans) -> Int64? {
    var place = max(span.range.lowerBound, offset - 1)
    while place < span.range.upperBound {
      let end = min(span.range.upperBound, place + Int64(LogFile.chunkBytes))
      let chunk = read(place..<end, in: spans)
      if let newline = Self.firstNewline(in: chunk) { return place + Int64(newline) + 1 }
      guard !chunk.isEmpty else { return nil }
      place += Int64(chunk.count)
    }
    return nil
  }

  func lineStart(of hit: Int64, in span: LogSpans.Span, _ spans: LogSpans) -> Int64 {
    let start = max(span.range.lowerBound, hit - Int64(LogFile.maximumLineBytes))
    let bytes = read(start..<hit, in: spans)
    if let newline = bytes.lastIndex(of: 0x0A) { return start + Int64(newline) + 1 }
    return start == span.range.lowerBound ? start : hit
  }

  static func firstNewline(in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else {
        return nil
      }
      return UnsafeRawPointer(found) - base
    }
  }
}
