import Glibc

/// The digest that the unpacked tree has, as `FileTree.digest` comes to it, without unpacking it.
struct PackedTreeDigest: PackedTreeSink {
  private let digest = Stream()
  /// Of the file that comes now.
  private var length: Int64 = 0
  private var end: Int64 = 0
  private let zeros = [UInt8](repeating: 0, count: FileTree.bufferBytes)

  /// A box, for a digest cannot be copied.
  private final class Stream {
    var digest = Digest()
  }

  init() { FileTree.beginManifest(&digest.digest) }

  /// Of everything so far, 32 hexadecimal digits.
  var hexadecimal: String { digest.digest.hexadecimal() }

  mutating func add(_ entry: PackedTree.Entry) {
    let type =
      switch entry.kind {
      case .folder, .end: S_IFDIR
      case .file: S_IFREG
      case .link: S_IFLNK
      }
    FileTree.addEntry(entry.path, type: type, mode: entry.mode, to: &digest.digest)
    if entry.kind == .link { digest.digest.addField(entry.target) }
    length = entry.length
    end = 0
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
    fill(to: offset)
    digest.digest.add(bytes)
    end = offset + Int64(bytes.count)
  }

  mutating func endFile() {
    fill(to: length)
    digest.digest.addNumber(UInt64(length))
  }

  func end(_ root: PackedTree.Entry) {}

  /// A hole reads as zeros.
  private mutating func fill(to offset: Int64) {
    while end < offset {
      let count = min(zeros.count, Int(offset - end))
      zeros.withUnsafeBytes { digest.digest.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      end += Int64(count)
    }
  }
}
