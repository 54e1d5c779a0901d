import Model
import Planning
import Project

/// A plan with the numbers that people and programs are told of it.
struct PlanStudy {
  let input: PlanInput
  let limits: Planner.Budget
  let plan: Plan
  /// Holds for whatever the plan does: with spills and recomputes only the floor does.
  let bound: LowerBound
  /// What one step takes by itself; nil for a graph without tasks.
  let floor: (step: Int, bytes: Int64)?
  /// Steps of the moves that people are told of, in sequence, and the footprint during each.
  let steps: [Int]
  let footprint: [Int64]

  /// Plans.
  ///
  /// - Throws: `ProjectProblem` (`budget`) if nothing was found within the budget.
  init(_ first: PlanInput, _ limits: Planner.Budget) throws(ProjectProblem) {
    var input = first
    let plan = try Self.plan(&input, limits)
    let floor = input.plan.flow.floor
    let profile = plan.moves.flow.profile(plan.moves.order)
    bound =
      plan.hasEvictions ? LowerBound(bytes: floor?.bytes ?? 0, method: .floor) : plan.bound
    steps = plan.moves.moves.indices.filter {
      plan.task($0) != nil || plan.storeMove($0) != nil
    }
    footprint = steps.map { profile[$0] }
    self.input = input
    self.limits = limits
    self.plan = plan
    self.floor = floor
  }

  private static func plan(
    _ input: inout PlanInput, _ limits: Planner.Budget
  ) throws(ProjectProblem) -> Plan {
    while true {
      do throws(Planner.Infeasible) {
        return try Planner(limits).plan(input.plan)
      } catch {
        guard input.halveGuesses() else {
          throw ProjectProblem(.budget, BudgetText.words(error, input.graph))
        }
      }
    }
  }
}

extension PlanStudy {
  var isProvedOptimal: Bool { plan.peakBytes == bound.bytes }

  /// Peak over bound, less one; nil without bytes.
  var gap: Double? {
    bound.bytes > 0 ? Double(plan.peakBytes) / Double(bound.bytes) - 1 : nil
  }

  /// What would lie there if nothing were dropped.
  var keepAllBytes: Int64 {
    input.plan.flow.keepAllBytes + input.plan.flow.scratchBytes.reduce(0, +)
  }

  /// The peak against what keeps everything, and against √n.
  var numbers: PlanNumbers {
    PlanNumbers(
      peakBytes: plan.peakBytes, keepAllBytes: keepAllBytes, artifactCount: input.artifactCount,
      boundBytes: plan.bound.bytes, floorBytes: floor?.bytes ?? 0)
  }

  /// The task that takes `floor`; nil where it is what lies in the workspace before or behind all.
  var floorTask: TaskID? { floor.flatMap { input.plan.roles[$0.step].task } }

  /// Place among `steps` at which the footprint is largest; nil without bytes.
  var peakPlace: Int? {
    plan.peakBytes > 0 ? footprint.firstIndex(of: plan.peakBytes) : nil
  }
}

extension PlanStudy {
  /// Tasks in the sequence in which they run first.
  var order: [TaskID] {
    var seen: Set<TaskID> = []
    return steps.compactMap { plan.task($0) }.filter { seen.insert($0).inserted }
  }

  /// Tasks that run more than once, in sequence.
  var recomputed: [TaskID] {
    var counts: [TaskID: Int] = [:]
    return steps.compactMap { plan.task($0) }.filter { task in
      counts[task, default: 0] += 1
      return counts[task] == 2
    }
  }

  /// Artifacts that are written to the spill file system, in sequence.
  var spilled: [RunState.ArtifactKey] {
    steps.compactMap { step in
      guard case .spill(let key)? = plan.storeMove(step) else { return nil }
      return key
    }
  }

  /// Artifacts that are compressed, in sequence; one that is again stands there again.
  var compressed: [RunState.ArtifactKey] {
    steps.compactMap { step in
      guard case .compress(let key, _)? = plan.storeMove(step) else { return nil }
      return key
    }
  }

  /// Artifacts that leave the workspace before the end, because nobody needs them any more or because
  /// they are made again.
  var dropped: [RunState.ArtifactKey] {
    let flow = plan.graph.flow
    let spilled = Set(spilled)
    return plan.graph.keys.indices.filter { artifact in
      flow.consumers[artifact].allSatisfy { plan.graph.roles[Int($0)] != .sink }
    }.map { plan.graph.keys[$0] }.filter { !spilled.contains($0) }
  }
}

extension PlanStudy {
  /// Expected end on `limits.workers` workers; nil while nothing is known of times.
  var makespanSeconds: Double? { input.times.isKnown ? plan.makespanSeconds : nil }

  /// Sum of the expected times of the open tasks.
  var workSeconds: Double { input.plan.flow.totalSeconds }

  /// Longest path of expected times.
  ///
  /// - Complexity: O(steps + edges).
  var criticalPathSeconds: Double {
    let flow = input.plan.flow
    var ahead = flow.seconds
    for step in flow.topologicalOrder().reversed() {
      ahead[Int(step)] += flow.successors[Int(step)].reduce(0) { max($0, ahead[Int($1)]) }
    }
    return ahead.max() ?? 0
  }

  /// No schedule on `limits.workers` workers ends sooner; nil while nothing is known of times.
  var makespanBoundSeconds: Double? {
    guard input.times.isKnown else { return nil }
    return max(criticalPathSeconds, workSeconds / Double(limits.workers))
  }
}

extension PlanStudy {
  func name(_ task: TaskID) -> String { input.graph[task].name }

  /// An artifact as a `needs` would name it.
  func name(_ key: RunState.ArtifactKey) -> String { input.graph.name(of: key) }
}
