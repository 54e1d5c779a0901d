import Execution
package import Model
import Planning

/// Every artifact of the last run, and its copies on the spill file system, digested.
///
/// What is not what was sealed is deleted and recorded as lost, as `StorePrune` deletes, so that a
/// resume makes it again; where a copy of it is sound the run goes on with that.
package struct StoreVerification: Sendable {
  package let run: Int
  /// What was digested.
  package private(set) var count = 0
  package private(set) var bytes: Int64 = 0
  package private(set) var seconds = 0.0
  package private(set) var damaged: [StoreRow] = []
  /// What could not be read or deleted, in words.
  package private(set) var problems: [String] = []
  /// What became of earlier loans, in lines.
  package let settled: [String]
  package private(set) var loan: StoreLoan?
  /// Why none was made though one was asked for.
  package private(set) var refusal: String?
  private var sound: [StoreRow] = []
}

extension StoreVerification {
  /// - Parameters:
  ///   - location: Of the project.
  ///   - lends: Also computes a checksum in the pages of a dormant artifact, if all are sound.
  ///   - actor: Who asks.
  /// - Returns: What was found and done.
  /// - Throws: `JournalProblem` (`locked` while a Cairn lives), `WorkspaceProblem`, `ProjectProblem`
  ///   (`missing` where nothing has run, `notAllowed` without `loans: on`).
  package static func verify(
    _ location: ProjectLocation, lends: Bool, by actor: Actor
  ) throws -> StoreVerification {
    let layout = WorkspaceLayout(root: location.root)
    try ProjectLock.requireFree(layout)
    if lends { try requireLoans(location) }
    // Where nothing has run, no lock and no journal are made.
    guard try StoreListing.take(location).last != nil else {
      throw ProjectProblem(.missing, "no run is known here; `cairn run` starts one")
    }
    let keeper = try ProjectKeeper(
      location, durability: lends ? .full : .normal, sweeps: false)
    var verification = StoreVerification(
      run: keeper.last?.number ?? 0, settled: keeper.settled)
    verification.look(try StoreListing.take(keeper), keeper.last?.state)
    var record = StoreRecord(keeper)
    try verification.delete(&record, by: actor)
    if lends { try verification.lend(keeper, &record) }
    return verification
  }

  private init(run: Int, settled: [String]) {
    self.run = run
    self.settled = settled
  }

  private static func requireLoans(_ location: ProjectLocation) throws {
    guard try !LoadedProject(location).lends else { return }
    throw ProjectProblem(
      .notAllowed,
      "\(location.displayName) does not say `loans: on`, so no artifact is lent; without --lend the "
        + "digests alone are compared")
  }

  private static let states: Set<StoreRow.State> = [.sealed, .compressed, .spilled]

  private mutating func look(_ listing: StoreListing, _ state: RunState?) {
    let clock = ContinuousClock()
    let start = clock.now
    for row in listing.rows where row.run == run && row.key != nil {
      guard Self.states.contains(row.state), let known = row.key.flatMap({ state?.known($0) }),
        let entry = row.entry
      else { continue }
      do {
        let isSound = try entry.isSound(known)
        count += 1
        bytes += row.bytes
        if isSound { sound.append(row) } else { damaged.append(row) }
      } catch { problems.append(String(describing: error)) }
    }
    seconds = (clock.now - start) / .seconds(1)
  }

  private mutating func delete(_ record: inout StoreRecord, by actor: Actor) throws {
    guard !damaged.isEmpty, let state = record.last?.state else { return }
    let inside = keys(of: .sealed).union(keys(of: .compressed))
    let copies = keys(of: .spilled)
    let removed = try record.remove(damaged, at: \.entry) { gone in
      let words = gone.map(\.label).joined(separator: ", ")
      let notice = Fact.Notice(.workspaceDamaged, "\(actor.name): \(words)")
      let lost = Set(gone.compactMap(\.key)).subtracting(inside)
      return [.notice(notice)]
        + lost.sorted { ($0.task, $0.name) < ($1.task, $1.name) }.flatMap {
          state.harm(to: $0, hasCopy: copies.contains($0))
        }
    }
    problems += removed.problems
  }

  /// Of what is sound.
  private func keys(of place: StoreRow.State) -> Set<RunState.ArtifactKey> {
    Set(sound.filter { $0.state == place }.compactMap(\.key))
  }

  private mutating func lend(_ keeper: ProjectKeeper, _ record: inout StoreRecord) throws {
    guard damaged.isEmpty, problems.isEmpty, let state = record.last?.state else { return }
    let rows = sound.filter { $0.state == .sealed }
    do throws(StoreLoan.Refusal) {
      let offer = try StoreLoan.Offer(
        rows, copies: keys(of: .spilled), state, layout: keeper.layout)
      self.loan = StoreLoan(offer)
    } catch {
      refusal = error.description
      return
    }
    try loan?.carryOut(keeper, &record)
  }
}
