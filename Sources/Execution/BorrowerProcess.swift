import CSpawn
import Glibc

/// This same program as a child that borrows: an artifact's pages may die of a file that shrinks, and
/// nobody else is to die with them.
///
/// Its standard input is the project's lock, so that nobody gets what is lent while it lives, and its
/// standard output a socket, over which it is told what to do. It dies with the calling thread.
package struct BorrowerProcess {
  package struct Ending: Sendable {
    /// As `waitpid` has it.
    package var status: Int32
    /// What it wrote; the end is cut at `maximumOutputBytes`.
    package var output: [UInt8]
    /// It was killed because its time was over.
    package var isLate = false

    package var isSuccess: Bool { status == 0 }
  }

  /// Longest answer.
  static let maximumOutputBytes = 1 << 20

  private let pid: Int32
  private let socket: Int32
  /// -1 where the kernel gives none.
  private let handle: Int32

  /// Gives an order and waits for the answer.
  ///
  /// - Parameters:
  ///   - arguments: Behind the program's name.
  ///   - environment: As `NAME=value`.
  ///   - order: What it can read at its standard output.
  ///   - lock: Of the project; the child holds it, too.
  ///   - seconds: How long it may take; nil is for ever.
  ///   - leash: Ends it before.
  ///   - program: This one, but for a test.
  /// - Returns: How it ended and what it said.
  /// - Throws: `WorkspaceProblem` when it cannot be started.
  package static func run(
    _ arguments: [String], environment: [String], order: [UInt8], holding lock: ProjectLock,
    within seconds: Double? = nil, on leash: BorrowerLeash = BorrowerLeash(),
    program: String = "/proc/self/exe"
  ) throws(WorkspaceProblem) -> Ending {
    let end = seconds.map { SuspendingClock().now + .seconds($0) }
    let child = try lock.lend { descriptor throws(WorkspaceProblem) in
      try BorrowerProcess(
        program, ["cairn"] + arguments, environment, lock: descriptor)
    }
    defer { child.close() }
    leash.hold(child.pid)
    if let seconds { child.limitSending(to: seconds) }
    child.send(order)
    var isLate = !child.isReadable(child.socket, until: end)
    var ending = Ending(status: 0, output: [])
    while !isLate, child.receive(&ending.output) {
      isLate = !child.isReadable(child.socket, until: end)
    }
    if !isLate, child.handle >= 0 { isLate = !child.isReadable(child.handle, until: end) }
    if isLate { kill(child.pid, SIGKILL) }
    ending.isLate = isLate
    ending.status = child.wait(on: leash)
    return ending
  }

  private init(
    _ program: String, _ arguments: [String], _ environment: [String], lock: Int32
  ) throws(WorkspaceProblem) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw WorkspaceProblem("cannot make a socket: \(systemReason())")
    }
    // Above the standard streams, as the launch wants it.
    let theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, 3)
    let held = fcntl(lock, F_DUPFD_CLOEXEC, 3)
    defer { for file in [theirs, held, ends[1]] where file >= 0 { Glibc.close(file) } }
    let started = Self.start(
      program, arguments, environment, input: held, output: theirs)
    guard started.stage == CAIRN_STAGE_NONE.rawValue else {
      Glibc.close(ends[0])
      throw WorkspaceProblem("cannot start a borrower: \(systemReason(started.error))")
    }
    handle = started.pidfd
    pid = started.pid
    socket = ends[0]
  }

  private static func start(
    _ program: String, _ arguments: [String], _ environment: [String], input: Int32,
    output: Int32
  ) -> cairn_started {
    var words = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    return words.withUnsafeMutableBufferPointer { words in
      variables.withUnsafeMutableBufferPointer { variables in
        program.withCString { program in
          "/".withCString { folder in
            var launch = cairn_launch(
              path: program, arguments: words.baseAddress, environment: variables.baseAddress,
              directory: folder, input: input, output: output, terminal: -1, pid_namespace: -1,
              own_pid_namespace: -1, mount_namespace: -1, cgroup: -1, memory_cgroup: -1,
              open_files: -1, soft_open_files: -1, file_bytes: -1, cpu_seconds: -1, ahead: 0)
            return cairn_spawn(&launch)
          }
        }
      }
    }
  }

  /// A child that died reads no more; how it ended says so.
  private func send(_ order: [UInt8]) {
    var sent = 0
    while sent < order.count {
      let count = order.withUnsafeBytes { bytes in
        bytes.baseAddress.map {
          Glibc.send(socket, $0 + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        } ?? 0
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      sent += count
    }
    shutdown(socket, Int32(SHUT_WR))
  }

  /// A child that hangs may not even take its order.
  private func limitSending(to seconds: Double) {
    var limit = timeval(tv_sec: Int(seconds.rounded(.up)), tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Waits until there is something to read; false if the time is over first.
  private func isReadable(_ file: Int32, until end: SuspendingClock.Instant?) -> Bool {
    while true {
      let left = end.map { max(0, ($0 - SuspendingClock().now) / .milliseconds(1)) }
      var question = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let answer = poll(&question, 1, left.map { Int32(min($0.rounded(.up), 1e9)) } ?? -1)
      if answer > 0 { return true }
      if answer < 0 && errno != EINTR { return true }
      if left == 0 { return false }
    }
  }

  /// Reads some of what it wrote; false at the end of that.
  private func receive(_ all: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(socket, &buffer, buffer.count)
    if count < 0 && errno == EINTR { return true }
    guard count > 0 else { return false }
    all += buffer[..<min(count, Self.maximumOutputBytes - all.count)]
    return true
  }

  private func close() {
    Glibc.close(socket)
    if handle >= 0 { Glibc.close(handle) }
  }

  /// Everything up to the end, of which `limit` bytes are kept.
  package static func readAll(_ descriptor: Int32, limit: Int) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return all }
      all += buffer[..<min(count, limit - all.count)]
    }
  }

  private func wait(on leash: BorrowerLeash) -> Int32 {
    var info = siginfo_t()
    // Leaves the zombie, which keeps the number from others.
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    leash.letGo()
    var status: Int32 = 0
    var waited = waitpid(pid, &status, 0)
    while waited < 0 && errno == EINTR { waited = waitpid(pid, &status, 0) }
    // Who does not know how it ended takes it for no success.
    return waited == pid ? status : -1
  }
}
