import Execution
package import Model
import Planning

/// What `cairn workspace prune` deletes, and what stays.
///
/// Without a name goes what can be had again or that nobody would look for here: what the next run
/// would sweep anyway, what the dead left half done, intermediates whose readers have all ended, and
/// products that lie where they were exported to. A product that was not exported is what its run was
/// for, and here is all there is of it: it goes only by its name or with `--all`, and so does what no
/// journal knows. What an unfinished task needs and what the file keeps never goes. Of what is gone
/// already the journal is told, so that it says again what is there.
package struct StorePrune: Sendable {
  package struct Choice: Sendable {
    /// Empty is everything.
    package var names: [String]
    /// Products that were not exported, and what no journal knows, too.
    package var takesAll: Bool
    package var run: Int?

    package init(names: [String] = [], takesAll: Bool = false, run: Int? = nil) {
      self.names = names
      self.takesAll = takesAll
      self.run = run
    }
  }

  /// What is deleted, or would be.
  package private(set) var going: [StoreRow]
  /// What a name or `--all` would delete.
  package private(set) var sparing: [StoreRow]
  /// Names of which nothing lies here.
  package private(set) var absent: [String] = []
  /// What could not be deleted, in words.
  package private(set) var problems: [String] = []
  /// All that lay there before.
  private let lying: [StoreRow]

  /// Freed.
  package var bytes: Int64 { going.reduce(0) { $0 + ($1.entry == nil ? 0 : $1.bytes) } }

  /// - Throws: `ProjectProblem`: a name that is unknown (`usage`), or of what must stay (`notAllowed`).
  init(_ listing: StoreListing, _ choice: Choice) throws(ProjectProblem) {
    lying = listing.rows.filter { $0.entry != nil }
    let names = StoreNames(listing)
    for name in choice.names { try names.require(name) }
    let rows = listing.rows.filter { choice.run == nil || $0.run == choice.run }
    let meant = rows.filter { row in choice.names.contains { names.means($0, row) } }
    if let held = meant.first(where: \.isHeld) {
      throw ProjectProblem(.notAllowed, "\(held.label) stays: \(held.why)")
    }
    absent = choice.names.filter { name in !meant.contains { names.means(name, $0) } }
    let subject = choice.names.isEmpty ? rows : meant
    let isAsked = choice.takesAll || !choice.names.isEmpty
    going = subject.filter { $0.hold == .none || (isAsked && $0.isSpared) }
    sparing = isAsked ? [] : subject.filter(\.isSpared)
  }
}

extension StoreRow {
  fileprivate var isSpared: Bool { hold == .product || hold == .stranger }

  fileprivate var isHeld: Bool {
    switch hold {
    case .readers, .keep, .run: true
    case .none, .product, .stranger, .absent: false
    }
  }
}

extension StorePrune {
  /// Says what would be deleted, and changes nothing.
  ///
  /// - Throws: as `prune`.
  package static func look(_ location: ProjectLocation, _ choice: Choice) throws -> StorePrune {
    try ProjectLock.requireFree(WorkspaceLayout(root: location.root))
    return try StorePrune(try StoreListing.take(location), choice)
  }

  /// Deletes, and tells the journal of what it said lies there.
  ///
  /// - Throws: `JournalProblem` (`locked` while a Cairn lives), `WorkspaceProblem`, `ProjectProblem`.
  package static func prune(
    _ location: ProjectLocation, _ choice: Choice, by actor: Actor
  ) throws -> StorePrune {
    // Where nothing has run, no lock and no journal are made; and bad names leave all as it was.
    _ = try look(location, choice)
    let keeper = try ProjectKeeper(location, sweeps: false)
    var prune = try StorePrune(try StoreListing.take(keeper), choice)
    try prune.delete(keeper, by: actor)
    return prune
  }

  private mutating func delete(_ keeper: ProjectKeeper, by actor: Actor) throws {
    var record = StoreRecord(keeper)
    let asked = going
    let removed = try record.remove(asked, at: \.entry) { gone in
      going = gone
      return facts(by: actor, keeper.last)
    }
    going = removed.gone
    problems += removed.problems
  }
}

// MARK: The journal

extension StorePrune {
  private func facts(by actor: Actor, _ last: ProjectKeeper.LastRun?) -> [Fact.Kind] {
    guard let last, going.contains(where: { $0.artifact != nil }) else { return [] }
    return [.notice(notice(by: actor))] + facts(last.history)
  }

  private func notice(by actor: Actor) -> Fact.Notice {
    let count = going.count
    return Fact.Notice(
      .workspacePruned,
      "\(actor.name): \(count) \(count == 1 ? "entry" : "entries"), \(ByteText.words(bytes))")
  }

  private func facts(_ history: RunHistory) -> [Fact.Kind] {
    let touched = Set(going.filter { $0.run == history.state.run }.compactMap(\.key))
    let paths = Set(going.map(\.path))
    let staying = lying.filter { $0.run == history.state.run && !paths.contains($0.path) }
    let inside = Set(staying.filter { $0.entry?.isSpilled == false }.compactMap(\.key))
    let copies = Set(staying.filter { $0.entry?.isSpilled == true }.compactMap(\.key))
    return touched.sorted { ($0.task, $0.name) < ($1.task, $1.name) }.flatMap {
      facts($0, history.state, isInside: inside.contains($0), hasCopy: copies.contains($0))
    }
  }

  /// What the fold has to be told now that an artifact is only where the last two say; that it is lost
  /// is the only fact which says that the copy is gone too, and that it is dropped, that nobody wants it
  /// back.
  private func facts(
    _ key: RunState.ArtifactKey, _ state: RunState, isInside: Bool, hasCopy: Bool
  ) -> [Fact.Kind] {
    let isSpilled = state.spilled[key] != nil
    guard let known = state.known(key), !isInside else { return [] }
    let gone = state.reference(key, known)
    if isSpilled, !hasCopy { return [.artifactLost(gone), .artifactDropped(gone)] }
    let wasInside = state.artifacts[key] != nil || state.compressed[key] != nil
    return wasInside ? [.artifactDropped(gone)] : []
  }
}
