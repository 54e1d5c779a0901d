import Glibc

/// The arguments and environment of one launch as `execve` takes them, in memory that is used again.
struct ArgumentBlock {
  private var bytes: [UInt8] = []
  /// Where each string begins in `bytes`.
  private var offsets: [Int] = []
  private var pointers: [UnsafeMutablePointer<CChar>?] = []
  private var argumentCount = 0

  /// Copies the strings; false when one holds a zero byte, which no system call can be given.
  mutating func fill(_ launch: Launch) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    argumentCount = launch.arguments.count
    for string in launch.arguments where !append(string) { return false }
    for string in launch.environment where !append(string) { return false }
    return true
  }

  private mutating func append(_ string: String) -> Bool {
    let start = bytes.count
    offsets.append(start)
    bytes.append(contentsOf: string.utf8)
    let isPlain = bytes.withUnsafeBytes { all in
      all.baseAddress.map { memchr($0 + start, 0, all.count - start) == nil } ?? true
    }
    bytes.append(0)
    return isPlain
  }

  /// The value of the environment's last entry of that name.
  func variable(_ name: StaticString) -> String? {
    bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return nil }
      let length = name.utf8CodeUnitCount
      for offset in offsets[argumentCount...].reversed()
      where strncmp(base + offset, name.utf8Start, length) == 0
        && all[offset + length] == UInt8(ascii: "=")
      {
        return String(cString: (base + offset + length + 1).assumingMemoryBound(to: CChar.self))
      }
      return nil
    }
  }

  /// Lends both as null-terminated arrays of C strings.
  mutating func lend<Value>(
    _ body: (
      _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
      _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>
    ) -> Value
  ) -> Value {
    let count = argumentCount
    return bytes.withUnsafeMutableBytes { all in
      pointers.removeAll(keepingCapacity: true)
      for (index, offset) in offsets.enumerated() {
        if index == count { pointers.append(nil) }
        pointers.append(all.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) })
      }
      if offsets.count == count { pointers.append(nil) }
      pointers.append(nil)
      return pointers.withUnsafeBufferPointer { lent in
        guard let base = lent.baseAddress else { preconditionFailure("two terminators were added") }
        return body(base, base + count + 1)
      }
    }
  }
}
