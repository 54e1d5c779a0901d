import Model

/// What the steps of a plan, or its moves, take of the machine while they run.
package struct StepClaims: Sendable, Equatable {
  /// All of it is free.
  let room: MachineRoom
  /// By step.
  let claims: [Claim]

  private init(room: MachineRoom, claims: [Claim]) {
    self.room = room
    self.claims = claims
  }

  /// nil where every task takes one core and nothing else, as most do.
  init?(_ roles: [PlanGraph.Role], of graph: TaskGraph, in room: MachineRoom?) {
    guard let room,
      roles.contains(where: { role in role.task.map { !room.isOneCore(graph[$0]) } ?? false })
    else { return nil }
    let claims = roles.map { role in role.task.map { room.claim(of: graph[$0]) } ?? .nothing }
    self.init(room: room, claims: claims)
  }

  /// Those of the moves, in their sequence: a spill or a restore takes no core.
  func moves(_ moves: [PlanMove]) -> StepClaims {
    StepClaims(
      room: room,
      claims: moves.map { move in
        guard case .run(let step) = move else { return .nothing }
        return claims[Int(step)]
      })
  }
}
