/// Looks at the keys of the two upper levels of a JSON text without reading it.
struct WfFormatSniff {
  private var hasVersion = false
  private var hasWorkflow = false
  /// The workflow holds what no tag of a Task Master file does.
  private var hasSections = false
  /// There are tasks where Task Master has them.
  private var hasTasks = false
  /// The key that the scan is below; nil at the top.
  private var isInWorkflow = false

  var isTrace: Bool { hasWorkflow && (hasVersion || hasSections) || hasVersion && !hasTasks }

  /// Nothing that follows can change the answer.
  private var isSettled: Bool { hasWorkflow && (hasVersion || hasSections) }

  mutating func look(at bytes: UnsafeBufferPointer<UInt8>) {
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return }
    var depth = 0
    while index < bytes.count, !isSettled {
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""):
        let start = index + 1
        index = Self.endOfString(from: start, in: bytes)
        if depth <= 2, Self.isKey(endingAt: index, in: bytes) {
          note(UnsafeBufferPointer(rebasing: bytes[start..<index]), depth: depth)
        }
      default: break
      }
      index += 1
    }
  }

  private mutating func note(_ key: UnsafeBufferPointer<UInt8>, depth: Int) {
    func isNamed(_ name: StaticString) -> Bool {
      key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
    if depth == 1 {
      isInWorkflow = isNamed("workflow")
      hasWorkflow = hasWorkflow || isInWorkflow
      hasVersion = hasVersion || isNamed("schemaVersion")
      hasTasks = hasTasks || isNamed("tasks")
    } else if isInWorkflow {
      hasSections = hasSections || isNamed("specification") || isNamed("jobs")
    } else {
      hasTasks = hasTasks || isNamed("tasks")
    }
  }

  /// Returns where the closing quotation mark stands, or the end of the text.
  private static func endOfString(
    from start: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var index = start
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index, bytes.count)
  }

  private static func isKey(endingAt end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = end + 1
    while index < bytes.count, isSpace(bytes[index]) { index += 1 }
    return index < bytes.count && bytes[index] == UInt8(ascii: ":")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }
}
