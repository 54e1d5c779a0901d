package import Execution
package import Foundation
import Model

/// The checksum of all artifacts but one, computed inside the pages of that one.
package struct StoreLoan: Sendable {
  /// Why no artifact is lent.
  struct Refusal: Error, CustomStringConvertible {
    var description: String
  }

  /// Whose pages are lent, and what is read meanwhile.
  struct Offer: Sendable {
    var lent: StoreRow
    var key: RunState.ArtifactKey
    var place: ArtifactPlace
    var digest: String
    var order: LoanOrder
  }

  private let offer: Offer
  /// nil when the borrower failed.
  package private(set) var result: LoanResult?
  /// It was given back, and proved by its digest.
  package private(set) var isRestored = false
  /// What went wrong, in words.
  package private(set) var problems: [String] = []

  init(_ offer: Offer) { self.offer = offer }

  package var lent: StoreRow { offer.lent }
  /// Artifacts that the checksum is of.
  package var count: Int { offer.order.pieces.count }
  /// The checksum is that of plain evaluation.
  package var isEqual: Bool { result.map { $0.checksum == $0.plainChecksum } ?? false }
  package var isExact: Bool { isRestored && isEqual && problems.isEmpty }
}

extension StoreLoan.Offer {
  /// Chooses the largest that can be had again and is large enough.
  ///
  /// - Parameters:
  ///   - rows: Artifacts in the workspace that are what was sealed.
  ///   - copies: Those with a sound copy on the spill file system.
  ///   - state: Of their run.
  ///   - layout: Where they lie.
  /// - Throws: `StoreLoan.Refusal` where there is none.
  init(
    _ rows: [StoreRow], copies: Set<RunState.ArtifactKey>, _ state: RunState,
    layout: WorkspaceLayout
  ) throws(StoreLoan.Refusal) {
    guard rows.count > 1 else {
      throw StoreLoan.Refusal(description: "there is no second artifact that could be checked")
    }
    let sorted = rows.compactMap { row in row.key.map { (row, $0) } }.sorted {
      ($0.1.task, $0.1.name) < ($1.1.task, $1.1.name)
    }
    let owned = sorted.filter { _, key in
      let task = state.graph[key.task]
      let canBeHad = task.isRecomputable || copies.contains(key) && state.spilled[key] != nil
      return canBeHad && task.keep != true && state.artifacts[key] != nil
    }
    let chosen = owned.sorted { $0.0.bytes > $1.0.bytes }.first {
      layout.isLendable(Self.place($0.1, state), bytes: LoanKernel.borrowedBytes)
    }
    guard let (row, key) = chosen, let digest = row.digest else {
      throw StoreLoan.Refusal(
        description: "no artifact can be lent: one of a `pure` task, or with a spilled copy, and "
          + "with a file of \(ByteText.words(Int64(LoanKernel.borrowedBytes))) without holes is needed"
      )
    }
    let pieces = sorted.filter { $0.1 != key }.map { row, key in
      LoanOrder.Piece(place: Self.place(key, state).path, digest: row.digest ?? "")
    }
    self.init(
      lent: row, key: key, place: Self.place(key, state), digest: digest,
      order: LoanOrder(
        root: layout.root,
        lent: LoanOrder.Piece(place: Self.place(key, state).path, digest: digest),
        pieces: pieces, seed: LoanOrder.seed))
  }

  private static func place(_ key: RunState.ArtifactKey, _ state: RunState) -> ArtifactPlace {
    ArtifactPlace(
      run: state.run, task: key.task, name: state.graph[key.task].name, artifact: key.name)
  }
}

extension StoreLoan {
  /// For people, in the journal.
  private static let borrower = "workspace verify"

  /// The intent is durable before the first write, and the artifact is digested before anything else
  /// reads it.
  mutating func carryOut(_ keeper: ProjectKeeper, _ record: inout StoreRecord) throws {
    try record.append([
      .artifactLent(
        Fact.ArtifactLent(
          task: offer.key.task, artifact: offer.key.name,
          bytes: Int64(LoanKernel.borrowedBytes), digest: offer.digest, borrower: Self.borrower))
    ])
    let lender = Lender(keeper.lock, environment: RunSession.environment())
    do { result = try lender.carryOut(offer.order) } catch { problems.append(error.description) }
    let failed = record.last?.state.loans.failed
    let lines = try record.settleLoan(of: offer.key)
    isRestored = record.last?.state.loans.failed == failed
    if !isRestored { problems += lines }
  }

  /// The borrower's side: reads an order, carries it out, and returns its answer.
  ///
  /// - Parameters:
  ///   - orders: A descriptor to read the order from.
  ///   - lock: One of the project's lock.
  /// - Returns: A line of JSON.
  /// - Throws: `ProjectProblem` (`usage`) for what is no order, `WorkspaceProblem`.
  package static func serve(orders: Int32, lock: Int32) throws -> Data {
    let bytes = BorrowerProcess.readAll(orders, limit: LoanOrder.maximumBytes)
    guard let order = try? JSONDecoder().decode(LoanOrder.self, from: Data(bytes)) else {
      throw ProjectProblem(
        .usage, "this is for Cairn itself; `cairn workspace verify --lend` lends")
    }
    return try JSONEncoder().encode(try LoanKernel.carryOut(order, holding: lock))
  }
}
