import Foundation

/// The mouse, by the bytes that a terminal sends for it (xterm's SGR reports).
extension Tmux {
  func place(of text: String, in lines: [String]) throws -> (row: Int, column: Int) {
    for (row, line) in lines.enumerated() {
      if let range = line.range(of: text) {
        return (row, line.distance(from: line.startIndex, to: range.lowerBound))
      }
    }
    throw PollProblem(description: "no \"\(text)\" on the screen")
  }

  /// Presses and lets go the left button where this text stands first.
  func click(on text: String) async throws {
    let place = try place(of: text, in: try await wait(for: text))
    try click(row: place.row, column: place.column)
  }

  func click(row: Int, column: Int) throws {
    try write("\u{1b}[<0;\(column + 1);\(row + 1)M\u{1b}[<0;\(column + 1);\(row + 1)m")
  }

  func drag(from start: (row: Int, column: Int), to end: (row: Int, column: Int)) throws {
    try write(
      "\u{1b}[<0;\(start.column + 1);\(start.row + 1)M"
        + "\u{1b}[<32;\(end.column + 1);\(end.row + 1)M"
        + "\u{1b}[<0;\(end.column + 1);\(end.row + 1)m")
  }
}
