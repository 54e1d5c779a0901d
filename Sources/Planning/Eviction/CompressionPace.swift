/// How fast artifacts are compressed and brought back, in bytes of the whole a second.
///
/// Measured on one of two busy cores (AMD EPYC, ext4), as `Workspace.compress` and `expand` do it: 149 MB
/// of source text, which comes to 47 MB, at 107 to 125 MB/s there and 230 to 425 MB/s back. What cannot
/// be compressed goes ten times as fast, and is not planned.
package enum CompressionPace {
  /// Zstd at level 1, and the proof of what came out.
  package static let compressedPerSecond = 120e6
  /// Unpacked, written and proved.
  package static let expandedPerSecond = 400e6
}
