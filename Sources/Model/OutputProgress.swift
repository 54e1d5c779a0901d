/// How far a task says that it is, read from the end of its output.
///
/// Three ways of saying it are known, from the surest to the least sure: the terminal sequence
/// `OSC 9 ; 4` (as for the task bar of a desktop), `[n/m]` as build tools print it, and `nn%`. Once a
/// task has used one, less sure ones are not listened to: `[7/20] 100% of tests passed` is 7 of 20.
package struct OutputProgress: Sendable, Equatable, Codable {
  /// The later, the surer.
  package enum Source: Int, Sendable, Codable, CaseIterable { case percent, count, terminal }

  /// 0 to 1.
  package var share: Double
  package var source: Source
  /// Of `[n/m]`.
  package var done: Int?
  package var total: Int?

  package init(share: Double, source: Source, done: Int? = nil, total: Int? = nil) {
    self.share = share
    self.source = source
    self.done = done
    self.total = total
  }
}

extension OutputProgress {
  /// Bytes at the end of an output that are looked at.
  package static let maximumBytes = 4096

  /// Returns what stands after the newest bytes: what they say, else what was said before.
  ///
  /// A task that ends its terminal sequence says nothing from there on. `tail` is the end of an output
  /// and may hold anything; `isCut` if more lies in front of it.
  ///
  /// - Complexity: O(`maximumBytes`).
  package static func after(
    _ old: OutputProgress?, tail: some Collection<UInt8>, isCut: Bool
  ) -> OutputProgress? {
    var scan = OutputProgressScan(tail, isCut: isCut)
    scan.run()
    for source in Source.allCases.reversed() {
      if let old, source.rawValue < old.source.rawValue { return old }
      switch scan.newest[source.rawValue] {
      case .nothing: continue
      case .ended: return nil
      case .says(let progress): return progress
      }
    }
    return old
  }

  /// Seconds to go at the pace so far; nil while too little is done to tell.
  package func secondsLeft(after seconds: Double) -> Double? {
    share >= 0.02 && seconds >= 1 ? seconds * (1 - share) / share : nil
  }
}

/// One walk through the end of an output.
private struct OutputProgressScan {
  enum Reading { case nothing, ended, says(OutputProgress) }

  /// Longest number that is read, and longest terminal sequence: what is longer is not for us.
  private static let maximumDigits = 9
  private static let maximumSequence = 32

  private let bytes: [UInt8]
  private var at = 0
  /// One row a source.
  private(set) var newest = OutputProgress.Source.allCases.map { _ in Reading.nothing }

  init(_ tail: some Collection<UInt8>, isCut: Bool) {
    bytes = Array(tail.suffix(OutputProgress.maximumBytes))
    // The first word may be the end of one: its number would be made up.
    if isCut || tail.count > bytes.count { skipWord() }
  }

  mutating func run() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x1B: sequence()
      case UInt8(ascii: "["): count()
      case let byte where byte.isWord: word()
      default: at += 1
      }
    }
  }

  /// `ESC ] 9 ; 4 ; state ; percent` and a BEL or `ESC \`; other sequences are stepped over.
  private mutating func sequence() {
    let start = at + 2
    guard start <= bytes.count else { return at += 1 }
    guard bytes[at + 1] == UInt8(ascii: "]") else { return skipSequence() }
    let limit = min(bytes.count, start + Self.maximumSequence)
    guard let end = bytes[start..<limit].firstIndex(where: { $0 == 7 || $0 == 0x1B }) else {
      return at += 2
    }
    at = end + 1
    let fields = bytes[start..<end].split(
      separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
    guard fields.count >= 3, fields[0].elementsEqual("9".utf8), fields[1].elementsEqual("4".utf8)
    else { return }
    var position = fields[2].startIndex
    let state = number(&position, end: fields[2].endIndex)
    let terminal = OutputProgress.Source.terminal
    guard let state, state == 1 || state == 2 || state == 4 else {
      return newest[terminal.rawValue] = .ended
    }
    guard fields.count > 3 else { return }
    position = fields[3].startIndex
    guard let percent = number(&position, end: fields[3].endIndex), percent <= 100 else { return }
    newest[terminal.rawValue] = .says(
      OutputProgress(share: Double(percent) / 100, source: terminal))
  }

  /// Control sequences, so that the digits of a colour are not read.
  private mutating func skipSequence() {
    guard bytes[at + 1] == UInt8(ascii: "[") else { return at += 2 }
    at += 2
    while at < bytes.count, !(0x40...0x7E).contains(bytes[at]), bytes[at] != 0x1B { at += 1 }
    if at < bytes.count, bytes[at] != 0x1B { at += 1 }
  }

  /// `[n/m]`, blanks around the numbers allowed.
  private mutating func count() {
    at += 1
    var position = at
    blanks(&position)
    guard let done = number(&position, end: bytes.count) else { return }
    blanks(&position)
    guard position < bytes.count, bytes[position] == UInt8(ascii: "/") else { return }
    position += 1
    blanks(&position)
    guard let total = number(&position, end: bytes.count) else { return }
    blanks(&position)
    guard position < bytes.count, bytes[position] == UInt8(ascii: "]"), total > 0, done <= total
    else { return }
    at = position + 1
    newest[OutputProgress.Source.count.rawValue] = .says(
      OutputProgress(
        share: Double(done) / Double(total), source: .count, done: done, total: total))
  }

  /// `nn%` or `nn.n%`, neither a part of a longer word nor more than 100.
  private mutating func word() {
    var position = at
    let whole = number(&position, end: bytes.count)
    var share = Double(whole ?? 0)
    if position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."), bytes[position + 1].isDigit
    {
      position += 1
      let start = position
      guard let part = number(&position, end: bytes.count) else { return skipWord() }
      var scale = 1.0
      for _ in start..<position { scale *= 10 }
      share += Double(part) / scale
    }
    guard whole != nil, position < bytes.count, bytes[position] == UInt8(ascii: "%"),
      position + 1 == bytes.count || !bytes[position + 1].isWord, share <= 100
    else { return skipWord() }
    at = position + 1
    newest[OutputProgress.Source.percent.rawValue] = .says(
      OutputProgress(share: share / 100, source: .percent))
  }

  private mutating func skipWord() {
    while at < bytes.count, bytes[at].isWord { at += 1 }
  }

  private func blanks(_ position: inout Int) {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
  }

  private func number(_ position: inout Int, end: Int) -> Int? {
    let start = position
    var value = 0
    while position < end, bytes[position].isDigit {
      guard position - start < Self.maximumDigits else { return nil }
      value = value * 10 + Int(bytes[position] - 48)
      position += 1
    }
    return position > start ? value : nil
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (48...57).contains(self) }

  /// Letters, digits, signs, points and `%`: what a number must not touch.
  fileprivate var isWord: Bool {
    isDigit || (65...90).contains(self) || (97...122).contains(self)
      || "_+-.%".utf8.contains(self)
  }
}
