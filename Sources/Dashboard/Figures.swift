package import Model

/// Numbers as people read them, always with their unit and never wider than promised.
package enum Figures {
  /// As in `96 MiB` or `9.1 GiB`.
  package static func bytes(_ count: Int64) -> String { ByteText.words(count) }

  /// As in `96M` or `9.1G` (powers of 1024): at most four columns.
  package static func shortBytes(_ count: Int64) -> String { ByteText.short(count) }

  /// An attempt's peak of memory, marked `~` where it was sampled; nil when nothing is known of it.
  package static func peak(
    _ usage: Usage, _ words: (Int64) -> String = Figures.bytes
  ) -> String? {
    if let bytes = usage.memoryPeakBytes { return words(bytes) }
    return usage.peakResidentBytes > 0 ? "~" + words(usage.peakResidentBytes) : nil
  }

  /// As in `0:21`, `12:05`, `1:02:33` or `4d03h`.
  package static func duration(_ seconds: Double) -> String {
    let whole = seconds.isFinite ? Int(min(max(0, seconds), 1e9)) : 0
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    if hours >= 24 { return "\(hours / 24)d\(two(hours % 24))h" }
    if hours > 0 { return "\(hours):\(two(minutes)):\(two(rest))" }
    return "\(minutes):\(two(rest))"
  }

  /// One unit, as in `4s`, `12m`, `3h`.
  package static func shortDuration(_ seconds: Double) -> String {
    let whole = seconds.isFinite ? Int(min(max(0, seconds.rounded(.up)), 1e9)) : 0
    if whole < 100 { return "\(whole)s" }
    if whole < 6000 { return "\(whole / 60)m" }
    return whole < 360_000 ? "\(whole / 3600)h" : "\(whole / 86_400)d"
  }

  /// As in `63%`, rounded down; nil is `-`.
  package static func percent(_ share: Double?) -> String {
    guard let share, share.isFinite else { return "-" }
    return "\(Int((min(1, max(0, share)) * 100).rounded(.down)))%"
  }

  /// How far something lies above what cannot be undercut, rounded up, as in `3.7%`.
  package static func gap(_ share: Double) -> String {
    guard share.isFinite else { return "-" }
    let tenths = Int((min(max(0, share), 1e6) * 1000 - 1e-9).rounded(.up))
    return tenths >= 1000 || tenths % 10 == 0
      ? "\((tenths + 9) / 10)%" : "\(tenths / 10).\(tenths % 10)%"
  }

  /// As in `0.93`, rounded down: a target is not reached by rounding.
  package static func hundredths(_ value: Double) -> String {
    let hundredths = Int((min(max(value, 0), 1e6) * 100 + 1e-9).rounded(.down))
    return "\(hundredths / 100).\(two(hundredths % 100))"
  }

  /// As in `14:22:05`, for nanoseconds since 1970 and an offset east of UTC.
  package static func clock(_ wallTime: Int64, offsetSeconds: Int) -> String {
    let seconds = wallTime / 1_000_000_000 + Int64(offsetSeconds)
    let day = Int(((seconds % 86_400) + 86_400) % 86_400)
    return "\(two(day / 3600)):\(two(day / 60 % 60)):\(two(day % 60))"
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
