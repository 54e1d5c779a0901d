import Glibc
package import Model

/// A sealed artifact, and what it has to be.
package struct KnownArtifact: Sendable, Equatable {
  package var task: TaskGraph.Task
  package var name: String
  package var digest: String

  package var key: RunState.ArtifactKey { RunState.ArtifactKey(task: task.id, name: name) }
}

/// A loan of a run, which has been recorded.
package struct LoanRequest: Sendable {
  /// Whose pages are lent.
  package var lent: KnownArtifact
  /// It also lies on the spill file system.
  package var hasCopy: Bool
  /// What is proved in them.
  package var proved: [KnownArtifact]
  /// Bytes of that.
  package var provedBytes: Int64
  package var leash: BorrowerLeash
}

/// How a loan ended.
package struct LoanEnd: Sendable, Equatable {
  /// What became of the artifact that was lent.
  package enum Lent: Sendable, Equatable {
    /// It is what it was.
    case exact
    /// It was not, and its copy took its place: allocated bytes.
    case restored(Int64)
    /// It was not, and is deleted.
    case lost
  }

  package var lent = Lent.exact
  /// What was to be proved and is not what was sealed, or gone; it is deleted.
  package var damaged: [RunState.ArtifactKey] = []
  /// Why not everything is proved.
  package var problem: String?

  package init(
    lent: Lent = .exact, damaged: [RunState.ArtifactKey] = [], problem: String? = nil
  ) {
    self.lent = lent
    self.damaged = damaged
    self.problem = problem
  }
}

// A borrower is never believed: what it says is damaged is digested again before it is deleted, and what
// was lent to it in any case.
extension Workspace {
  /// Has a borrower carry out an order, within seconds and on a leash.
  package typealias Borrow =
    @Sendable (LoanOrder, Double, BorrowerLeash) throws(WorkspaceProblem) -> Void

  package func lendable(_ artifacts: [KnownArtifact], bytes: Int) -> [Bool] {
    artifacts.map { layout.isLendable(place($0), bytes: bytes) }
  }

  package func lend(_ loan: LoanRequest) -> LoanEnd {
    var end = LoanEnd()
    proofs.forget(sealed(loan.lent.task, loan.lent.name))
    do throws(WorkspaceProblem) {
      guard let borrow else { throw WorkspaceProblem("nobody borrows here") }
      try borrow(order(loan), Lender.seconds(for: loan.provedBytes), loan.leash)
    } catch {
      end.problem = error.description
      if !loan.leash.isCut { end.damaged = loan.proved.filter(discardsDamaged).map(\.key) }
    }
    end.lent = settle(loan)
    return end
  }

  private func order(_ loan: LoanRequest) -> LoanOrder {
    LoanOrder(
      root: layout.root, lent: piece(loan.lent), pieces: loan.proved.map(piece),
      seed: LoanOrder.seed)
  }

  private func piece(_ artifact: KnownArtifact) -> LoanOrder.Piece {
    LoanOrder.Piece(place: place(artifact).path, digest: artifact.digest)
  }

  private func place(_ artifact: KnownArtifact) -> ArtifactPlace {
    ArtifactPlace(
      run: run, task: artifact.task.id, name: artifact.task.name, artifact: artifact.name)
  }

  /// Deletes what is not what was sealed; what cannot be read now is left to its reader's proof.
  private func discardsDamaged(_ artifact: KnownArtifact) -> Bool {
    let path = sealed(artifact.task, artifact.name)
    guard Self.isFolder(path) else { return true }
    let found = try? Patience.carryOut { () throws(WorkspaceProblem) in
      try FileTree.digest(path).digest
    }
    guard let found, found != artifact.digest else { return false }
    proofs.forget(path)
    return (try? FileTree.discard(path)) != nil
  }

  /// Proves what was lent; what is not as it was goes, and its copy takes its place.
  private func settle(_ loan: LoanRequest) -> LoanEnd.Lent {
    let path = sealed(loan.lent.task, loan.lent.name)
    // With its rights, which a borrower that was killed leaves as they are not to be.
    let found = try? Patience.carryOut { () throws(WorkspaceProblem) in
      try FileTree.seal(path).digest
    }
    if found == loan.lent.digest {
      proofs.note(path)
      return .exact
    }
    try? FileTree.discard(path)
    guard loan.hasCopy,
      let bytes = try? restore(
        loan.lent.task, artifact: loan.lent.name, digest: loan.lent.digest)
    else { return .lost }
    return .restored(bytes)
  }
}
