/// Numbers of bytes as people read and type them; units are powers of 1024.
package enum ByteText {
  private static let units: [(name: String, letter: String)] = [
    ("B", "B"), ("KiB", "K"), ("MiB", "M"), ("GiB", "G"), ("TiB", "T"), ("PiB", "P"), ("EiB", "E"),
  ]

  /// As in `96 MiB` or `9.1 GiB`.
  package static func words(_ count: Int64) -> String {
    let (digits, unit) = scaled(count)
    return "\(digits) \(units[unit].name)"
  }

  /// As in `96M` or `9.1G`: at most four columns.
  package static func short(_ count: Int64) -> String {
    let (digits, unit) = scaled(count)
    return digits + units[unit].letter
  }

  /// A size of at least so many bytes as the command line and the task file take it, rounded up to
  /// what is easily typed, as in `15MiB` or `9.6GiB`.
  package static func typed(atLeast count: Int64) -> String {
    var unit = 0
    var scale: Int64 = 1
    while unit < typedUnits - 1, count > 999 * scale {
      unit += 1
      scale *= 1024
    }
    let (whole, rest) = max(0, count).quotientAndRemainder(dividingBy: scale)
    let name = units[unit].name
    if rest == 0 || whole >= 10 { return "\(whole + (rest > 0 ? 1 : 0))\(name)" }
    let tenths = (rest * 10 + scale - 1) / scale
    return tenths == 10 ? "\(whole + 1)\(name)" : "\(whole).\(tenths)\(name)"
  }

  /// Up to TiB: nobody may type larger units.
  private static let typedUnits = 5

  private static func scaled(_ count: Int64) -> (String, Int) {
    var value = Double(max(0, count))
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    guard unit > 0, value < 9.95 else { return (String(Int(value.rounded())), unit) }
    let tenths = Int((value * 10).rounded())
    return (tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)", unit)
  }
}
