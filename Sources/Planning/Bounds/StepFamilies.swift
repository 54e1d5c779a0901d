/// Sets of steps of which one is the first to run and one the last: where bounds branch.
///
/// Steps that look alike compete for the same bytes, whichever comes first. Names are not known here,
/// so likeness is level, degree and magnitude of bytes.
struct StepFamilies {
  /// The heaviest first, each of at least two steps, without repeats.
  private(set) var all: [[Int]] = []

  /// - Complexity: O(uses + edges + families · log families), with sorting of the steps.
  init(_ flow: Dataflow, order: [Int32], largest: Int) {
    let level = Self.levels(flow, order)
    var found: [[Int]] = []
    for detail in 1...4 { found += Self.classes(flow, level, detail: detail) }
    for artifact in 0..<flow.artifactCount {
      found.append(flow.consumers[artifact].map { Int($0) })
    }
    for step in 0..<flow.count {
      found.append(flow.predecessors[step].map { Int($0) })
      found.append(flow.successors[step].map { Int($0) })
    }
    all = Self.sorted(found.filter { (2...largest).contains($0.count) }, flow)
  }

  static func levels(_ flow: Dataflow, _ order: [Int32]) -> [Int32] {
    var level = Array(repeating: Int32(0), count: flow.count)
    for step in order {
      for next in flow.successors[Int(step)] {
        level[Int(next)] = max(level[Int(next)], level[Int(step)] + 1)
      }
    }
    return level
  }

  /// Steps of one level, then also of one in-degree, out-degree, and magnitude of bytes.
  private static func classes(_ flow: Dataflow, _ level: [Int32], detail: Int) -> [[Int]] {
    let key = (0..<flow.count).map { step in
      let bytes = flow.weight(step)
      return Array(
        [
          Int(level[step]), flow.predecessors.count(step), flow.successors.count(step),
          64 - bytes.leadingZeroBitCount,
        ].prefix(detail))
    }
    let steps = (0..<flow.count).sorted {
      key[$0] == key[$1] ? $0 < $1 : key[$0].lexicographicallyPrecedes(key[$1])
    }
    var classes: [[Int]] = []
    for (place, step) in steps.enumerated() {
      if place > 0, key[steps[place - 1]] == key[step] {
        classes[classes.count - 1].append(step)
      } else {
        classes.append([step])
      }
    }
    return classes
  }

  private static func sorted(_ families: [[Int]], _ flow: Dataflow) -> [[Int]] {
    let weight = families.map { $0.reduce(Int64(0)) { $0 + flow.weight($1) } }
    let places = families.indices.sorted { one, other in
      if weight[one] != weight[other] { return weight[one] > weight[other] }
      return families[one].lexicographicallyPrecedes(families[other])
    }
    var result: [[Int]] = []
    for place in places where families[place] != result.last { result.append(families[place]) }
    return result
  }
}

extension Dataflow {
  /// All bytes that a step touches.
  func weight(_ step: Int) -> Int64 { inBytes[step] + startBytes(step) }
}
