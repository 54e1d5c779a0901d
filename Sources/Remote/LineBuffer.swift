/// Bytes that came, cut into lines.
///
/// - Complexity: O(bytes) over a connection's life: no byte is looked at twice.
struct LineBuffer {
  /// Longest line, without its end.
  let limit: Int
  private var bytes: [UInt8] = []
  /// Bytes in front of this were looked at and hold no line's end.
  private var searched = 0

  init(limit: Int) { self.limit = limit }

  enum Problem: Error { case tooLong }

  /// Takes bytes in and returns the lines that they complete.
  mutating func take(_ new: some Collection<UInt8>) throws(Problem) -> [[UInt8]] {
    bytes.append(contentsOf: new)
    var lines: [[UInt8]] = []
    var start = 0
    while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      guard end - start <= limit else { throw .tooLong }
      lines.append(Array(bytes[start..<end]))
      start = end + 1
      searched = start
    }
    bytes.removeFirst(start)
    searched = bytes.count
    guard bytes.count <= limit else { throw .tooLong }
    return lines
  }
}

/// Bytes that wait to be written.
struct Outbox {
  private var bytes: [UInt8] = []
  private var written = 0

  var count: Int { bytes.count - written }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ new: some Collection<UInt8>) {
    // What was written is forgotten in large steps, so that moving the rest costs O(1) a byte.
    if written > 65_536, written * 2 > bytes.count {
      bytes.removeFirst(written)
      written = 0
    }
    bytes.append(contentsOf: new)
  }

  /// Writes what the socket takes now; false once the peer is gone.
  mutating func flush(to socket: Socket) -> Bool {
    while !isEmpty {
      switch socket.write(bytes[written...]) {
      case .bytes(let count): written += count
      case .wait: return true
      case .gone: return false
      }
    }
    bytes = []
    written = 0
    return true
  }
}
