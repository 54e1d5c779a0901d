/// Changes to a sequence of moves, made all at once.
struct MoveEdits {
  private let moves: [PlanMove]
  private var removed: [Bool]
  private var before: [[PlanMove]]
  private var behind: [[PlanMove]]
  private(set) var isEmpty = true

  init(_ moves: [PlanMove]) {
    self.moves = moves
    removed = Array(repeating: false, count: moves.count)
    before = Array(repeating: [], count: moves.count)
    behind = before
  }

  mutating func insert(_ added: [PlanMove], before place: Int) {
    before[place] += added
    isEmpty = false
  }

  mutating func insert(_ added: PlanMove, behind place: Int) {
    behind[place].append(added)
    isEmpty = false
  }

  mutating func remove(_ place: Int) {
    removed[place] = true
    isEmpty = false
  }

  func applied() -> [PlanMove] {
    var result: [PlanMove] = []
    result.reserveCapacity(moves.count)
    for (place, move) in moves.enumerated() {
      result += before[place]
      if !removed[place] { result.append(move) }
      result += behind[place]
    }
    return result
  }
}
