import CNcurses
import Glibc

/// A descriptor that wakes the loop from another thread.
struct Wakeup: Sendable {
  let descriptor: Int32

  init() {
    descriptor = cairn_wakeup_open()
    precondition(descriptor >= 0, "no event descriptor for the terminal (errno \(errno))")
  }

  func ring() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  func silence() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}

/// Numbers of signals on their way from the handler, which may do little more than write a byte.
struct SignalPipe: Sendable {
  let reading: Int32
  let writing: Int32

  init() {
    var ends: (Int32, Int32) = (-1, -1)
    let code = cairn_pipe_open(&ends.0, &ends.1)
    precondition(code == 0, "no pipe for signals (errno \(errno))")
    reading = ends.0
    writing = ends.1
  }

  /// Returns what has come; the same signal twice is once.
  func take() -> Set<Int32> {
    var numbers: Set<Int32> = []
    var buffer = [UInt8](repeating: 0, count: 64)
    while true {
      let count = read(reading, &buffer, buffer.count)
      guard count > 0 else { return numbers }
      numbers.formUnion(buffer[..<count].map { Int32($0) })
    }
  }
}
