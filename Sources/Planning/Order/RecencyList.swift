/// Numbers, the one touched last in front.
///
/// - Complexity: O(1) each.
struct RecencyList: Sendable {
  private(set) var first: Int32 = -1
  private var behind: [Int32]
  private var ahead: [Int32]
  private var isIn: [Bool]

  init(count: Int) {
    behind = Array(repeating: -1, count: count)
    ahead = Array(repeating: -1, count: count)
    isIn = Array(repeating: false, count: count)
  }

  /// The one touched just before, or -1.
  func next(_ item: Int32) -> Int32 { behind[Int(item)] }

  mutating func touch(_ item: Int32) {
    remove(item)
    isIn[Int(item)] = true
    behind[Int(item)] = first
    ahead[Int(item)] = -1
    if first >= 0 { ahead[Int(first)] = item }
    first = item
  }

  mutating func remove(_ item: Int32) {
    guard isIn[Int(item)] else { return }
    isIn[Int(item)] = false
    let newer = ahead[Int(item)]
    let older = behind[Int(item)]
    if newer >= 0 { behind[Int(newer)] = older } else { first = older }
    if older >= 0 { ahead[Int(older)] = newer }
  }
}
