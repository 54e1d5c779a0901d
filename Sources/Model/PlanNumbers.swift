import RealModule

/// What a plan's peak is measured against: each number a pure function of bytes, and nil or a reason
/// where it says nothing.
///
/// n is the number of artifacts that lie in the workspace, K the sum of their bytes, and K / n their
/// mean. All numbers are the same if all bytes are scaled by one factor.
package struct PlanNumbers: Sendable, Equatable {
  /// The largest footprint of the plan or the run.
  package var peakBytes: Int64
  /// What keeping every artifact would hold: K.
  package var keepAllBytes: Int64
  /// n.
  package var artifactCount: Int
  /// The best proved bound on the peak of any order without recompute.
  package var boundBytes: Int64
  /// What the largest single task needs; holds with recompute and spill, too.
  package var floorBytes: Int64

  package init(
    peakBytes: Int64, keepAllBytes: Int64, artifactCount: Int, boundBytes: Int64, floorBytes: Int64
  ) {
    self.peakBytes = peakBytes
    self.keepAllBytes = keepAllBytes
    self.artifactCount = artifactCount
    self.boundBytes = boundBytes
    self.floorBytes = floorBytes
  }

  /// Peak / bound − 1, as a share: 0 is proved best; below 0 only with recompute or spill.
  package var gap: Double? { Self.ratio(peakBytes, boundBytes).map { $0 - 1 } }

  /// Peak / floor: 1 is the least that any method reaches.
  package var floorRatio: Double? { Self.ratio(peakBytes, floorBytes) }

  /// 1 − peak / K: the share of what keeping everything would hold that the plan does without.
  package var saving: Double? { Self.ratio(peakBytes, keepAllBytes).map { 1 - $0 } }

  /// e in peak = mean · n^e: 1 keeps all, 0.5 is √n, 0 is constant.
  package var exponent: Double? {
    guard artifactCount > 1, peakBytes > 0, let meanBytes else { return nil }
    return Double.log(Double(peakBytes) / meanBytes) / Double.log(Double(artifactCount))
  }

  private var meanBytes: Double? {
    artifactCount > 0 && keepAllBytes > 0 ? Double(keepAllBytes) / Double(artifactCount) : nil
  }

  private static func ratio(_ bytes: Int64, _ other: Int64) -> Double? {
    other > 0 ? Double(bytes) / Double(other) : nil
  }
}

extension PlanNumbers {
  /// The peak against theoretical O(√n), which is no law for graphs.
  package struct RootRatio: Sendable, Equatable {
    /// Peak / (mean · √n).
    package var value: Double
    package var verdict: Verdict
  }

  package enum Verdict: Sendable, Equatable {
    case met
    case missed
    case notApplicable(Reason)
  }

  /// Why √n says nothing of a graph.
  package enum Reason: String, Sendable, Codable, CaseIterable, CustomStringConvertible {
    case fewArtifacts
    case oneTaskAbove
    case provedUnreachable

    package var description: String {
      switch self {
      case .fewArtifacts: "under \(PlanNumbers.rootArtifacts) artifacts"
      case .oneTaskAbove: "one task alone is above the line"
      case .provedUnreachable: "proved unreachable in any order"
      }
    }
  }

  /// Artifacts from which √n is told from a constant.
  package static let rootArtifacts = 64

  /// The √n ratio with its verdict; nil if nothing lies in the workspace.
  package var rootRatio: RootRatio? {
    guard let meanBytes else { return nil }
    let line = meanBytes * Double(artifactCount).squareRoot()
    let verdict: Verdict =
      if artifactCount < Self.rootArtifacts {
        .notApplicable(.fewArtifacts)
      } else if Double(floorBytes) > line {
        .notApplicable(.oneTaskAbove)
      } else if Double(boundBytes) > line {
        .notApplicable(.provedUnreachable)
      } else {
        Double(peakBytes) <= line ? .met : .missed
      }
    return RootRatio(value: Double(peakBytes) / line, verdict: verdict)
  }
}

extension PlanNumbers {
  /// Work executed / work in the graph, in seconds: 1 means that nothing was recomputed.
  package static func workFactor(executedSeconds: Double, graphSeconds: Double) -> Double? {
    graphSeconds > 0 ? executedSeconds / graphSeconds : nil
  }
}
