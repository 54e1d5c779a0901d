import Glibc
package import Model

/// Windows of log files, read with `pread`: a log may be truncated or grow by gigabytes meanwhile,
/// so it is never mapped and never read whole.
///
/// A long log has a hole where its middle was dropped (`LogCap`). Offsets are those of the file all
/// the same, and one line stands for the hole, in front of what follows it. No window goes over a
/// hole: the one behind it begins later than where the one in front of it ended.
package enum LogFile {
  /// Read in one go when searching.
  static let chunkBytes = 1 << 20
  /// A line that holds a hit is looked for this far back, else the hit itself is answered.
  static let maximumLineBytes = 1 << 20
  /// How often a window is read again because its middle was dropped meanwhile.
  private static let maximumReadings = 3

  /// Returns at most `LogWindow.maximumBytes` bytes of the file.
  ///
  /// An unreadable file is an empty window with the reason. A task that writes nothing has no log, so
  /// a missing one is empty, but for a whole run's.
  package static func window(path: String, at position: LogPosition) -> LogWindow {
    do {
      let log = try OpenLog(path)
      var spans = log.spans()
      var reading = 1
      while true {
        let range = spans.window(at: position)
        let bytes = log.read(range, in: spans)
        let now = log.spans()
        if now.dropped == spans.dropped || reading == maximumReadings {
          let end = range.lowerBound + Int64(bytes.count)
          var window = LogWindow(
            offset: range.lowerBound, bytes: bytes, totalBytes: max(spans.size, end))
          window.beginsBehindGap = spans.all.contains {
            $0.marker != nil && $0.range.lowerBound == range.lowerBound
          }
          window.endsAtGap = spans.isGap(at: end)
          return window
        }
        spans = now
        reading += 1
      }
    } catch {
      let problem = exists(path) ? error.description : isPruned(path) ? pruned : nil
      return LogWindow(offset: 0, bytes: [], totalBytes: 0, problem: problem)
    }
  }

  private static let pruned = "the logs of this run are gone"

  private static func isPruned(_ path: String) -> Bool { !exists(folder(of: path)) }

  /// Says where another program finds the file.
  static func place(path: String) -> LogPlace {
    if exists(path) { return .file(path) }
    return .nowhere(reason: isPruned(path) ? pruned : "there is no output yet")
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func folder(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  /// Returns the offset of the first line that holds the text and begins at `offset` or behind it,
  /// or, backwards, of the last that begins in front of it; nil if there is none.
  ///
  /// So the line behind a hit is found from `hit + 1`, the one in front of it from `hit`. Capital and
  /// small letters are the same in ASCII only, and differ if the text has a capital.
  ///
  /// - Complexity: O(bytes on disk), in `chunkBytes` of memory.
  package static func find(
    text: String, path: String, from offset: Int64, backwards: Bool
  ) -> Int64? {
    guard let needle = LogNeedle(text), let log = try? OpenLog(path) else { return nil }
    let spans = log.spans()
    let from = min(max(0, offset), spans.size)
    return backwards
      ? lastLine(with: needle, in: log, spans, before: from)
      : firstLine(with: needle, in: log, spans, from: from)
  }

  private static func firstLine(
    with needle: LogNeedle, in log: borrowing OpenLog, _ spans: LogSpans, from: Int64
  ) -> Int64? {
    for span in spans.all where span.range.upperBound > from {
      let start =
        from <= span.range.lowerBound
        ? span.range.lowerBound : log.nextLine(from, in: span, spans)
      guard let start else { continue }
      let needed = needle.count
      var offset = start
      while offset < span.range.upperBound {
        let end = min(span.range.upperBound, offset + Int64(chunkBytes))
        let chunk = log.read(offset..<end, in: spans)
        if let index = needle.first(in: chunk) {
          return log.lineStart(of: offset + Int64(index), in: span, spans)
        }
        guard chunk.count >= needed else { break }
        // The tail that a hit could have begun in is read again.
        offset += Int64(chunk.count - needed + 1)
      }
    }
    return nil
  }

  private static func lastLine(
    with needle: LogNeedle, in log: borrowing OpenLog, _ spans: LogSpans, before: Int64
  ) -> Int64? {
    for span in spans.all.reversed() where span.range.lowerBound < before {
      var end = min(before, span.range.upperBound)
      while end > span.range.lowerBound {
        let start = max(span.range.lowerBound, end - Int64(chunkBytes))
        let chunk = log.read(start..<end, in: spans)
        if let index = needle.last(in: chunk) {
          return log.lineStart(of: start + Int64(index), in: span, spans)
        }
        guard start > span.range.lowerBound else { break }
        end = start + Int64(needle.count - 1)
      }
    }
    return nil
  }
}
