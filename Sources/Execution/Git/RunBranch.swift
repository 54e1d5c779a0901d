import Glibc
package import Model
import Synchronization

/// The branch of a run, in which what tasks did in their worktrees comes together.
///
/// The journal says where its tip is; the branch in the repository is brought there when a session
/// opens, and moved by nobody else. No worktree has it checked out.
package final class RunBranch: Sendable {
  /// As `cairn/3`.
  package let name: String
  /// What the log has to say before the first attempt; nil in a run that has said it.
  package let opened: Fact.BranchOpened?
  let pool: WorktreePool
  let run: Int
  private let state: Mutex<State>

  private struct State {
    var tip: String
    /// The commit that the worktree of each leased slot began with.
    var bases: [Int: String] = [:]
  }

  var area: WorktreeArea { pool.area }
  var repository: GitRepository { area.repository }
  var reference: String { "refs/heads/\(name)" }

  /// Opens the branch of a run: a new one at the commit of the user's checkout, else where `earlier`
  /// says that it was.
  ///
  /// A merge that its Cairn did not live to record is taken back.
  ///
  /// - Throws: `GitProblem` when the branch is in somebody's hands, `WorkspaceProblem`.
  package init(
    _ repository: GitRepository, layout: WorkspaceLayout, run: Int, earlier: RunState.Branch?
  ) throws {
    name = earlier?.name ?? "cairn/\(run)"
    self.run = run
    let tip = earlier?.commit ?? repository.head
    opened = earlier == nil ? Fact.BranchOpened(branch: name, commit: tip) : nil
    pool = WorktreePool(WorktreeArea(repository, layout))
    state = Mutex(State(tip: tip))
    try area.open()
    try begin(at: tip, isNew: earlier == nil)
  }

  package var tip: String { state.withLock { $0.tip } }

  private func begin(at tip: String, isNew: Bool) throws {
    if let place = try checkout() {
      throw GitProblem(
        .unusable,
        "branch \(name) is checked out in \(place): switch to another one, for it is the run's")
    }
    // Of a dead Cairn: nobody else moves this branch.
    unlink("\(repository.common)/\(reference).lock")
    let reply = try repository.call(["rev-parse", "--verify", "--quiet", reference])
    let found = reply.code == 0 ? reply.text : nil
    if let found, found != tip { try requireOurs(found, tip, isNew: isNew) }
    guard try repository.call(["cat-file", "-e", "\(tip)^{commit}"]).code == 0 else {
      throw GitProblem(
        .unusable,
        "commit \(tip.prefix(12)), to which run \(run) had come, is gone from the repository: "
          + "`cairn run --fresh` starts anew")
    }
    try move(from: found, to: tip, why: "opened")
  }

  /// Commits that are not Cairn's are never dropped.
  private func requireOurs(_ found: String, _ tip: String, isNew: Bool) throws {
    if isNew {
      let reply = try repository.call(["merge-base", "--is-ancestor", found, repository.head])
      if reply.code == 0 { return }
      throw GitProblem(
        .unusable,
        "there is a branch \(name) with commits that your checkout has not: merge it, or rename "
          + "it with `git branch -m \(name) NAME`, or delete it with `git branch -D \(name)`")
    }
    // Behind the tip that the journal knows there can be one merge that was not recorded.
    let log = try repository.call(["log", "-1", "--format=%P%n%B", found])
    let lines = log.text.split(separator: "\n").map(String.init)
    if log.code == 0, lines.first == tip, lines.contains(RunCommit.line(run: run)) { return }
    if try repository.call(["merge-base", "--is-ancestor", found, tip]).code == 0 { return }
    throw GitProblem(
      .unusable,
      "branch \(name) has commits that are not of run \(run): give them a branch of their own with "
        + "`git branch NAME \(name)` and go back with `git branch -f \(name) \(tip.prefix(12))`")
  }

  /// The worktree that has the branch checked out; nil if none has.
  func checkout() throws(WorkspaceProblem) -> String? {
    let reply = try repository.call(["worktree", "list", "--porcelain", "-z"])
    guard reply.code == 0 else { throw reply.problem }
    var place: String?
    for field in reply.fields {
      if field.hasPrefix("worktree ") { place = String(field.dropFirst("worktree ".count)) }
      if field == "branch \(reference)" { return place }
    }
    return nil
  }

  /// Moves the branch if it is still where it was; nil is nowhere.
  func move(from old: String?, to new: String, why: String) throws(WorkspaceProblem) {
    guard old != new else { return }
    let none = String(repeating: "0", count: new.utf8.count)
    let reply = try repository.call([
      "update-ref", "-m", "cairn: \(why)", reference, new, old ?? none,
    ])
    guard reply.code == 0 else {
      throw WorkspaceProblem("cannot move branch \(name): \(reply.complaint)")
    }
  }
}

extension RunBranch {
  /// Gives an attempt the worktree of its slot, at the branch's tip.
  func lease(_ place: AttemptPlace) throws(WorkspaceProblem) -> WorktreePool.Lease {
    let tip = tip
    let lease = try pool.lease(place.slot, at: tip, caches: place.task.caches)
    state.withLock { $0.bases[place.slot] = tip }
    return lease
  }

  /// The commit that the slot's worktree began with.
  func base(_ slot: Int) throws(WorkspaceProblem) -> String {
    guard let base = state.withLock({ $0.bases[slot] }) else {
      throw WorkspaceProblem("the worktree of slot \(slot) was not leased")
    }
    return base
  }

  func advance(to commit: String) { state.withLock { $0.tip = commit } }
}

extension RunBranch {
  /// Allocated bytes that a worktree at the branch's tip takes without caches, to the block.
  ///
  /// - Complexity: O(files that the commit tracks).
  package func worktreeBytes() throws(WorkspaceProblem) -> Int64 {
    let reply = try repository.call(["ls-tree", "-r", "-l", "-z", "--full-tree", tip])
    guard reply.code == 0 else { throw reply.problem }
    return reply.fields.reduce(0) { $0 + Self.allocatedBytes($1) }
  }

  private static let blockBytes: Int64 = 4096

  /// Of an entry: mode, type, object and size, and behind a tab the path.
  private static func allocatedBytes(_ entry: String) -> Int64 {
    let words = entry.prefix { $0 != "\t" }.split(separator: " ")
    guard words.count == 4, let bytes = Int64(words[3]), bytes > 0 else { return 0 }
    return bytes.advanced(by: Int(blockBytes) - 1) / blockBytes * blockBytes
  }
}
