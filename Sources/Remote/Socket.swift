import CSocket
import Glibc

/// A Unix stream socket, non-blocking, closed with the value, and on every exec.
final class Socket: Sendable {
  let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  static let kind =
    Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    | Int32(SOCK_NONBLOCK.rawValue)

  static func make() throws(RemoteProblem) -> Socket {
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else {
      throw RemoteProblem(.system, "cannot make a socket: \(reason(errno))")
    }
    return Socket(descriptor: descriptor)
  }

  static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

extension Socket {
  enum Transfer {
    case bytes(Int)
    /// Nothing at the moment.
    case wait
    /// The peer is gone.
    case gone
  }

  func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
    while true {
      // A peer that is gone is an answer, not a signal.
      let count = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { return .bytes(count) }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .wait : .gone
    }
  }

  func read(into buffer: inout [UInt8]) -> Transfer {
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .gone }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .wait : .gone
    }
  }

  /// The user at the other end, as the kernel noted when the connection was made.
  var peer: (user: uid_t, pid: pid_t)? {
    var user = uid_t()
    var pid = pid_t()
    guard cairn_socket_peer(descriptor, &user, &pid) == 0 else { return nil }
    return (user, pid)
  }

  /// Calls bind(2) or connect(2) with the address of a path; nil for a path that is too long.
  func withAddress(
    _ path: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32? {
    let bytes = Array(path.utf8)
    guard bytes.count <= SocketPlace.maximumPathBytes, !bytes.contains(0) else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// Wakes a thread that sleeps in poll(2).
struct Wakeup: Sendable {
  let descriptor: Int32

  init() throws(RemoteProblem) {
    descriptor = cairn_socket_bell()
    guard descriptor >= 0 else {
      throw RemoteProblem(.system, "cannot make an event descriptor: \(Socket.reason(errno))")
    }
  }

  func ring() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  func silence() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  func end() { close(descriptor) }
}

/// Threads of our own: what blocks must not take up Swift's pool.
enum OwnThread {
  /// Runs the body on a thread that takes no signals; it is to be joined unless detached.
  static func start(
    _ name: String, isDetached: Bool = false, _ body: @escaping @Sendable () -> Void
  ) throws(RemoteProblem) -> pthread_t {
    let box = Unmanaged.passRetained(Body(name, body))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS] {
      sigdelset(&all, fault)
    }
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { box in
        guard let box else { return nil }
        Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw RemoteProblem(.system, "cannot start a thread: \(Socket.reason(code))")
    }
    if isDetached { pthread_detach(thread) }
    return thread
  }

  private final class Body: Sendable {
    private let name: String
    private let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }

    func run() {
      cairn_socket_name_thread(name)
      body()
    }
  }
}
