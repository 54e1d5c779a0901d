import Canvas
import Model

extension LogPiece {
  /// Finds where lines begin, how they are drawn, and which of them show.
  mutating func findLines() {
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
    allStarts = starts.isEmpty && !bytes.isEmpty ? [0] : starts
    followPen(through: escaped)
    showLines()
  }

  /// Whether a line has to be broken here; never within a character.
  private static func isFull(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ position: Int
  ) -> Bool {
    position - start >= lineLimit && bytes[position] & 0xC0 != 0x80
  }

  private mutating func followPen(through escaped: [Int]) {
    var pen = firstPen
    strokes = []
    for start in escaped {
      // What is cut at the front of a window counts too, though it is not shown.
      let end = end(ofLineAt: start)
      pen.skip(bytes[start..<end])
      if (strokes.last?.pen ?? firstPen) != pen { strokes.append(Stroke(position: end, pen: pen)) }
    }
  }

  private func end(ofLineAt start: Int) -> Int {
    let next = allStarts.partitioningIndex { $0 > start }
    return next < allStarts.count ? allStarts[next] : bytes.count
  }

  /// The pen with which the line at this position begins.
  private func pen(ofLineAt start: Int) -> OutputPen {
    let at = strokes.partitioningIndex { $0.position > start }
    return at > 0 ? strokes[at - 1].pen : firstPen
  }

  /// The pen at any position.
  func pen(at position: Int) -> OutputPen {
    let line = allStarts.partitioningIndex { $0 > position } - 1
    let start = line >= 0 ? allStarts[line] : 0
    var pen = pen(ofLineAt: start)
    pen.skip(bytes[start..<position])
    return pen
  }

  mutating func showLines() {
    let ends = allStarts.dropFirst() + [bytes.count]
    guard !sieve.isOpen else {
      (lineStarts, lineEnds) = (allStarts, Array(ends))
      return
    }
    learnLevels(ends)
    let shown = allStarts.indices.filter { sieve.lets(levels[$0].level, at: levels[$0].start) }
    lineStarts = shown.map { allStarts[$0] }
    lineEnds = shown.map { ends[ends.startIndex + $0] }
  }

  /// A line that was looked at and has not changed is not looked at again: a piece grows by windows.
  private mutating func learnLevels(_ ends: ArraySlice<Int>) {
    var known = levels[...]
    levels = zip(allStarts, ends).map { start, end in
      let (first, last) = (place(of: start), place(of: end))
      while let next = known.first, next.start < first { known.removeFirst() }
      if let next = known.first, next.start == first, next.end == last { return next }
      return LineLevel(start: first, end: last, level: LogLineHead(of: bytes[start..<end]).level)
    }
  }

  func text(ofLine index: Int) -> StyledText {
    guard lineStarts.indices.contains(index) else { return StyledText() }
    var line = bytes[lineStarts[index]..<lineEnds[index]]
    while line.last == 10 || line.last == 13 { line.removeLast() }
    var pen = pen(ofLineAt: lineStarts[index])
    return pen.line(line)
  }

  /// The first bytes of the lines, hidden ones too, that hold what is searched.
  ///
  /// - Complexity: O(bytes × needle); what is typed is short.
  func lines(with needle: LogPattern) -> [Int64] {
    guard let first = needle.bytes.first else { return [] }
    var found: [Int64] = []
    bytes.withUnsafeBufferPointer { bytes in
      var at = allStarts.first ?? 0
      while at + needle.bytes.count <= bytes.count {
        guard needle.fold(bytes[at]) == first, needle.matches(bytes, at: at) else {
          at += 1
          continue
        }
        let line = allStarts.partitioningIndex { $0 > at } - 1
        found.append(place(of: allStarts[line]))
        guard line + 1 < allStarts.count else { return }
        at = allStarts[line + 1]
      }
    }
    return found
  }
}

extension LogPattern {
  fileprivate func matches(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    for (offset, byte) in bytes.enumerated() where fold(text[start + offset]) != byte {
      return false
    }
    return true
  }
}

extension RandomAccessCollection where Index == Int {
  /// Returns the first index from which on the condition holds; it must not hold in front of it.
  func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
