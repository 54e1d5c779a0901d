import Canvas
import Glibc

/// A real tty with nobody but the test at its other end.
final class PseudoTerminal {
  let master: Int32
  let device: Int32

  init(_ size: Size = Size(columns: 80, rows: 24)) {
    var ends: (Int32, Int32) = (-1, -1)
    precondition(openpty(&ends.0, &ends.1, nil, nil, nil) == 0, "no pseudo terminal")
    master = ends.0
    device = ends.1
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    resize(to: size)
  }

  deinit {
    hangUp()
    close(device)
  }

  private var isHungUp = false

  func hangUp() {
    guard !isHungUp else { return }
    isHungUp = true
    close(master)
  }

  func resize(to size: Size) {
    var window = winsize(
      ws_row: UInt16(size.rows), ws_col: UInt16(size.columns), ws_xpixel: 0, ws_ypixel: 0)
    precondition(ioctl(device, UInt(TIOCSWINSZ), &window) == 0, "no size for the pseudo terminal")
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    precondition(write(master, bytes, bytes.count) == bytes.count, "the pseudo terminal is full")
  }

  /// What has come out until now.
  func read() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(master, &buffer, buffer.count)
      guard count > 0 else { return all }
      all += buffer[..<count]
    }
  }

  /// All of the modes, as `stty -a` would print them.
  var modes: [UInt32] {
    var now = termios()
    precondition(tcgetattr(device, &now) == 0, "no modes")
    let keys = withUnsafeBytes(of: now.c_cc) { $0.map { UInt32($0) } }
    return [now.c_iflag, now.c_oflag, now.c_cflag, now.c_lflag] + keys
  }
}
