import Canvas
import CNcurses
import Glibc

/// The tty as a file: what goes in and out of it, and its size.
///
/// The device is opened anew where that is possible. Only then is non-blocking mode ours alone: the
/// shell shares the description that we inherit, and would find it changed.
struct TerminalDevice: Sendable {
  let descriptor: Int32
  private let isOwn: Bool
  /// What the terminal has not taken yet of a frame; never more than that frame.
  private var pending: [UInt8] = []
  /// No reader at the other end any more.
  private(set) var isGone = false

  init(inheriting inherited: Int32) throws(TerminalProblem) {
    guard isatty(inherited) == 1 else { throw .noTerminal }
    var name = [CChar](repeating: 0, count: 256)
    var opened: Int32 = -1
    if ttyname_r(inherited, &name, name.count) == 0 {
      opened = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    }
    isOwn = opened >= 0
    descriptor = isOwn ? opened : fcntl(inherited, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0 else { throw .system(call: "open", code: errno) }
  }

  func close() { _ = Glibc.close(descriptor) }
}

extension TerminalDevice {
  var hasPendingOutput: Bool { !pending.isEmpty }

  /// The size that the kernel knows, or nil if it knows none (0×0).
  var size: Size? { Self.size(of: descriptor) }

  static func size(of descriptor: Int32) -> Size? {
    var window = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0
    else { return nil }
    return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
  }

  /// Whether the terminal takes bytes now.
  var isWritable: Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return !isGone && poll(&wait, 1, 0) == 1 && wait.revents & Int16(POLLOUT) != 0
  }

  /// Hands over a frame in one write; what is not taken waits for `flush()`.
  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    let taken = writeOnce(bytes)
    pending.append(contentsOf: bytes.dropFirst(taken))
  }

  /// Goes on with what waits.
  ///
  /// To be called when the terminal is writable.
  mutating func flush() {
    guard hasPendingOutput else { return }
    let taken = pending.withUnsafeBytes { writeOnce($0) }
    pending.removeFirst(taken)
  }

  /// Forgets what waits; the next frame must then be a whole one.
  mutating func discard() { pending = [] }

  /// Returns the bytes that have come; none if there are none at the moment or ever again.
  mutating func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count > 0 { return Array(buffer[..<count]) }
    if count == 0 || errno != EAGAIN && errno != EINTR { isGone = true }
    return []
  }

  mutating func markGone() {
    isGone = true
    pending = []
  }

  private mutating func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      if errno == EAGAIN { return 0 }
      guard errno == EINTR else {
        markGone()
        return bytes.count
      }
    }
  }
}
