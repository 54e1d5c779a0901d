import Canvas

/// The footprint over the moves of a plan, drawn with blocks.
struct FootprintPicture {
  static let columns = 60
  static let rows = 8
  /// A budget further above the peak than this would press the picture flat.
  private static let budgetShare = 1.5

  private let footprint: [Int64]
  private let budgetBytes: Int64?
  private let glyphs: Glyphs
  /// Bytes at the upper edge.
  private let topBytes: Int64

  /// nil where there is nothing to see.
  init?(_ footprint: [Int64], budgetBytes: Int64?, _ glyphs: Glyphs) {
    let peak = footprint.max() ?? 0
    guard peak > 0 else { return nil }
    self.footprint = footprint
    self.glyphs = glyphs
    self.budgetBytes = budgetBytes.flatMap {
      Double($0) <= Double(peak) * Self.budgetShare ? $0 : nil
    }
    topBytes = max(peak, self.budgetBytes ?? 0)
  }

  /// The picture, from the upper edge down, with both axes.
  var lines: [String] {
    let heights = heights()
    let rows = (0..<Self.rows).reversed().map { row in
      axis(row) + cells(heights, row) + note(row)
    }
    let corner = String(glyphs.isASCII ? "+" : "└")
    let base =
      label("0") + corner + String(repeating: glyphs.border.horizontal, count: Self.columns)
    return rows + [base, scale]
  }

  /// Levels filled in each column, of `rows` times the levels of a cell: the largest of the moves that
  /// share a column.
  private func heights() -> [Int] {
    let levels = Self.rows * glyphs.spark.count
    return (0..<Self.columns).map { column in
      let first = column * footprint.count / Self.columns
      let end = max(first + 1, (column + 1) * footprint.count / Self.columns)
      let bytes = footprint[first..<end].max() ?? 0
      return Int((Double(bytes) / Double(topBytes) * Double(levels)).rounded(.up))
    }
  }

  private func cells(_ heights: [Int], _ row: Int) -> String {
    let levels = glyphs.spark.count
    let isBudget = row == budgetRow
    var text = ""
    for height in heights {
      let filled = min(levels, height - row * levels)
      text.append(filled > 0 ? glyphs.spark[filled - 1] : isBudget ? budgetLine : " ")
    }
    return isBudget ? text : text.trimmedEnd
  }

  private var budgetLine: Character { glyphs.isASCII ? "-" : "┄" }

  private var budgetRow: Int? {
    guard let budgetBytes else { return nil }
    return min(Self.rows - 1, Int(Double(budgetBytes) / Double(topBytes) * Double(Self.rows)))
  }

  private func note(_ row: Int) -> String {
    guard row == budgetRow, let budgetBytes else { return "" }
    return " budget \(PlanFigures.bytes(budgetBytes))"
  }

  /// The upper edge of a row has its label, where there is one.
  private func axis(_ row: Int) -> String {
    let share = Double(row + 1) / Double(Self.rows)
    let isLabelled = row == Self.rows - 1 || row == Self.rows / 2 - 1
    let bytes = Int64((Double(topBytes) * share).rounded())
    return label(isLabelled ? PlanFigures.bytes(bytes) : "") + String(glyphs.border.vertical)
  }

  private func label(_ text: String) -> String {
    String(repeating: " ", count: max(0, 8 - text.count)) + text + " "
  }

  private var scale: String {
    let last = footprint.count == 1 ? "1 step" : "\(footprint.count) steps"
    let gap = Self.columns - 1 - last.count
    return label("") + " 1" + String(repeating: " ", count: max(1, gap)) + last
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
