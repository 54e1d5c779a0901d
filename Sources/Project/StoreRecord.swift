import Execution
import Model
import Planning

/// Tells the journal what became of artifacts, for whoever holds the project while nothing runs.
///
/// Facts are appended to the last run alone: it is the only one that can be resumed, and what a run
/// sweeps of those before it has never been a fact of theirs. A run that was closed is closed again in
/// the same words, so that its last fact still tells how it ended; it stays the same session, in which
/// no time passes.
struct StoreRecord {
  private let journal: Journal
  private let layout: WorkspaceLayout
  /// The last run with the facts appended so far; nil where nothing has run.
  private(set) var last: ProjectKeeper.LastRun?

  init(_ journal: Journal, _ layout: WorkspaceLayout, _ last: ProjectKeeper.LastRun?) {
    self.journal = journal
    self.layout = layout
    self.last = last
  }

  init(_ keeper: ProjectKeeper) { self.init(keeper.journal, keeper.layout, keeper.last) }

  var spill: SpillPlace? { last?.state.opened?.config.workspace?.spill }

  /// Durable when it returns.
  ///
  /// - Throws: `JournalProblem`.
  mutating func append(_ kinds: [Fact.Kind]) throws(JournalProblem) {
    guard let last, !kinds.isEmpty else { return }
    let state = last.state
    let ending = state.closed.map { [Fact.Kind.runClosed($0)] } ?? []
    let wallTime = SystemClock().wallTime
    let facts = (kinds + ending).enumerated().map { index, kind in
      Fact(
        sequence: state.sequence + 1 + index, session: state.session,
        elapsedSeconds: state.elapsedSeconds, wallTime: wallTime, kind: kind)
    }
    try journal.append(facts, run: last.number)
    for fact in facts { self.last?.history.apply(fact) }
  }

  /// Deletes entries of the workspace and tells of it.
  ///
  /// Names go first, then the journal is told, then the bytes go: a death in between leaves what the
  /// journal takes for lost and has made again, never what it takes for there and is half.
  ///
  /// - Parameters:
  ///   - items: What is to go.
  ///   - entry: Where one lies; nil for what is gone already.
  ///   - facts: What is to be said of those that have lost their names.
  /// - Returns: Those that are gone, and what could not be deleted, in words.
  /// - Throws: `JournalProblem`; everything then has its name back.
  mutating func remove<Item>(
    _ items: [Item], at entry: (Item) -> StoreSurvey.Entry?, telling facts: ([Item]) -> [Fact.Kind]
  ) throws(JournalProblem) -> (gone: [Item], problems: [String]) {
    var deletion = StoreDeletion(layout, spill: spill)
    var gone: [Item] = []
    var problems: [String] = []
    for item in items {
      do {
        if let entry = entry(item) { try deletion.setAside(entry) }
        gone.append(item)
      } catch { problems.append(String(describing: error)) }
    }
    do throws(JournalProblem) { try append(facts(gone)) } catch {
      deletion.undo()
      throw error
    }
    return (gone, problems + deletion.finish())
  }
}

extension RunState {
  func reference(_ key: ArtifactKey, _ known: Artifact) -> Fact.ArtifactReference {
    Fact.ArtifactReference(
      task: key.task, artifact: key.name, bytes: known.bytes, digest: known.digest,
      recipe: self[key.task].standingAttempt?.fingerprint)
  }

  /// What the fold has to be told of an artifact that came to harm in the workspace and is deleted.
  func harm(to key: ArtifactKey, hasCopy: Bool) -> [Fact.Kind] {
    guard let known = known(key) else { return [] }
    guard spilled[key] != nil, hasCopy else { return [.artifactLost(reference(key, known))] }
    let isInside = artifacts[key] != nil || compressed[key] != nil
    return isInside ? [.artifactDropped(reference(key, known))] : []
  }
}

// MARK: Loans

extension StoreRecord {
  /// Closes the loans that a death left open, before anybody reads what was lent: it is whole, or lost.
  ///
  /// - Returns: A line for each.
  /// - Throws: `JournalProblem`.
  mutating func settleLoans() throws(JournalProblem) -> [String] {
    var lines: [String] = []
    for key in last?.state.lent.keys ?? [] { lines += try settleLoan(of: key) }
    return lines
  }

  /// Digests what was lent, and says what it found; what is not as it was is deleted.
  ///
  /// - Throws: `JournalProblem`.
  mutating func settleLoan(of key: RunState.ArtifactKey) throws(JournalProblem) -> [String] {
    guard let state = last?.state, let loan = state.lent[key],
      let known = state.known(key)
    else { return [] }
    let task = state.graph[key.task]
    let place = ArtifactPlace(run: state.run, task: task.id, name: task.name, artifact: key.name)
    let name = "\(task.name).\(key.name), which was lent to \(loan.borrower),"
    if layout.isIntact(place, digest: loan.digest) {
      try append([.artifactReturned(state.reference(key, known))])
      return ["\(name) is as it was"]
    }
    let hasCopy = spill.map { layout.holdsCopy(place, spill: $0, digest: loan.digest) } ?? false
    let removed = try remove(
      [StoreSurvey.Entry(place, in: layout)], at: { $0 },
      telling: { _ in state.harm(to: key, hasCopy: hasCopy) })
    return ["\(name) is not as it was, and deleted"] + removed.problems
  }
}
