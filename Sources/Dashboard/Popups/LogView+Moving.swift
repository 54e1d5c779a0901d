import Canvas
import Model

extension LogView {
  /// Answers a key of the search line, one that searches or one that moves; nil if it is none.
  mutating func answer(_ key: Key, _ action: Action?, area: Size) -> [Effect]? {
    if search.isTyping { return search.type(key) ? find(backwards: false, area: area) : [] }
    switch action {
    case .search:
      search.begin()
      return []
    case .nextMatch: return find(backwards: false, area: area)
    case .previousMatch: return find(backwards: true, area: area)
    case .openLog(let viewer): return [.openLog(log, with: viewer)]
    case let action?: return move(action, area: area)
    case nil: return nil
    }
  }

  /// Answers a key that moves; nil if it is none.
  mutating func move(_ action: Action, area: Size) -> [Effect]? {
    let page = max(1, area.rows - 1)
    readsSinceKey = 0
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
    case .nextTimes:
      look.times = look.times.next
      topRow = 0
    case .nextLevel: sieveFurther()
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

  mutating func leave(at place: Place) {
    if follows { leftBytes = knownBytes }
    follows = false
    top = piece.offset(ofLine: place.line)
    topRow = place.row
  }

  private mutating func scroll(_ rows: Int, _ area: Size) {
    let here = place(area)
    let moved = move(here, by: rows, area.columns)
    if moved == here, !piece.sieve.isOpen, skipHidden(rows) { return }
    if isAtEnd, moved >= lastPlace(area) {
      follows = true
    } else {
      leave(at: moved)
    }
  }

  /// Goes on behind (or in front of) what is held, where no line of it shows any more.
  private mutating func skipHidden(_ rows: Int) -> Bool {
    guard rows > 0 ? !isAtEnd : piece.offset > 0 else { return false }
    if follows { leftBytes = knownBytes }
    (follows, topRow) = (false, 0)
    top = rows > 0 ? piece.end : piece.offset
    return true
  }

  private mutating func sieveFurther() {
    var sieve = piece.sieve
    sieve.step()
    look.least = sieve.least
    piece.show(sieve)
    topRow = 0
  }

  func move(_ place: Place, by rows: Int, _ columns: Int) -> Place {
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
    return max(1, line(index).text.broken(columns: columns).count)
  }
}
