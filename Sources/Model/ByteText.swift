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
