/// A place in a run, as a person names it.
package enum ReplayPoint: Sendable, Hashable {
  case seconds(Double)
  /// Of the whole run, 0 to 1.
  case share(Double)

  /// `total` is the length of the run, in seconds.
  package func seconds(of total: Double) -> Double {
    switch self {
    case .seconds(let seconds): seconds
    case .share(let share): share * total
    }
  }

  /// Reads `90`, `90s`, `1:30`, `1:02:03`, `5m`, `2h` or `50%`; nil for anything else.
  package init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), 0...100 ~= percent else { return nil }
      self = .share(percent / 100)
      return
    }
    guard let seconds = Self.seconds(text), seconds >= 0, seconds.isFinite else { return nil }
    self = .seconds(seconds)
  }

  private static func seconds(_ text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 1 {
      guard parts.count <= 3 else { return nil }
      return parts.reduce(Double?.some(0)) { sum, part in
        guard let sum, let value = Int(part), value >= 0 else { return nil }
        return sum * 60 + Double(value)
      }
    }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let last = text.last, let unit = units[last] else { return Double(text) }
    return Double(text.dropLast()).map { $0 * unit }
  }
}
