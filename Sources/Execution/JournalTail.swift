import CXXHash
import Glibc
import Model

/// A file beside the journal for the newest facts, until one transaction puts them into the tables
/// together (group commit).
///
/// What is in it outlives the process, as what is in the tables does, for a tenth of the cost of a
/// transaction, and nobody sees it: a reader knows the tables alone. `Journal(path:)` puts what a killed
/// process left into the tables. Its blocks are taken when it is made, so it has room on a full disk.
///
/// A record is what one turn of the engine has brought. The first that is not whole, or of another epoch
/// than the one in front of it, ends the content. Numbers are little-endian:
///
///     XXH3-64 of the rest 8 · epoch 8 · run 8 · facts 4 · bytes of the record 4
///     length of a fact's text 4 … · text of a fact, as the tables have it …
struct JournalTail: ~Copyable {
  /// Bytes of the file.
  static let capacity = 1 << 20
  fileprivate static let headBytes = 32

  /// What it holds, oldest first.
  private(set) var saved: [FactBatch] = []
  private let path: String
  private var file: Int32?
  private var used = 0
  private var epoch: UInt64 = 0
  private var record: [UInt8] = []
  private var isUsable: Bool

  /// Makes no file before it is prepared or gets a fact, and none at all unless it is usable.
  init(path: String, isUsable: Bool) {
    self.path = path
    self.isUsable = isUsable
  }

  deinit { if let file { close(file) } }

  static func path(of journal: String) -> String { journal + "-tail" }

  /// Takes the facts; false where there is no room, or the file cannot be written.
  mutating func save(_ batch: FactBatch) -> Bool {
    let bytes = Self.headBytes + 4 * batch.facts.count + batch.texts.bytes.count
    guard used + bytes <= Self.capacity, let file = opened() else { return false }
    fill(batch, bytes)
    let count = record.withUnsafeBytes { pwrite(file, $0.baseAddress, bytes, off_t(used)) }
    guard count == bytes else { return false }
    used += bytes
    saved.append(batch)
    return true
  }

  /// Forgets what the tables have now.
  ///
  /// The file needs no change for that: what it holds is known there, and a record of another epoch
  /// behind a new one is none.
  mutating func forget() {
    guard used > 0 else { return }
    saved.removeAll(keepingCapacity: true)
    used = 0
    epoch += 1
  }

  /// Deletes the file; the next fact makes another.
  mutating func remove() {
    forget()
    guard let file else { return }
    close(file)
    unlink(path)
    self.file = nil
  }

  /// Makes the file; before tasks take the last descriptors.
  mutating func prepare() { _ = opened() }

  private mutating func opened() -> Int32? {
    if let file { return file }
    guard isUsable else { return nil }
    let new = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard new >= 0, posix_fallocate(new, 0, off_t(Self.capacity)) == 0 else {
      if new >= 0 { close(new) }
      isUsable = false
      return nil
    }
    file = new
    return new
  }

  private mutating func fill(_ batch: FactBatch, _ bytes: Int) {
    record.removeAll(keepingCapacity: true)
    add(UInt64(0))
    add(epoch)
    add(Int64(batch.run))
    add(UInt32(batch.facts.count))
    add(UInt32(bytes))
    var start = 0
    for end in batch.texts.ends {
      add(UInt32(end - start))
      start = end
    }
    record.append(contentsOf: batch.texts.bytes)
    let checksum = record.withUnsafeBytes {
      Self.checksum(UnsafeRawBufferPointer(rebasing: $0[8...]))
    }
    withUnsafeBytes(of: checksum.littleEndian) { sum in
      record.withUnsafeMutableBytes { $0[..<8].copyBytes(from: sum) }
    }
  }

  private mutating func add(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { record.append(contentsOf: $0) }
  }

  fileprivate static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    XXH3_64bits(bytes.baseAddress, bytes.count)
  }
}

/// Facts of one turn and their texts, one behind the other.
struct FactBatch: Sendable {
  var run: Int
  var facts: [Fact]
  var texts: (bytes: [UInt8], ends: [Int])
}

// What a killed process left.
extension JournalTail {
  /// Reads a tail up to the first record that is not sound; empty where there is no file.
  ///
  /// - Throws: `JournalProblem`, `.storage`: there is a file that cannot be read.
  static func left(at path: String) throws(JournalProblem) -> [FactBatch] {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return [] }
      throw JournalProblem(.storage, "cannot open \"\(path)\": \(systemReason())")
    }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: capacity)
    let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else {
      throw JournalProblem(.storage, "cannot read \"\(path)\": \(systemReason())")
    }
    return bytes.withUnsafeBytes { batches(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  private static func batches(_ bytes: UnsafeRawBufferPointer) -> [FactBatch] {
    var batches: [FactBatch] = []
    var (offset, epoch): (Int, UInt64?) = (0, nil)
    while let (batch, itsEpoch, length) = batch(bytes, at: offset), epoch ?? itsEpoch == itsEpoch {
      batches.append(batch)
      epoch = itsEpoch
      offset += length
    }
    return batches
  }

  private static func batch(
    _ all: UnsafeRawBufferPointer, at offset: Int
  ) -> (batch: FactBatch, epoch: UInt64, bytes: Int)? {
    guard all.count - offset >= headBytes else { return nil }
    let count = Int(number(UInt32.self, all, offset + 24))
    let length = Int(number(UInt32.self, all, offset + 28))
    guard length >= headBytes + 4 * count, length <= all.count - offset else { return nil }
    let record = UnsafeRawBufferPointer(rebasing: all[offset..<offset + length])
    let rest = UnsafeRawBufferPointer(rebasing: record[8...])
    guard number(UInt64.self, record, 0) == checksum(rest),
      let run = Int(exactly: number(Int64.self, record, 16)),
      let (facts, texts) = facts(record, count)
    else { return nil }
    let batch = FactBatch(run: run, facts: facts, texts: texts)
    return (batch, number(UInt64.self, record, 8), length)
  }

  private static func facts(
    _ record: UnsafeRawBufferPointer, _ count: Int
  ) -> (facts: [Fact], texts: (bytes: [UInt8], ends: [Int]))? {
    let texts = UnsafeRawBufferPointer(rebasing: record[(headBytes + 4 * count)...])
    var (facts, ends): ([Fact], [Int]) = ([], [])
    for index in 0..<count {
      let start = ends.last ?? 0
      let end = start + Int(number(UInt32.self, record, headBytes + 4 * index))
      guard end <= texts.count,
        let fact = try? JSONText.fact(from: UnsafeRawBufferPointer(rebasing: texts[start..<end]))
      else { return nil }
      facts.append(fact)
      ends.append(end)
    }
    return (facts, (Array(texts), ends))
  }

  private static func number<Number: FixedWidthInteger>(
    _ type: Number.Type, _ bytes: UnsafeRawBufferPointer, _ offset: Int
  ) -> Number {
    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }
}
