/// Max-flow between many sources and many sinks on flat arrays.
///
/// Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation",
/// 1970, labelled from the sinks. Arcs come in pairs, each the way back of the other, so that an arc of
/// bytes one way and a need the other way are one pair. The last arcs can be taken away again.
struct FlowNetwork: Sendable {
  /// What a node is in one flow.
  enum Role: UInt8, Sendable { case free, source, sink }

  /// More than all bytes of any graph.
  static let unlimited = Int64.max / 4

  private struct Arc {
    var target: Int32
    var next: Int32
    var room: Int64
  }

  private var first: [Int32]
  private var arcs: [Arc] = []
  private var capacity: [Int64] = []
  /// Rooms that an earlier flow left, and what it carried.
  private var keptRoom: [Int64] = []
  private var keptFlow: Int64 = 0
  private var lastFlow: Int64 = 0
  var roles: [Role]
  /// Distance to the nearest sink while a flow is made; the nodes that reach none afterwards.
  private var distance: [Int32]
  private var current: [Int32]
  private var queue: [Int32] = []
  private var path: [Int32] = []
  /// Arcs looked at so far: what a search pays with.
  private(set) var visits = 0
  /// Visits at which a flow stops as it is; what it carries bounds the least cut from below.
  var visitLimit = Int.max
  /// Whether the last flow was made to its end.
  private(set) var isExact = false

  init(nodes: Int) {
    first = Array(repeating: -1, count: nodes)
    roles = Array(repeating: .free, count: nodes)
    distance = first
    current = first
  }

  var nodeCount: Int { first.count }
  var arcCount: Int { arcs.count / 2 }

  mutating func addArc(from source: Int, to target: Int, bytes: Int64, back: Int64 = 0) {
    arcs.append(Arc(target: Int32(target), next: first[source], room: bytes))
    first[source] = Int32(arcs.count - 1)
    arcs.append(Arc(target: Int32(source), next: first[target], room: back))
    first[target] = Int32(arcs.count - 1)
    capacity.append(bytes)
    capacity.append(back)
  }

  /// Takes away all arcs behind the first `count`.
  mutating func removeArcs(downTo count: Int) {
    while arcs.count > 2 * count {
      let back = arcs.removeLast()
      let ahead = arcs.removeLast()
      first[Int(ahead.target)] = back.next
      first[Int(back.target)] = ahead.next
      capacity.removeLast(2)
    }
  }
}

extension FlowNetwork {
  /// The bytes of the least cut between sources and sinks; any number from `enough` on if it is that
  /// large, and any number below if the visits are used up.
  ///
  /// With `goingOn` the flow that was kept goes on, which is a flow of this network, too, if its sources
  /// and sinks are among those of now and no arc was taken away since.
  ///
  /// - Complexity: O(nodes² · arcs); near linear for the networks of a plan.
  mutating func leastCut(enough: Int64, goingOn: Bool = false) -> Int64 {
    let kept = goingOn ? keptRoom.count : 0
    for arc in 0..<kept { arcs[arc].room = keptRoom[arc] }
    for arc in kept..<arcs.count { arcs[arc].room = capacity[arc] }
    visits += arcs.count / 4
    var flow = goingOn ? keptFlow : 0
    isExact = false
    while flow < enough, !isExact, visits < visitLimit {
      if label() { flow += push(upTo: enough - flow) } else { isExact = true }
    }
    lastFlow = flow
    return flow
  }

  /// Keeps the last flow to go on from.
  mutating func keepFlow() {
    keptFlow = lastFlow
    keptRoom.removeAll(keepingCapacity: true)
    for arc in arcs { keptRoom.append(arc.room) }
  }

  /// Whether a node is on the side of the sources in the largest least cut, behind `leastCut`.
  func isFinished(_ node: Int) -> Bool { distance[node] == .max }

  /// Labels nodes by their distance to a sink as far as the nearest source, which it queues last.
  private mutating func label() -> Bool {
    queue.removeAll(keepingCapacity: true)
    visits += nodeCount / 2
    for node in 0..<nodeCount {
      distance[node] = roles[node] == .sink ? 0 : .max
      current[node] = first[node]
      if roles[node] == .sink { queue.append(Int32(node)) }
    }
    path.removeAll(keepingCapacity: true)
    var next = 0
    var reached: Int32 = .max
    while next < queue.count, distance[Int(queue[next])] < reached {
      let node = Int(queue[next])
      next += 1
      var arc = first[node]
      while arc >= 0 {
        visits += 1
        let other = Int(arcs[Int(arc)].target)
        if distance[other] == .max, arcs[Int(arc ^ 1)].room > 0 {
          distance[other] = distance[node] + 1
          if roles[other] == .source { reached = distance[other] }
          queue.append(Int32(other))
        }
        arc = arcs[Int(arc)].next
      }
    }
    return reached != .max
  }

  /// Saturates every shortest way from the sources that were reached.
  private mutating func push(upTo enough: Int64) -> Int64 {
    var flow: Int64 = 0
    for start in queue.reversed() where roles[Int(start)] == .source {
      var node = Int(start)
      while flow < enough, visits < visitLimit {
        if roles[node] == .sink {
          flow += augment(from: &node)
        } else if let arc = step(from: node) {
          path.append(arc)
          node = Int(arcs[Int(arc)].target)
        } else if let arc = path.popLast() {
          distance[node] = .max - 1
          node = Int(arcs[Int(arc ^ 1)].target)
        } else {
          break
        }
      }
      if flow >= enough { break }
    }
    path.removeAll(keepingCapacity: true)
    return flow
  }

  /// The next arc that leads one closer to a sink.
  private mutating func step(from node: Int) -> Int32? {
    var arc = current[node]
    let wanted = distance[node] - 1
    while arc >= 0 {
      visits += 1
      if arcs[Int(arc)].room > 0, distance[Int(arcs[Int(arc)].target)] == wanted { break }
      arc = arcs[Int(arc)].next
    }
    current[node] = arc
    return arc < 0 ? nil : arc
  }

  /// Sends as much as the path has room for, and goes back to where it first has none left.
  private mutating func augment(from node: inout Int) -> Int64 {
    visits += path.count
    var room = Int64.max
    for arc in path { room = min(room, arcs[Int(arc)].room) }
    var kept = path.count
    for index in path.indices.reversed() {
      let arc = Int(path[index])
      arcs[arc].room -= room
      arcs[arc ^ 1].room += room
      if arcs[arc].room == 0 { kept = index }
    }
    node = Int(arcs[Int(path[kept] ^ 1)].target)
    path.removeLast(path.count - kept)
    return room
  }
}
