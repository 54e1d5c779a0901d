/// Sizes and durations as people write them.
enum Quantity {
  static let sizeExample = "a size such as 64MiB or 2GB"
  static let durationExample = "a duration such as 500ms, 30s, 10m or 1h30m"

  private static let sizeUnits: [(name: String, bytes: Int64)] = [
    ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
  ]
  private static let durationUnits: [(name: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600),
  ]
  /// Longest duration: about 31 years, so that sums stay exact.
  private static let maximumSeconds = 1e9

  enum Problem: Error {
    case notOne
    case unknownUnit(String, among: [String])
    case tooLarge
  }

  /// Returns the bytes of a size; a bare number is none, but for 0.
  static func bytes(_ text: String) throws(Problem) -> Int64 {
    let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let name = String(text.dropFirst(number.count).trimmingPrefix { $0 == " " })
    guard let value = Double(number), number.first?.isNumber == true else { throw .notOne }
    if name.isEmpty, value == 0 { return 0 }
    guard !name.isEmpty else { throw .notOne }
    guard let unit = sizeUnits.first(where: { $0.name == name }) else {
      throw .unknownUnit(name, among: sizeUnits.map(\.name))
    }
    if let whole = Int64(number) {
      let (bytes, overflow) = whole.multipliedReportingOverflow(by: unit.bytes)
      guard !overflow else { throw .tooLarge }
      return bytes
    }
    guard let bytes = Int64(exactly: (value * Double(unit.bytes)).rounded()) else {
      throw .tooLarge
    }
    return bytes
  }

  /// Returns the seconds of a duration, a sum of numbers with units; a bare number is none, but for 0.
  static func seconds(_ text: String) throws(Problem) -> Double {
    if text == "0" { return 0 }
    var rest = Substring(text)
    var sum = 0.0
    repeat {
      let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest.removeFirst(number.count)
      let name = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(name.count).trimmingPrefix { $0 == " " }
      guard let value = Double(number), number.first?.isNumber == true, !name.isEmpty else {
        throw .notOne
      }
      guard let unit = durationUnits.first(where: { $0.name == name }) else {
        throw .unknownUnit(String(name), among: durationUnits.map(\.name))
      }
      sum += value * unit.seconds
    } while !rest.isEmpty
    guard sum <= maximumSeconds else { throw .tooLarge }
    return sum
  }
}
