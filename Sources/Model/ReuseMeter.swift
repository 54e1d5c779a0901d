/// Footprint, its high water, and how many of the requested bytes were used before.
///
/// asked = allocated bytes of an artifact or a slot at its largest; fresh = the rise of the
/// footprint's high water while it grew; lent = what a dormant artifact gave for a while; recycled =
/// asked − fresh − lent. ρ = (recycled + lent) / asked, summed over the run; ρmax = 1 − peak / asked is
/// the best that the executed schedule allows without loans, and η = ρ / ρmax.
package struct ReuseMeter: Sendable, Equatable, Codable {
  package private(set) var footprintBytes: Int64 = 0
  package private(set) var peakBytes: Int64 = 0
  package private(set) var askedBytes: Int64 = 0
  package private(set) var freshBytes: Int64 = 0
  /// nil is none, as in checkpoints of journals before loans.
  private var lent: Int64?

  package init() {}

  package var lentBytes: Int64 { lent ?? 0 }
  package var recycledBytes: Int64 { askedBytes - freshBytes - lentBytes }

  /// ρ, 0 to 1; nil while nothing was asked for.
  package var factor: Double? {
    askedBytes == 0 ? nil : Double(askedBytes - freshBytes) / Double(askedBytes)
  }

  /// ρmax, 0 to 1; nil while nothing was asked for.
  package var bestFactor: Double? {
    let own = askedBytes - lentBytes
    return own == 0 ? nil : Double(own - peakBytes) / Double(own)
  }

  /// Bytes that a growth by `bytes` would add to the high water now.
  package func freshBytes(growingBy bytes: Int64) -> Int64 {
    max(0, footprintBytes + bytes - peakBytes)
  }

  /// An artifact came to lie in the workspace.
  package mutating func grow(_ bytes: Int64) {
    ask(bytes)
    footprintBytes += bytes
  }

  /// What lies there has come from one size to another; what it shrank by was asked for all the same.
  package mutating func grow(to bytes: Int64, from before: Int64) {
    if bytes < before { free(before - bytes) } else { grow(bytes - before) }
  }

  /// An artifact left the workspace.
  package mutating func free(_ bytes: Int64) {
    footprintBytes -= bytes
  }

  /// A slot that had grown to `scratch` bytes was emptied.
  package mutating func release(scratch: Int64) {
    ask(scratch)
  }

  /// Bytes were asked for that lie there already, in the footprint.
  package mutating func find(_ bytes: Int64) { askedBytes += bytes }

  /// Bytes were asked for, and served by those of a dormant artifact.
  package mutating func lend(_ bytes: Int64) {
    askedBytes += bytes
    lent = lentBytes + bytes
  }

  private mutating func ask(_ bytes: Int64) {
    freshBytes += freshBytes(growingBy: bytes)
    askedBytes += bytes
    peakBytes = max(peakBytes, footprintBytes + bytes)
  }
}
