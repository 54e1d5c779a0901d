import Synchronization
import Testing

@testable import Execution

@Suite("threads of our own") struct OwnThreadTests {
  @Test("jobs of a lane are done one at a time, in their order, before the lanes are gone")
  func lanes() async {
    let count = 500
    let done = await withCheckedContinuation { continuation in
      let lanes = EngineLanes(count: 3)
      let record = Record(of: 3 * count, continuation)
      for number in 0..<3 * count {
        lanes.run(number % 3) { record.note(number) }
      }
    }
    for lane in 0..<3 {
      #expect(done[lane] == (0..<count).map { 3 * $0 + lane })
    }
  }

  /// What each lane has done; told when all is.
  private final class Record: Sendable {
    private let rows = Mutex<[[Int]]>([[], [], []])
    private let left: Atomic<Int>
    private let continuation: CheckedContinuation<[[Int]], Never>

    init(of count: Int, _ continuation: CheckedContinuation<[[Int]], Never>) {
      left = Atomic(count)
      self.continuation = continuation
    }

    func note(_ number: Int) {
      rows.withLock { $0[number % 3].append(number) }
      if left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
        continuation.resume(returning: rows.withLock { $0 })
      }
    }
  }

  @Test("two values are worked out at once")
  func both() {
    #expect(OwnThread.both({ 1 }, { "b" }) == (1, "b"))
  }
}
