import CSpawn
import Glibc

/// The containment in use: made, mended and left by the launcher's thread.
///
/// Both keepers, the first process of the namespace and the guardian, read from `lifeline`, whose
/// writing end only Cairn holds: the kernel closes it however Cairn dies.
struct Enclosure {
  /// How long a keeper's own end is waited for.
  private static let partingMilliseconds: Int32 = 2000
  /// The same, where it may live on: memory may be short in truth, and starts wait behind this one.
  private static let doubtMilliseconds: Int32 = 200

  let containment: Containment
  private(set) var keeper: Keeper
  private let lifeline: Lifeline
  private var board: UnsafeMutablePointer<cairn_board>?
  private var cgroup: ControlGroup?
  /// What the guardian knows of groups of attempts.
  private var noted: String?
  private let ownPids: Int32
  private let lastAct: LastAct?
  /// Rows of the board that name no session.
  private var freeRows: [Int32] = []

  /// A process without which the promise would not hold.
  struct Keeper {
    var pid: Int32
    var pidfd: Int32
    /// Where processes are born; -1 but for the first process of a namespace.
    var pidNamespace: Int32 = -1
    var mountNamespace: Int32 = -1
  }
}

extension Enclosure {
  /// Makes the wanted containment, or the best that the machine offers.
  ///
  /// - Throws: `SpawnProblem` when none can be had.
  static func best(
    _ wanted: Containment.Kind?, _ lastAct: LastAct?
  ) throws(SpawnProblem) -> Enclosure {
    var refusals: [Containment.Refusal] = []
    for kind in wanted.map({ [$0] }) ?? Containment.Kind.allCases {
      do throws(SpawnProblem) {
        return try Enclosure(Containment(kind: kind, refusals: refusals), lastAct)
      } catch {
        refusals.append(Containment.Refusal(kind: kind, reason: error.description))
      }
    }
    let reasons = refusals.map { "\($0.kind.rawValue): \($0.reason)" }.joined(separator: "; ")
    throw SpawnProblem("cannot contain processes (\(reasons))")
  }

  private init(_ containment: Containment, _ lastAct: LastAct?) throws(SpawnProblem) {
    self.containment = containment
    self.lastAct = lastAct
    lifeline = try Lifeline()
    do throws(SpawnProblem) {
      if containment.kind == .namespace {
        ownPids = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC)
        try Self.requireReturn(to: ownPids)
        keeper = try Self.namespace(lifeline.reading, lastAct)
      } else {
        ownPids = -1
        cgroup = containment.kind == .cgroup ? try ControlGroup() : nil
        guard let board = cairn_board_open() else {
          throw SpawnProblem("cannot share memory with the guardian: \(systemReason())")
        }
        if let cgroup { cairn_board_set_cgroup(board, cgroup.path) }
        self.board = board
        freeRows = (0..<Int32(CAIRN_BOARD_SESSIONS)).reversed()
        keeper = try Self.guardian(lifeline.reading, board, lastAct)
      }
    } catch {
      if ownPids >= 0 { Glibc.close(ownPids) }
      cgroup?.remove()
      board.map { cairn_board_close($0) }
      lifeline.close()
      throw error
    }
  }

  /// Every start enters the namespace and leaves it.
  ///
  /// Root of a user namespace may make one to enter, and yet not leave it.
  private static func requireReturn(to ownPids: Int32) throws(SpawnProblem) {
    let error = cairn_namespace_return(ownPids)
    guard error == 0 else {
      throw SpawnProblem("cannot leave a pid namespace again: \(systemReason(error))")
    }
  }

  private static func namespace(
    _ lifeline: Int32, _ lastAct: LastAct?
  ) throws(SpawnProblem) -> Keeper {
    let made = cairn_namespace_open(lifeline, lastAct)
    if let step = made.step {
      throw SpawnProblem("cannot \(String(cString: step)): \(systemReason(made.error))")
    }
    return Keeper(
      pid: made.first, pidfd: made.pidfd, pidNamespace: made.pid_namespace,
      mountNamespace: made.mount_namespace)
  }

  private static func guardian(
    _ lifeline: Int32, _ board: UnsafeMutablePointer<cairn_board>, _ lastAct: LastAct?
  ) throws(SpawnProblem) -> Keeper {
    var pidfd: Int32 = -1
    let pid = cairn_guardian_open(lifeline, board, lastAct, &pidfd)
    guard pid > 0 else { throw SpawnProblem("cannot start the guardian: \(systemReason())") }
    return Keeper(pid: pid, pidfd: pidfd)
  }

  /// Starts the keeper again if it has died, after a start has met this error; false when it lives.
  ///
  /// What lived in a namespace whose first process died is dead, too.
  ///
  /// - Throws: `SpawnProblem` when there can be none.
  mutating func mend(_ epoll: Int32, after error: Int32 = 0) throws(SpawnProblem) -> Bool {
    if isDying(after: error) { awaitKeeper(Self.doubtMilliseconds) }
    guard keeper.pid < 0 || waitpid(keeper.pid, nil, WNOHANG) == keeper.pid else { return false }
    if keeper.pidfd >= 0 { cairn_watch_remove(epoll, keeper.pidfd) }
    closeKeeper()
    if let board {
      keeper = try Self.guardian(lifeline.reading, board, lastAct)
    } else {
      keeper = try Self.namespace(lifeline.reading, lastAct)
    }
    if keeper.pidfd >= 0 { cairn_watch_add(epoll, keeper.pidfd, Launcher.Mark.keeper) }
    return true
  }

  /// Whether the error may be that of a namespace whose first process is about to end.
  ///
  /// From its last signal on no process can be made there (`ENOMEM`, pid_namespaces(7)), but until the
  /// others are dead it can't be waited for.
  private func isDying(after error: Int32) -> Bool {
    error == ENOMEM && keeper.pidNamespace >= 0
  }

  private func awaitKeeper(_ milliseconds: Int32) {
    guard keeper.pidfd >= 0 else { return }
    var waiting = pollfd(fd: keeper.pidfd, events: Int16(POLLIN), revents: 0)
    poll(&waiting, 1, milliseconds)
  }

  /// Where orphans of the run are adopted; nil is Cairn itself.
  var adopter: Int32? { containment.kind == .namespace ? keeper.pid : nil }

  /// Says where the process will live.
  func place(_ request: inout cairn_launch) {
    request.pid_namespace = keeper.pidNamespace
    request.own_pid_namespace = ownPids
    request.mount_namespace = keeper.mountNamespace
    request.cgroup = cgroup?.folder ?? -1
  }

  /// Tells the guardian, if there is one, of groups whose paths begin so; once is enough.
  mutating func note(groups beginning: String?) {
    guard let board, let beginning, beginning != noted else { return }
    cairn_board_set_groups(board, beginning)
    noted = beginning
  }

  /// Tells the guardian, if there is one, of the run's token; before a start, for what that starts in
  /// turn may outlive us before it is noted.
  func note(token: @autoclosure () -> String?) {
    guard let board, let token = token() else { return }
    cairn_board_set_token(board, token)
  }

  /// Tells the guardian, if there is one, of a session; returns its row.
  mutating func note(_ process: StartedProcess) -> Int32? {
    guard let board, let row = freeRows.popLast() else { return nil }
    cairn_board_set_session(board, row, process.pid, process.startTime)
    return row
  }

  mutating func forget(_ row: Int32?) {
    guard let board, let row else { return }
    cairn_board_set_session(board, row, 0, 0)
    freeRows.append(row)
  }

  private mutating func closeKeeper() {
    for file in [keeper.pidfd, keeper.pidNamespace, keeper.mountNamespace] where file >= 0 {
      close(file)
    }
    keeper = Keeper(pid: -1, pidfd: -1)
  }

  /// Ends all that still lives in it, and the keeper.
  mutating func leave() {
    lifeline.close()
    if keeper.pid > 0 {
      awaitKeeper(Self.partingMilliseconds)
      waitpid(keeper.pid, nil, WNOHANG)
    }
    closeKeeper()
    if ownPids >= 0 { close(ownPids) }
    cgroup?.remove()
    board.map { cairn_board_close($0) }
    board = nil
  }
}
