import Canvas
import Model

extension LogView {
  /// Looks for the next (or previous) line that holds what was typed.
  mutating func find(backwards: Bool, area: Size) -> [Effect] {
    guard !search.needle.isEmpty else { return [] }
    readsSinceKey = 0
    findMatches()
    let here = piece.offset(ofLine: place(area).line)
    let from = search.hit.map { backwards ? $0 : $0 + 1 } ?? here
    search.state = .searching(backwards: backwards)
    return [.find(search.needle, log, from: from, backwards: backwards)]
  }

  mutating func show(found offset: Int64?, _ area: Size) -> [Effect] {
    guard case .searching = search.state else { return [] }
    guard let offset else {
      search.state = .nothing
      return []
    }
    search.state = .idle
    search.hit = offset
    piece.show(LogSieve(least: look.least, found: offset))
    let line = piece.line(at: offset)
    guard piece.offset(ofLine: line) == offset, !piece.lineStarts.isEmpty else {
      return ask(.jump(offset), .offset(offset))
    }
    // Some lines above the hit, for the context.
    leave(at: move(Place(line: line, row: 0), by: -(area.rows / 4), area.columns))
    return readAhead(area)
  }

  mutating func findMatches() {
    guard !search.needle.isEmpty else {
      matches = []
      return
    }
    matches = piece.lines(with: LogPattern(search.needle))
  }
}
