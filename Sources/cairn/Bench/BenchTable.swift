import Foundation

/// What was measured of one graph.
struct BenchTable {
  private let shape: BenchShape
  /// One row a round, by peer.
  private let rounds: [[BenchPeer: BenchPeer.Measure]]

  static func measure(_ shape: BenchShape, rounds: Int, in place: BenchFolder) throws -> BenchTable
  {
    try shape.write(to: place.path)
    let peers = BenchPeer.allCases.filter {
      $0.isInstalled && (shape.isShown || $0 != .dashboard)
    }
    let rows = try (0..<rounds).map { round in
      // Another one begins each time: what one leaves warm should not always serve the same peer.
      let turned = peers.indices.map { peers[($0 + round) % peers.count] }
      return try Dictionary(
        turned.map { ($0, try $0.measure(shape, in: place.path)) }, uniquingKeysWith: { a, _ in a })
    }
    return BenchTable(shape: shape, rounds: rows)
  }

  func lines() -> [String] {
    ["", "\(shape.title), median of \(rounds.count) rounds"]
      + BenchPeer.allCases.map(line) + promises()
  }

  private func line(_ peer: BenchPeer) -> String {
    let name = peer.name.padding(toLength: 34, withPad: " ", startingAt: 0)
    guard let seconds = Self.median(rounds.compactMap { $0[peer]?.seconds }) else {
      return "  \(name) n/a: \(peer.isInstalled ? "not run here" : "not installed")"
    }
    let ratios = ratios(peer, to: .bare).sorted()
    let cpu = Self.median(rounds.compactMap { $0[peer]?.cpuSeconds }) ?? 0
    var text = String(
      format: "  %@ %7.3f s %5.0f us/task %5.0f us cpu/task  %.3f x bare (%.3f to %.3f)", name,
      seconds, seconds / Double(shape.tasks) * 1e6, cpu / Double(shape.tasks) * 1e6,
      Self.median(ratios) ?? 1, ratios.first ?? 1, ratios.last ?? 1)
    if let whole = Self.median(rounds.compactMap { $0[peer]?.programSeconds }) {
      text += String(format: ", whole program %.3f s", whole)
    }
    return text
  }

  private func promises() -> [String] {
    var lines = [verdict("cairn / bare", ratios(.cairn, to: .bare), limit: shape.promise)]
    if shape.isShown {
      lines.append(verdict("dashboard / plain", ratios(.dashboard, to: .cairn), limit: 1.05))
    }
    return lines
  }

  private func verdict(_ name: String, _ ratios: [Double], limit: Double) -> String {
    let median = Self.median(ratios) ?? .infinity
    let word = median <= limit ? "held" : "not held"
    return String(format: "  promise %@ <= %.2f: %.3f, %@", name, limit, median, word)
  }

  /// Within a round.
  private func ratios(_ peer: BenchPeer, to other: BenchPeer) -> [Double] {
    rounds.compactMap { round in
      guard let one = round[peer]?.seconds, let two = round[other]?.seconds else { return nil }
      return one / two
    }
  }

  static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
