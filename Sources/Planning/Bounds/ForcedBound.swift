/// LB1: what lies in the workspace while a step runs, whatever the order.
///
/// Proof: if the producer of an artifact is the step or precedes it in every order, and one of its
/// takers is the step or follows it in every order, then the artifact lies there while the step runs.
/// Artifacts count each for itself, so a sum over only some of them bounds, too.
struct ForcedBound {
  /// Steps up to which the tables of bits are worth their memory: 2 · 32 MiB.
  static let stepLimit = 16_384
  /// Pairs of artifact and step that are summed up, the largest artifacts first.
  static let pairLimit = 50_000_000

  /// Bytes by step, its scratch included.
  private(set) var bytes: [Int64]
  private var mask: [UInt64]
  private var pairs = 0

  /// - Complexity: O(uses · steps / 64 + pairs of artifact and step).
  init(_ flow: Dataflow, _ precedence: Precedence) {
    bytes = flow.scratchBytes
    mask = Array(repeating: 0, count: precedence.words)
    let artifacts = (0..<flow.artifactCount).sorted {
      (flow.bytes[$1], $0) < (flow.bytes[$0], $1)
    }
    for artifact in artifacts where pairs < Self.pairLimit {
      takeMask(of: artifact, flow, precedence)
      add(flow.bytes[artifact])
    }
  }

  /// Steps between the producer and a taker, both included.
  private mutating func takeMask(of artifact: Int, _ flow: Dataflow, _ precedence: Precedence) {
    let words = precedence.words
    for word in 0..<words { mask[word] = 0 }
    for taker in flow.consumers[artifact].lazy.map({ Int($0) }) {
      for word in 0..<words { mask[word] |= precedence.before[taker * words + word] }
    }
    let producer = Int(flow.producer[artifact])
    for word in 0..<words { mask[word] &= precedence.behind[producer * words + word] }
  }

  private mutating func add(_ size: Int64) {
    for word in mask.indices {
      var rest = mask[word]
      while rest != 0 {
        bytes[word << 6 + rest.trailingZeroBitCount] += size
        rest &= rest - 1
        pairs += 1
      }
    }
  }
}
