/// One move of a plan, carried out in sequence.
///
/// A plan without evictions is one `run` a step.
package enum PlanMove: Sendable, Equatable, Hashable {
  /// A step of the dataflow; a second one of the same step is a recompute.
  case run(Int32)
  /// An artifact is written to the spill file system and leaves the workspace.
  case spill(Int32)
  /// A spilled artifact comes back; it stays on the spill file system too.
  case restore(Int32)
  /// An artifact is compressed within the workspace; nobody can read it there.
  case compress(Int32)
  /// A compressed artifact comes back, and its compressed form goes.
  case expand(Int32)
}

extension PlanMove {
  /// The moves of an order without evictions.
  package static func runs(_ order: [Int32]) -> [PlanMove] { order.map { .run($0) } }
}
