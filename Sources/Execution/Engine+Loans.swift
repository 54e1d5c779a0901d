import Model
import Planning

/// The loan that is open.
struct EngineLoan: Sendable {
  let loan: StorePolicy.Loan
  let leash = BorrowerLeash()
  /// What the plan lets go meanwhile, and has to wait.
  var postponedDrops: [RunState.ArtifactKey] = []

  func holds(_ key: RunState.ArtifactKey) -> Bool {
    loan.lent == key || loan.proved.contains(key)
  }
}

// Loans within a run, where the file says `loans: on`:
//
//   due ──(nearly full, two lie still)──▶ looked ──▶ artifact.lent ──▶ borrower ──▶ artifact.returned
//                                                                          └──▶ artifact.lost, made again
//
// The intent is durable before the borrower begins, as facts are before all effects, and flushed to the
// disk besides: no loss of power brings changed pages back without it.
extension Engine {
  /// For people, in the journal.
  private static let borrower = "a proof"

  /// Decides about a loan when it is time to, with what is on the disk as far as that is known.
  func lendIfDue() {
    guard policy?.isDue(at: now) == true, loan == nil, !isLookingForLoan, hasRoom,
      !attempts.isEmpty, schedule.isSettled, let free = schedule.freeBytes,
      let budget = config.workspace
    else { return }
    let (schedule, state) = (schedule, history.state)
    let leaving = retention.dropping.union(damaged)
    let decision = policy?.decide(free: free, of: budget.bytes, at: now) {
      schedule.dormant(in: state, but: leaving)
    }
    switch decision {
    case .look(let keys)?: lookForLoan(keys)
    case .lend(let loan)?: lend(loan)
    case .nothing?, nil: break
    }
  }

  /// When a loan may be due though nothing happens; nil while nothing can come of it.
  var nextLoanSeconds: Double? {
    guard loan == nil, !attempts.isEmpty, let due = policy?.dueSeconds else { return nil }
    return due > now ? due : nil
  }

  private func known(_ key: RunState.ArtifactKey) -> KnownArtifact {
    KnownArtifact(task: graph[key.task], name: key.name, digest: history.digests[key] ?? "")
  }

  /// What lies in holes or in many small files lends no pages, which only the disk tells.
  private func lookForLoan(_ keys: [RunState.ArtifactKey]) {
    isLookingForLoan = true
    let known = keys.map { self.known($0) }
    let bytes = context.limits.loanBytes
    effects.append(
      .job(lane: EngineLanes.watching) { [artifacts, weak self] in
        let answers = zip(keys, artifacts.lendable(known, bytes: bytes))
        self?.post(.looked(Dictionary(answers, uniquingKeysWith: { first, _ in first })))
      })
  }

  func looked(_ answers: [RunState.ArtifactKey: Bool]) {
    isLookingForLoan = false
    policy?.looked(answers)
  }

  private func lend(_ loan: StorePolicy.Loan) {
    let begun = EngineLoan(loan: loan)
    self.loan = begun
    schedule.lend(loan)
    let lent = known(loan.lent)
    record(
      .artifactLent(
        Fact.ArtifactLent(
          task: loan.lent.task, artifact: loan.lent.name, bytes: Int64(context.limits.loanBytes),
          digest: lent.digest, borrower: Self.borrower, reason: loan.reason)))
    // Readers do not wait for it, but it has to be in the journal itself.
    isUrgent = true
    let request = LoanRequest(
      lent: lent, hasCopy: history.state.spilled[loan.lent] != nil,
      proved: loan.proved.map { known($0) }, provedBytes: loan.provedBytes, leash: begun.leash)
    effects.append(
      .job(lane: EngineLanes.lending) { [artifacts, store, weak self] in
        do throws(JournalProblem) {
          try store.flush()
          self?.post(.returned(artifacts.lend(request)))
        } catch {
          self?.post(.returned(LoanEnd(problem: error.description)))
        }
      })
  }

  func returned(_ end: LoanEnd) {
    guard let (loan, drops) = loan.map({ ($0.loan, $0.postponedDrops) }) else { return }
    self.loan = nil
    schedule.endLoan()
    // What was damaged before is no fault of the borrower's.
    policy?.ended(
      loan, at: now, isProved: end.problem == nil, isCounted: end.damaged.isEmpty)
    tell(end, of: loan)
    for key in end.damaged { noteDamaged(key, "is not what was sealed") }
    loseDamaged()
    // Who made it may be about to run again; that it is gone has to be told all the same.
    if history.state.lent[loan.lent] != nil { tellLost(loan.lent) }
    for key in drops { drop(key) }
  }

  private func tell(_ end: LoanEnd, of loan: StorePolicy.Loan) {
    let key = loan.lent
    var reference = Fact.ArtifactReference(
      task: key.task, artifact: key.name, bytes: history.state.artifacts[key]?.bytes ?? 0,
      digest: history.digests[key])
    switch end.lent {
    case .exact:
      reference.reason = end.problem ?? loan.outcome
      record(.artifactReturned(reference))
    case .restored(let bytes):
      reference.reason = "it was lent and not given back as it was"
      record(.artifactDropped(reference))
      record(
        .artifactRestored(
          Fact.ArtifactReference(
            task: key.task, artifact: key.name, bytes: bytes, digest: history.digests[key])))
    case .lost: noteDamaged(key, "was lent and not given back as it was")
    }
  }

  private func noteDamaged(_ key: RunState.ArtifactKey, _ words: String) {
    schedule.gone(key)
    damaged.insert(key)
    let artifact = "artifact \"\(key.name)\" of task \"\(graph[key.task].name)\""
    record(.notice(Fact.Notice(.workspaceDamaged, "\(artifact) \(words)", task: key.task)))
  }
}
