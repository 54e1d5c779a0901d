/// Which steps a move takes where.
extension LocalSearch {
  /// Takes the producer behind the peak.
  mutating func delay(_ artifact: Int, _ peak: Int) -> Bool {
    let producer = Int(flow.producer[artifact])
    let start = Int(position[producer])
    var end = peak + 1
    if start == peak || random.next() & 1 == 0 { end = firstSuccessor(producer, behind: peak) }
    guard end - start > 1, end - start <= longestWindow else { return false }
    collectSuccessors(of: producer, before: end)
    guard start == peak || stepTurn[Int(order[peak])] != turn else { return false }
    return settle(start..<end, movedFirst: false)
  }

  func firstSuccessor(_ step: Int, behind peak: Int) -> Int {
    var first = flow.count
    for index in flow.successors.range(step) {
      let place = Int(position[Int(flow.successors.items[index])])
      if place > peak { first = min(first, place) }
    }
    return first
  }

  mutating func collectSuccessors(of step: Int, before end: Int) {
    mark(Int32(step))
    var next = 0
    while next < moved.count {
      let row = flow.successors.range(Int(moved[next]))
      for index in row where position[Int(flow.successors.items[index])] < end {
        mark(flow.successors.items[index])
      }
      next += 1
    }
  }

  mutating func mark(_ step: Int32) {
    guard stepTurn[Int(step)] != turn else { return }
    stepTurn[Int(step)] = turn
    moved.append(step)
  }

  /// Takes who still needs the artifact, one or all, before the peak.
  mutating func advance(_ artifact: Int, _ peak: Int) -> Bool {
    let takers = flow.consumers.range(artifact)
    if random.next() & 1 == 0 {
      let taker = flow.consumers.items[Int.random(in: takers, using: &random)]
      if position[Int(taker)] >= peak { mark(taker) }
    } else {
      for index in takers where position[Int(flow.consumers.items[index])] >= peak {
        mark(flow.consumers.items[index])
      }
    }
    guard !moved.isEmpty else { return false }
    var start = peak
    if random.next() & 1 == 0 { start = lastPredecessor(before: peak) + 1 }
    collectPredecessors(from: start)
    let holdsPeak = stepTurn[Int(order[peak])] == turn
    guard !holdsPeak || start < peak else { return false }
    var end = peak
    for step in moved { end = max(end, Int(position[Int(step)]) + 1) }
    guard end - start <= longestWindow, moved.count < end - start else { return false }
    return settle(start..<end, movedFirst: true)
  }

  /// The last position before the peak of what the moved steps need.
  func lastPredecessor(before peak: Int) -> Int {
    var last = -1
    for step in moved {
      for index in flow.predecessors.range(Int(step)) {
        let place = Int(position[Int(flow.predecessors.items[index])])
        if place < peak { last = max(last, place) }
      }
    }
    return last
  }

  mutating func collectPredecessors(from start: Int) {
    var next = 0
    while next < moved.count {
      let row = flow.predecessors.range(Int(moved[next]))
      for index in row where position[Int(flow.predecessors.items[index])] >= start {
        mark(flow.predecessors.items[index])
      }
      next += 1
    }
  }
}
