import Canvas
import Dashboard
import Model
import Project

/// What lies in a workspace, in lines for people.
enum StoreText {
  /// Widest a name is shown.
  private static let maximumName = 40
  private static let head = ["task", "artifact", "run", "state", "size", "age", "why"]
  /// Numbers stand under their last digit.
  private static let numbers: Set<Int> = [2, 4, 5]

  static func lines(_ listing: StoreListing, _ rows: [StoreRow]) -> [String] {
    let heading =
      listing.last.map { "run \($0.run)  \($0.graph.name)  \(listing.standing?.rawValue ?? "")" }
      ?? "no run is known here"
    return [SafeText(heading).string] + (rows.isEmpty ? [] : table(rows))
      + [totals(rows), room(listing)]
  }

  static func lines(_ prune: StorePrune, isDryRun: Bool) -> [String] {
    var lines = prune.going.isEmpty ? [] : table(prune.going)
    let done = isDryRun ? "would free" : "freed"
    lines.append(
      prune.going.isEmpty
        ? "nothing to delete"
        : "\(done) \(Figures.bytes(prune.bytes)): \(counted(prune.going.count))")
    if !prune.sparing.isEmpty {
      let bytes = prune.sparing.reduce(0) { $0 + $1.bytes }
      lines.append(
        "stays for want of a name or --all: \(counted(prune.sparing.count)), "
          + "\(Figures.bytes(bytes))")
    }
    return lines
  }

  static func lines(_ one: StoreExplanation) -> [String] {
    var rows = [
      ("state", one.state), ("why", one.why), ("run", "\(one.run)"),
      ("attempt", one.attempt.map { "\($0)" } ?? "none yet"),
      ("size", one.bytes.map { "\(Figures.bytes($0)) (\($0) bytes)" } ?? "unknown"),
      ("files", one.files.map { "\($0)" } ?? "unknown"), ("digest", one.digest ?? "none yet"),
    ]
    rows += one.rows.map { ("path", $0.path) }
    rows += one.readers.map { ("reader", "\($0.task): \($0.state.rawValue)") }
    if one.readers.isEmpty { rows.append(("reader", "nobody")) }
    rows.append(("frees it", one.frees))
    return [SafeText(one.name).string]
      + rows.map { "  " + pad(SafeText($0.0), to: 8) + "  " + SafeText($0.1).string } + [""]
  }
}

extension StoreText {
  private static func table(_ rows: [StoreRow]) -> [String] {
    let cells = [head.map { SafeText($0) }] + rows.map(cells)
    let widths = head.indices.map { column in
      min(maximumName, cells.map { $0[column].columns }.max() ?? 0)
    }
    return cells.map { row in
      let padded = row.indices.map { column in
        if column == row.count - 1 { return row[column].string }
        return numbers.contains(column)
          ? lead(row[column], to: widths[column]) : pad(row[column], to: widths[column])
      }
      return padded.joined(separator: "  ")
    }
  }

  private static func cells(_ row: StoreRow) -> [SafeText] {
    [
      row.task ?? "-", row.artifact ?? row.place ?? "-", row.run.map { "\($0)" } ?? "-",
      row.state.rawValue, row.problem == nil ? Figures.bytes(row.bytes) : "?",
      row.ageSeconds.map { Figures.shortDuration(Double($0)) } ?? "-",
      row.why + (row.problem.map { "; \($0)" } ?? ""),
    ].map { SafeText($0) }
  }

  /// As in `sealed 3, 12 MiB · leftover 1, 4 KiB`.
  private static func totals(_ rows: [StoreRow]) -> String {
    let told = StoreListing.totals(rows).filter { $0.rows > 0 }.map {
      "\($0.state.rawValue) \($0.rows), \(Figures.bytes($0.bytes))"
    }
    return told.isEmpty ? "nothing lies here" : told.joined(separator: " · ")
  }

  private static func room(_ listing: StoreListing) -> String {
    let used = Figures.bytes(listing.workspaceBytes)
    guard let capacity = listing.capacityBytes else { return "workspace \(used), no limit" }
    return "workspace \(used) of \(Figures.bytes(capacity))"
  }

  private static func counted(_ count: Int) -> String {
    "\(count) \(count == 1 ? "entry" : "entries")"
  }

  private static func pad(_ text: SafeText, to width: Int) -> String {
    text.string + String(repeating: " ", count: max(0, width - text.columns))
  }

  private static func lead(_ text: SafeText, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.columns)) + text.string
  }
}
