import Glibc

extension PackedTree {
  /// Reads a whole stream into a sink, and requires that nothing comes behind it.
  ///
  /// Names are single components; an entry lies in a folder that came before it and is still open.
  ///
  /// - Throws: `WorkspaceProblem`: the stream is damaged, or what the sink throws.
  /// - Complexity: O(bytes), of which no more come than the reader allows.
  static func read(
    _ reader: ZstdReader, into sink: inout some PackedTreeSink
  ) throws(WorkspaceProblem) {
    guard try reader.take(magic.count) == magic else { throw reader.damage("it is no tree") }
    var unpacking = TreeUnpacking(reader: reader)
    while true {
      let entry = try unpacking.entry()
      guard entry.kind != .end else {
        try reader.finish()
        return try sink.end(entry)
      }
      try sink.add(entry)
      guard entry.kind == .file else { continue }
      try unpacking.pourFile(of: entry.length, into: &sink)
      try sink.endFile()
    }
  }
}

/// A stream on its way into a tree.
private struct TreeUnpacking {
  let reader: ZstdReader
  /// Names of the folders that the next entry may lie in.
  private var folders: [[UInt8]] = []
  private var length: Int64 = 0

  init(reader: ZstdReader) { self.reader = reader }

  mutating func entry() throws(WorkspaceProblem) -> PackedTree.Entry {
    let head = try reader.take(PackedTree.lengthOfHead)
    guard let kind = PackedTree.Kind(rawValue: head[0]) else {
      throw reader.damage("an entry is of no kind")
    }
    let nanoseconds = Self.number(head[12..<16])
    var entry = PackedTree.Entry(
      kind: kind, depth: Int(head[1]),
      mode: mode_t(Self.number(head[2..<4])) & 0o7777 & ~FileTree.writeBits,
      changed: timespec(
        tv_sec: Int(Int64(bitPattern: Self.number(head[4..<12]))),
        tv_nsec: Int(min(nanoseconds, 999_999_999))))
    entry.name = try reader.take(Int(head[16]))
    if kind != .end { try place(&entry) }
    if kind == .link { entry.target = try target() }
    if kind == .file { entry.length = try lengthOfFile() }
    return entry
  }

  /// Finds the folder of an entry, and opens it if it is one.
  private mutating func place(_ entry: inout PackedTree.Entry) throws(WorkspaceProblem) {
    let name = entry.name
    guard !name.isEmpty, !name.contains(0), !name.contains(0x2F), name != [0x2E],
      name != [0x2E, 0x2E]
    else { throw reader.damage("a name in it is none") }
    guard entry.depth <= folders.count, entry.depth < FileTree.maximumDepth else {
      throw reader.damage("an entry lies in no folder")
    }
    folders.removeLast(folders.count - entry.depth)
    entry.path = Array((folders + [name]).joined(separator: [0x2F]))
    if entry.kind == .folder { folders.append(name) }
  }

  private func target() throws(WorkspaceProblem) -> [UInt8] {
    let target = try reader.take(Int(Self.number(try reader.take(2))))
    guard !target.isEmpty, target.count < Int(PATH_MAX), !target.contains(0) else {
      throw reader.damage("a link in it names nothing")
    }
    return target
  }

  private mutating func lengthOfFile() throws(WorkspaceProblem) -> Int64 {
    let own = Int64(clamping: Self.number(try reader.take(8)))
    let longest = reader.limitBytes + PackedTree.mostHoleBytes
    guard own <= longest - length else { throw reader.damage("its files are too long") }
    length += own
    return own
  }

  func pourFile(
    of length: Int64, into sink: inout some PackedTreeSink
  ) throws(WorkspaceProblem) {
    var end: Int64 = 0
    while true {
      let head = try reader.take(16)
      let start = Int64(clamping: Self.number(head[..<8]))
      let count = Int64(clamping: Self.number(head[8...]))
      if count == 0 { return }
      guard start >= end, start < length, count <= length - start else {
        throw reader.damage("a piece of a file lies outside of it")
      }
      var offset = start
      try reader.pour(count) { bytes throws(WorkspaceProblem) in
        try sink.add(bytes, at: offset)
        offset += Int64(bytes.count)
      }
      end = start + count
    }
  }

  private static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
