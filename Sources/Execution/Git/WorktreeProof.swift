/// Proves that the files of a worktree are what a commit tracks.
///
/// It goes by an index that is new, lies outside of the worktree, and knows nothing of the files: so git
/// computes the digest of each of them from what it holds now, through the filters that its attributes
/// name; of a link, that of its text. (`hash-object` alone would not do: whether ends of lines are
/// converted depends on what was committed.) Submodules are left out.
///
/// Most of the time goes into opening files; a large tree is therefore proved in halves, at once.
struct WorktreeProof: Sendable {
  /// Fewest bytes of a tree's listing that are worth a second process: about a thousand files.
  private static let leastForHalves = 80_000

  private let area: WorktreeArea
  private let slot: Int
  /// The new indexes, each of a part of the tree.
  private let indexes: [String]

  /// Makes the indexes; the worktree is not looked at.
  init(_ area: WorktreeArea, slot: Int, of commit: String) throws(WorkspaceProblem) {
    self.area = area
    self.slot = slot
    let listing = try area.must(
      ["ls-tree", "-r", "-z", "--full-tree", commit], slot: slot, index: area.index(slot)
    ).output
    let parts = Self.parts(of: listing)
    indexes = parts.indices.map { area.proof(slot, part: $0) }
    for (part, index) in zip(parts, indexes) { try Self.write(part, to: index, area, slot) }
  }

  private static func write(
    _ listing: ArraySlice<UInt8>, to index: String, _ area: WorktreeArea, _ slot: Int
  ) throws(WorkspaceProblem) {
    let list = index + ".list"
    for path in [index, list] { try FileTree.remove(path) }
    try FileTree.write(Array(listing), ifMissing: list)
    try area.must(["update-index", "-z", "--index-info"], slot: slot, index: index, input: list)
    try FileTree.remove(list)
  }

  /// Entries that end with a zero, cut near the middle if there are many.
  static func parts(of listing: [UInt8]) -> [ArraySlice<UInt8>] {
    guard listing.count >= leastForHalves,
      let end = listing[(listing.count / 2)...].firstIndex(of: 0), end + 1 < listing.count
    else { return [listing[...]] }
    return [listing[...end], listing[(end + 1)...]]
  }

  /// Returns what is not as the commit says; nil if all is.
  ///
  /// `first` is done before a part is looked at, while another one is.
  ///
  /// - Complexity: O(bytes of the tracked files).
  func fault(
    after first: () throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) -> String? {
    guard indexes.count > 1 else {
      try first()
      return try Self.fault(indexes[0], area, slot)
    }
    let (area, slot, indexes) = (area, slot, indexes)
    let (other, own) = OwnThread.both(
      { Result { () throws(WorkspaceProblem) in try Self.fault(indexes[1], area, slot) } },
      { () -> Result<String?, WorkspaceProblem> in
        Result { () throws(WorkspaceProblem) in
          try first()
          return try Self.fault(indexes[0], area, slot)
        }
      })
    if let fault = try own.get() { return fault }
    return try other.get()
  }

  private static func fault(
    _ index: String, _ area: WorktreeArea, _ slot: Int
  ) throws(WorkspaceProblem) -> String? {
    let reply = try area.call(["update-index", "--really-refresh"], slot: slot, index: index)
    try FileTree.remove(index)
    guard reply.code != 0 else { return nil }
    let line = reply.text.split(separator: "\n").first.map(String.init) ?? reply.complaint
    let end = ": needs update"
    return line.hasSuffix(end)
      ? "\"\(line.dropLast(end.count))\" is not as it was committed" : line
  }
}
