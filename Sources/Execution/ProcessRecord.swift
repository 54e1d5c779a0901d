/// One line of `/proc/PID/stat`, as far as it is needed here.
struct ProcessRecord: Equatable {
  var pid: Int32
  /// As `R`, `S`, `T`, `Z`.
  var state: Character
  var parent: Int32
  var group: Int32
  var session: Int32
  /// User and system time of all threads, in clock ticks.
  var cpuTicks: UInt64
  /// The same of all children that have ended and were waited for.
  var endedTicks: UInt64
  var threads: Int
  /// Clock ticks since boot.
  var startTime: UInt64
  var residentPages: Int64

  var isZombie: Bool { state == "Z" || state == "X" }

  /// Parses the text of `/proc/PID/stat`.
  ///
  /// The command's name stands in parentheses and may hold anything, parentheses too, so the fields
  /// are counted from the last one.
  init?(_ text: UnsafeRawBufferPointer) {
    var head = FieldScanner(text, from: 0)
    guard let pid = head.next(), let close = text.lastIndex(of: UInt8(ascii: ")")),
      close + 2 < text.count
    else { return nil }
    var fields = FieldScanner(text, from: close + 3)
    guard let parent = fields.next(), let group = fields.next(), let session = fields.next(),
      fields.skip(7), let user = fields.next(), let system = fields.next(),
      let endedUser = fields.next(), let endedSystem = fields.next(), fields.skip(2),
      let threads = fields.next(), fields.skip(1), let startTime = fields.next(), fields.skip(1),
      let resident = fields.next()
    else { return nil }
    self.pid = Int32(truncatingIfNeeded: pid)
    state = Character(Unicode.Scalar(text[close + 2]))
    self.parent = Int32(truncatingIfNeeded: parent)
    self.group = Int32(truncatingIfNeeded: group)
    self.session = Int32(truncatingIfNeeded: session)
    cpuTicks = UInt64(max(0, user + system))
    endedTicks = UInt64(max(0, endedUser + endedSystem))
    self.threads = Int(threads)
    self.startTime = UInt64(max(0, startTime))
    residentPages = resident
  }
}

/// Reads numbers between blanks, without a string for each: `/proc` is asked for hundreds a second.
struct FieldScanner {
  private let text: UnsafeRawBufferPointer
  private var at: Int

  init(_ text: UnsafeRawBufferPointer, from start: Int) {
    self.text = text
    at = start
  }

  /// Passes over fields of any kind; false at the end of the text.
  @discardableResult
  mutating func skip(_ count: Int) -> Bool {
    for _ in 0..<count {
      skipBlanks()
      guard at < text.count else { return false }
      while at < text.count, text[at] > 0x20 { at += 1 }
    }
    return true
  }

  /// The next field if it is a number; one that no 64 bits hold counts as the largest.
  mutating func next() -> Int64? {
    skipBlanks()
    let isNegative = at < text.count && text[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let start = at
    var value: Int64 = 0
    while at < text.count, case let digit = text[at] &- UInt8(ascii: "0"), digit < 10 {
      let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
      let (sum, isFull) = tens.addingReportingOverflow(Int64(digit))
      value = isOver || isFull ? .max : sum
      at += 1
    }
    return at > start ? (isNegative ? -value : value) : nil
  }

  private mutating func skipBlanks() {
    while at < text.count, text[at] <= 0x20 { at += 1 }
  }
}
