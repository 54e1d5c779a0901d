import Glibc

/// What lies below a folder at about one time: one walk over names and `fstatat(2)`.
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
  init(_ path: String) {
    visit(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path, depth: 0)
  }

  /// Closes the descriptor, unless it is none.
  private mutating func visit(_ descriptor: Int32, _ path: String, depth: Int) {
    guard descriptor >= 0 else { return }
    guard depth < Self.maximumDepth, let folder = fdopendir(descriptor) else {
      close(descriptor)
      return
    }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
          look(name, in: descriptor, path, depth)
        }
      }
    }
  }

  /// A name need not be text; `path` only tells whether two walks found the same.
  private mutating func look(
    _ name: UnsafePointer<CChar>, in folder: Int32, _ path: String, _ depth: Int
  ) {
    var status = stat()
    guard strcmp(name, ".") != 0, strcmp(name, "..") != 0,
      fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    else { return }
    let bytes = Int64(status.st_blocks) * Self.blockBytes
    let own = path + "/" + String(cString: name)
    if status.st_mode & S_IFMT == S_IFDIR {
      folderBytes += bytes
      let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      return visit(inner, own, depth: depth + 1)
    }
    let inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard files[inode] == nil else { return }
    files[inode] = Found(
      bytes: bytes, path: own, seconds: status.st_mtim.tv_sec,
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
