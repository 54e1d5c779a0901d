import Execution
import Model
import Planning

/// Whether the workspace holds what the last run's facts say, and nothing else.
///
/// Sizes are compared, not contents, but of an artifact whose size is another: some file systems move
/// blocks about after a file was written, and then its digest decides.
struct DoctorStore {
  /// While a Cairn lives, something may be between the disk and the journal in every look.
  private static let looks = 4
  private static let pauseSeconds = 0.2
  /// Complaints told before "and n more".
  private static let told = 3

  private let location: ProjectLocation
  private let bytes: (Int64) -> String

  init(_ location: ProjectLocation, bytes: @escaping (Int64) -> String) {
    self.location = location
    self.bytes = bytes
  }

  func diagnosis() -> Diagnosis {
    let layout = WorkspaceLayout(root: location.root)
    do {
      var listing = try StoreListing.take(location)
      var found = complaints(listing)
      for _ in 1..<Self.looks where !found.isEmpty && ProjectLock.owner(of: layout) != nil {
        SystemClock.pause(seconds: Self.pauseSeconds)
        listing = try StoreListing.take(location)
        let again = Set(complaints(listing))
        found = found.filter(again.contains)
      }
      return found.isEmpty ? sound(listing, layout) : unsound(found)
    } catch {
      return .warning(
        .project, "artifacts", "cannot be looked at: \(error)", do: "give back the rights to it")
    }
  }

  private func unsound(_ found: [String]) -> Diagnosis {
    let more = found.count > Self.told ? " and \(found.count - Self.told) more" : ""
    return .warning(
      .project, "artifacts", found.prefix(Self.told).joined(separator: "; ") + more,
      do: "`cairn workspace` tells of each; `cairn resume` makes again what is gone and needed, "
        + "`cairn workspace prune` lets go of the rest")
  }

  private func sound(_ listing: StoreListing, _ layout: WorkspaceLayout) -> Diagnosis {
    let sealed = listing.rows.filter { $0.state == .sealed && $0.run == listing.last?.run }
    let count = "\(sealed.count) artifact\(sealed.count == 1 ? "" : "s")"
    let size = bytes(sealed.reduce(0) { $0 + $1.bytes })
    let run = listing.last.map { " of run \($0.run)" } ?? ""
    return .fine(
      .project, "artifacts",
      sealed.isEmpty ? "none\(run) lies here" : "\(count)\(run), \(size), as the journal says")
  }
}

extension DoctorStore {
  /// One clause each, of everything but what is merely half done: another line tells of that.
  private func complaints(_ listing: StoreListing) -> [String] {
    listing.rows.compactMap { complaint($0, listing) } + sum(listing)
  }

  private func complaint(_ row: StoreRow, _ listing: StoreListing) -> String? {
    let isLast = row.run == listing.last?.run
    switch row.state {
    case .missing: return "\(row.label) of run \(row.run ?? 0) is gone"
    case .unknown: return "\(row.label): \(row.why)"
    case .leftover: return row.artifact == nil ? nil : "\(row.label): \(row.why)"
    // What is in it is proved when it is expanded.
    case .leased, .warm, .compressed: return nil
    case .sealed, .spilled:
      guard isLast, let key = row.key, let known = known(key, listing), row.problem == nil else {
        return nil
      }
      // A copy on another file system takes other blocks.
      let isSame = row.state == .spilled || row.bytes == known.bytes
      guard !isSame || row.files != known.files else { return nil }
      guard !isUnchanged(row, known) else { return nil }
      return "\(row.label) is not what was sealed: it has \(bytes(row.bytes)) in "
        + "\(row.files ?? 0) files, and had \(bytes(known.bytes)) in \(known.files)"
    }
  }

  private func known(_ key: RunState.ArtifactKey, _ listing: StoreListing) -> RunState.Artifact? {
    listing.last?.artifacts[key] ?? listing.last?.spilled[key]
  }

  private func isUnchanged(_ row: StoreRow, _ known: RunState.Artifact) -> Bool {
    row.files == known.files && row.entry?.digest() == known.digest
  }

  /// The states together hold what one walk over everything measures; files with names in two
  /// artifacts make it less.
  private func sum(_ listing: StoreListing) -> [String] {
    let isKnown = listing.problems.isEmpty && listing.rows.allSatisfy { $0.problem == nil }
    guard isKnown, !listing.runs.isAlive,
      let walked = WorkspaceLayout(root: location.root).measuredBytes()
    else { return [] }
    let told = listing.workspaceBytes + listing.folderBytes
    guard walked > told else { return [] }
    return ["\(bytes(walked - told)) of the workspace belong to nothing that is known"]
  }
}
