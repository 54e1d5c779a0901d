import Dashboard
import Foundation

/// Numbers of a plan as people read them: fine enough to tell a peak from its bound.
enum PlanFigures {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// At most three digits, as in `1.86 GiB`, `11 MiB` or `530 B`.
  static func bytes(_ count: Int64) -> String {
    var value = Double(max(0, count))
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    var digits = String(format: value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f", value)
    if digits.contains(".") {
      while digits.last == "0" { digits.removeLast() }
      if digits.last == "." { digits.removeLast() }
    }
    return "\(digits) \(units[unit])"
  }

  /// As in `3.68%`; what is not nothing never reads as nothing.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    if share > 0, percent < 0.005 { return "<0.01%" }
    return String(format: percent == percent.rounded() ? "%.0f%%" : "%.2f%%", percent)
  }

  /// As in `4.2 s`, from a minute on as in `12:05`.
  static func duration(_ seconds: Double) -> String {
    seconds < 59.95 ? String(format: "%.1f s", seconds) : Figures.duration(seconds)
  }
}
