package import Model

// A new plan is searched beside the run, from a snapshot. What the run needs is searched with little
// effort, and nothing that the old plan forbids begins meanwhile; what could only be better is searched
// for longer, while the plan is followed.
extension Schedule {
  /// Whether a plan is being searched without which nothing more, or nothing safe, can begin.
  var isSearching: Bool { searches.contains(.need) }

  /// Whether the time for a new plan has come.
  ///
  /// What is being spilled or restored is neither here nor there, and no plan can be made of that.
  package var isPlanDue: Bool {
    needsPlan && progress != nil && storeMoves == 0 && !isSearching && isGoingOn
  }

  /// Asks for a plan before the run ends for want of room, unless exactly what it would end with has
  /// been searched.
  ///
  /// - Complexity: O(1), or O(tasks + edges) when the run is out of room.
  mutating func lookForWayOut() {
    guard isOutOfRoom, !isSearching else { return }
    if searched.map({ !planSubject().plansLike($0) }) ?? true { needsPlan = true }
  }

  private var isGoingOn: Bool { drainReason == nil && !hasFailedFast }

  /// Begins the search whose time has come; nil if there is none.
  ///
  /// Each is told of by `adopt`.
  package mutating func beginSearch(_ budget: WorkspaceBudget) -> PlanSearch? {
    guard let progress else { return nil }
    if isPlanDue {
      needsPlan = true
      return search(.need, progress, budget)
    }
    guard canImprove, searches.isEmpty, storeMoves == 0, isGoingOn, !needsPlan else { return nil }
    canImprove = false
    return search(.improvement, progress, budget)
  }

  private mutating func search(
    _ purpose: PlanSearch.Purpose, _ progress: PlanProgress, _ budget: WorkspaceBudget
  ) -> PlanSearch {
    searches.append(purpose)
    let limits = Planner.Budget(budget, workers: options.jobs, seed: options.seed)
    return PlanSearch(
      purpose: purpose, subject: planSubject(), precedent: joined(PlanPrecedent(progress)),
      limits: limits)
  }

  private func joined(_ precedent: PlanPrecedent) -> PlanPrecedent {
    precedent.joined(by: graph, links)
  }

  /// Follows what a search found, if it still holds.
  ///
  /// Where the run has gone on since, the proposal's order and priorities are tried on what is left.
  /// Returns the plan that is followed from now on; nil if nothing has changed, and a needed plan is
  /// searched for again.
  ///
  /// - Throws: `Infeasible` if there is no plan for what is open now; the plan so far is followed on as
  ///   far as it leads.
  package mutating func adopt(
    _ proposal: PlanProposal, _ budget: WorkspaceBudget
  ) throws(Planner.Infeasible) -> Plan? {
    let search = proposal.search
    searches.removeAll { $0 == search.purpose }
    // While something is on its way to or from the spill file system a better plan has to be let go.
    guard storeMoves == 0, search.purpose == .need || !needsPlan else { return nil }
    let subject = planSubject()
    guard let plan = try plan(proposal, of: subject) else { return nil }
    follow(plan, of: subject, budgetBytes: budget.bytes, dropsEagerly: !budget.isDefault)
    canImprove = search.purpose == .need && budget.bytes < plan.graph.flow.keepAllBytes
    return plan
  }

  private mutating func plan(
    _ proposal: PlanProposal, of subject: PlanGraph.Subject
  ) throws(Planner.Infeasible) -> Plan? {
    let search = proposal.search
    if subject.plansLike(search.subject), search.purpose == .need {
      searched = subject
      needsPlan = false
      return try proposal.result.get()
    }
    guard case .success(let found) = proposal.result else { return nil }
    let plan = PlanSearch.quick(subject, following: joined(PlanPrecedent(found)), search.limits)
    guard search.purpose == .improvement else { return plan }
    guard let progress, let plan else { return nil }
    let old = PlanSearch.quick(subject, following: joined(PlanPrecedent(progress)), search.limits)
    return old.map { plan.isBetter(than: $0) } ?? true ? plan : nil
  }

  /// Searches and follows at one moment, for a run in virtual time.
  ///
  /// - Throws: `Infeasible`, as `adopt`.
  package mutating func replan(
    _ budget: WorkspaceBudget
  ) throws(Planner.Infeasible) -> Plan? {
    guard let search = beginSearch(budget) else { return nil }
    return try adopt(search.proposal(), budget)
  }
}
