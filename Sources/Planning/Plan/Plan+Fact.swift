package import Model

extension Fact.PlanAdopted {
  /// - Complexity: O(moves + artifacts).
  package init(_ plan: Plan) {
    self.init(
      order: plan.reference.compactMap { element in
        let step = Int(element)
        if let task = plan.task(step) { return .run(task) }
        switch plan.storeMove(step) {
        case .spill(let key): return .spill(key.task, artifact: key.name)
        case .restore(let key): return .restore(key.task, artifact: key.name)
        case .compress(let key, _): return .compress(key.task, artifact: key.name)
        case .expand(let key): return .expand(key.task, artifact: key.name)
        case nil: return nil
        }
      },
      sizes: plan.graph.keys.indices.filter { !plan.graph.isForm[$0] }.map { index in
        let key = plan.graph.keys[index]
        return Size(task: key.task, artifact: key.name, bytes: plan.graph.flow.bytes[index])
      },
      budgetBytes: plan.budgetBytes, peakBytes: plan.peakBytes, boundBytes: plan.bound.bytes,
      boundBy: plan.bound.method.rawValue, guesses: plan.graph.guesses,
      makespanSeconds: plan.makespanSeconds, workFactor: plan.moves.cost.workFactor,
      seed: plan.seed, moves: plan.movesTried)
  }
}

extension Planner.Budget {
  package init(_ budget: WorkspaceBudget, workers: Int, seed: UInt64) {
    self.init(
      bytes: budget.bytes, spillBytes: budget.spillPath == nil ? 0 : budget.spillBytes,
      workers: workers, seed: seed)
  }
}
