import Glibc

/// What lies below a folder at about one time: one walk over names and `lstat(2)`.
///
/// It shares no code with what the workspace measures itself by. Whatever vanishes meanwhile is left
/// out, links are not followed, and a file counts once, however many names it has.
struct FolderWalk {
  private struct Inode: Hashable {
    var device: UInt64
    var number: UInt64
  }

  private struct Found {
    var bytes: Int64
    var path: String
    var seconds: Int
    var nanoseconds: Int
  }

  /// Unit of `st_blocks`.
  private static let blockBytes: Int64 = 512
  private static let maximumDepth = 64

  private var files: [Inode: Found] = [:]
  /// Allocated bytes of everything but folders.
  private(set) var fileBytes: Int64 = 0
  /// Allocated bytes of the folders below; some file systems take a block for each.
  private(set) var folderBytes: Int64 = 0

  var fileCount: Int { files.count }

  /// - Complexity: O(entries).
  init(_ path: String) { visit(path, depth: 0) }

  private mutating func visit(_ path: String, depth: Int) {
    guard depth < Self.maximumDepth, let folder = opendir(path) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { look(path + "/" + name, depth) }
    }
  }

  private mutating func look(_ path: String, _ depth: Int) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    let bytes = Int64(status.st_blocks) * Self.blockBytes
    if status.st_mode & S_IFMT == S_IFDIR {
      folderBytes += bytes
      return visit(path, depth: depth + 1)
    }
    let inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard files[inode] == nil else { return }
    files[inode] = Found(
      bytes: bytes, path: path, seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
    fileBytes += bytes
  }
}

extension FolderWalk {
  /// Bytes of files that lay there all at once, between this walk and a later one.
  ///
  /// A walk takes its time: it may find a file that is deleted then, and further on another one that
  /// took its place. Only what both have found, unchanged or where it was, was there together. The
  /// number of an inode alone does not tell, for the next file often gets that of one deleted.
  func fileBytesTogether(with later: FolderWalk) -> Int64 {
    files.reduce(0) { sum, entry in
      guard let again = later.files[entry.key], Self.isSame(entry.value, again) else { return sum }
      return sum + min(entry.value.bytes, again.bytes)
    }
  }

  private static func isSame(_ one: Found, _ two: Found) -> Bool {
    one.path == two.path
      || (one.seconds, one.nanoseconds, one.bytes) == (two.seconds, two.nanoseconds, two.bytes)
  }
}
