import Canvas

// Control sequences: moving, erasing, shifting, scrolling, style.

extension VirtualTerminal {
  mutating func control(parameters: String, final: UInt8) {
    let final = Character(Unicode.Scalar(final))
    if parameters.hasPrefix("?") { return privateControl(parameters.dropFirst(), final) }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    let first = max(1, numbers.first ?? 1)
    switch final {
    case "H": move(first - 1, max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
    case "G": move(row, first - 1)
    case "d": move(first - 1, column)
    case "A": move(row - first, column)
    case "B": move(row + first, column)
    case "C": move(row, column + first)
    case "D": move(row, column - first)
    case "J": erase(display: numbers.first ?? 0)
    case "K": erase(line: numbers.first ?? 0)
    case "X": erase(row, column..<min(size.columns, column + first))
    case "@": insert(first)
    case "P": delete(first)
    case "L": if margins.contains(row) { scroll(row...margins.upperBound, by: -first) }
    case "M": if margins.contains(row) { scroll(row...margins.upperBound, by: first) }
    case "S": scroll(margins, by: first)
    case "T": scroll(margins, by: -first)
    case "b": repeatLast(first)
    case "m": style(parameters.isEmpty ? [0] : numbers)
    case "r": setMargins(numbers)
    case "h", "l": mode(numbers.map(String.init), isOn: final == "h")
    case "t" where [22, 23].contains(numbers.first): break
    default: wonder("CSI \(parameters) \(final)")
    }
  }

  private mutating func privateControl(_ parameters: Substring, _ final: Character) {
    let names = parameters.split(separator: ";").map { "?\($0)" }
    switch final {
    case "h", "l": mode(names, isOn: final == "h")
    // The shape of the cursor on the linux console.
    case "c" where parameters == "0" || parameters == "1": break
    default: wonder("CSI ?\(parameters) \(final)")
    }
  }

  private mutating func move(_ row: Int, _ column: Int) {
    self.row = min(max(0, row), size.rows - 1)
    self.column = min(max(0, column), size.columns - 1)
  }

  private mutating func setMargins(_ numbers: [Int]) {
    let top = max(1, numbers.first ?? 1) - 1
    let bottom = min(size.rows, numbers.count > 1 && numbers[1] > 0 ? numbers[1] : size.rows) - 1
    margins = top < bottom ? top...bottom : 0...(size.rows - 1)
    move(0, 0)
  }
}

extension VirtualTerminal {
  private var erased: Shown {
    var cell = Shown()
    if erasesInColor { cell.background = pen.background }
    return cell
  }

  private mutating func erase(_ row: Int, _ columns: Range<Int>) {
    for column in columns { cells[row * size.columns + column] = erased }
    mendHalves(row)
  }

  private mutating func erase(line part: Int) {
    switch part {
    case 0: erase(row, column..<size.columns)
    case 1: erase(row, 0..<(column + 1))
    default: erase(row, 0..<size.columns)
    }
  }

  private mutating func erase(display part: Int) {
    if part == 0 { erase(line: 0) }
    if part == 1 { erase(line: 1) }
    let rows = part == 0 ? (row + 1)..<size.rows : part == 1 ? 0..<row : 0..<size.rows
    for row in rows { erase(row, 0..<size.columns) }
  }

  /// Shifts the rest of the row to the right.
  mutating func insert(_ count: Int) {
    let start = row * size.columns
    var line = Array(cells[start..<(start + size.columns)])
    line.insert(
      contentsOf: Array(repeating: erased, count: min(count, size.columns)), at: column)
    cells.replaceSubrange(start..<(start + size.columns), with: line.prefix(size.columns))
    mendHalves(row)
  }

  /// Shifts the rest of the row to the left.
  private mutating func delete(_ count: Int) {
    let start = row * size.columns
    var line = Array(cells[start..<(start + size.columns)])
    line.removeSubrange(column..<min(size.columns, column + count))
    line += Array(repeating: erased, count: size.columns - line.count)
    cells.replaceSubrange(start..<(start + size.columns), with: line)
    mendHalves(row)
  }

  /// What is left of a wide glyph without its other half is blank.
  private mutating func mendHalves(_ row: Int) {
    let start = row * size.columns
    for column in 0..<size.columns {
      let index = start + column
      let hasRight = column + 1 < size.columns && cells[index + 1].isContinuation
      if cells[index].isContinuation {
        let before = column > 0 ? cells[index - 1] : Shown()
        let isWhole = !before.isContinuation && Self.width(before.glyph) == 2
        if !isWhole { cells[index].isContinuation = false }
      } else if Self.width(cells[index].glyph) == 2, !hasRight {
        cells[index].glyph = " "
      }
    }
  }

  mutating func feedLine() {
    if row == margins.upperBound { return scroll(margins, by: 1) }
    row = min(size.rows - 1, row + 1)
  }

  mutating func feedBack() {
    if row == margins.lowerBound { return scroll(margins, by: -1) }
    row = max(0, row - 1)
  }

  /// Moves rows up, or down by a negative number.
  private mutating func scroll(_ rows: ClosedRange<Int>, by count: Int) {
    let old = cells
    for row in rows {
      let source = row + count
      for column in 0..<size.columns {
        cells[row * size.columns + column] =
          rows.contains(source) ? old[source * size.columns + column] : erased
      }
    }
  }
}

extension VirtualTerminal {
  private mutating func style(_ numbers: [Int]) {
    var rest = numbers[...]
    while let number = rest.popFirst() {
      switch number {
      case 0: pen = Shown()
      case 1: pen.attributes.insert(.bold)
      case 2: pen.attributes.insert(.dim)
      case 3: pen.attributes.insert(.italic)
      case 4: pen.attributes.insert(.underline)
      case 7: pen.attributes.insert(.reverse)
      // The first character set of the linux console.
      case 10: break
      case 22: pen.attributes.subtract([.bold, .dim])
      case 23: pen.attributes.remove(.italic)
      case 24: pen.attributes.remove(.underline)
      case 27: pen.attributes.remove(.reverse)
      case 30...37: pen.foreground = Int32(number - 30)
      case 39: pen.foreground = -1
      case 40...47: pen.background = Int32(number - 40)
      case 49: pen.background = -1
      case 90...97: pen.foreground = Int32(number - 82)
      case 100...107: pen.background = Int32(number - 92)
      case 38 where rest.first == 2: pen.foreground = Self.direct(rest)
      case 48 where rest.first == 2: pen.background = Self.direct(rest)
      case 38 where rest.first == 5: pen.foreground = Int32(rest.dropFirst().first ?? 0)
      case 48 where rest.first == 5: pen.background = Int32(rest.dropFirst().first ?? 0)
      default: wonder("SGR \(number)")
      }
      if number == 38 || number == 48 { rest = rest.dropFirst(rest.first == 2 ? 4 : 2) }
    }
  }

  /// 24 bits behind the numbers of a palette.
  private static func direct(_ numbers: ArraySlice<Int>) -> Int32 {
    numbers.dropFirst().prefix(3).reduce(1) { $0 << 8 | Int32($1) }
  }
}
