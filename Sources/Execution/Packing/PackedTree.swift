import Glibc
import Model

/// A tree as a stream of bytes in one zstd frame: what an artifact is while it is compressed.
///
///     magic, then entries in the order of `FileTree.walk`, then one of kind `end` for the root
///     entry: kind u8 · depth u8 · rights u16 · changed s64, ns u32 · length of the name u8 · name
///     folder, end: nothing more
///     link: length u16 · what it names
///     file: length u64 · pieces of data: offset u64 · length u64 · bytes; one of length 0 ends them
///
/// Numbers are little-endian. Holes are no pieces. A file with several names would be several files
/// after the way back, and take more room than it had: such a tree is refused.
enum PackedTree {
  static let magic = Array("cairn tree 1\n".utf8)
  static let longestName = 255
  /// Most that files may be longer, all together, than their bytes in the stream: a hole is proved by a
  /// digest of as many zeros.
  static let mostHoleBytes: Int64 = 1 << 32
  static let lengthOfHead = 17

  enum Kind: UInt8 {
    case end, folder, file, link
  }

  struct Entry {
    var kind: Kind
    /// Of the folders above it in the tree.
    var depth = 0
    var mode: mode_t
    var changed: timespec
    var name: [UInt8] = []
    /// Names from the root down, with slashes; for digests and problems.
    var path: [UInt8] = []
    /// What a link names.
    var target: [UInt8] = []
    /// Of a file.
    var length: Int64 = 0
  }

  /// Most bytes that a tree of this size can take in a stream: anything longer is none of it.
  ///
  /// Small files may take no blocks of their own, and folders none that count.
  static func longest(_ artifact: RunState.Artifact) -> Int64 {
    let bytes = min(max(0, artifact.bytes), 1 << 60)
    let files = Int64(min(max(0, artifact.files), 1 << 40))
    return bytes + files * (8 << 10) + (16 << 20)
  }
}

/// Takes what `PackedTree.read` finds, in its order.
protocol PackedTreeSink {
  /// A folder, a link, or a file whose bytes come next.
  mutating func add(_ entry: PackedTree.Entry) throws(WorkspaceProblem)
  mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(WorkspaceProblem)
  /// The file that came last has no more bytes.
  mutating func endFile() throws(WorkspaceProblem)
  /// The whole tree has come; `root` has the rights and the time of its folder.
  mutating func end(_ root: PackedTree.Entry) throws(WorkspaceProblem)
}
