import CZstd
import Glibc

/// A guess at what an artifact comes to when it is compressed, from a few pieces of it.
///
/// A megabyte at most is read and compressed again, whatever the artifact's size: milliseconds.
enum CompressionSample {
  /// Smaller artifacts make too little room to be worth a look.
  static let leastBytes: Int64 = 1 << 18
  static let pieces = 16
  static let pieceBytes = 1 << 16
  private static let level: Int32 = 1

  /// Expected allocated bytes of the compressed form, an eighth more than the sample says; nil where
  /// that is unknown or not worth knowing, as for an artifact with a file of several names.
  static func compressedBytes(of path: String, _ measure: FileTree.Measure) -> Int64? {
    guard measure.bytes >= leastBytes, let places = places(in: path, measure) else { return nil }
    var (read, packed) = (0, 0)
    for place in places {
      guard let bytes = piece(at: place, in: path) else { return nil }
      read += bytes.count
      packed += compressed(bytes)
    }
    guard read > 0 else { return nil }
    // Every entry has its name and rights in the form.
    let share = min(1, Double(packed) / Double(read) * 9 / 8)
    let bytes = (Double(measure.bytes) * share).rounded(.up) + Double(measure.files * 64)
    return min(measure.bytes, (Int64(bytes) + 8191) / 4096 * 4096)
  }

  private struct Place {
    var path: [UInt8]
    var offset: Int64
  }

  /// Spread evenly over the bytes of all files, which are looked at in their order.
  ///
  /// Holes would be taken for bytes that compress well: nil where there are many.
  private static func places(in path: String, _ measure: FileTree.Measure) -> [Place]? {
    var files: [(path: [UInt8], bytes: Int64)] = []
    var total: Int64 = 0
    do throws(WorkspaceProblem) {
      try FileTree.walk(path) { entry throws(WorkspaceProblem) in
        guard entry.isFile else { return }
        guard entry.status.st_nlink == 1 else { throw WorkspaceProblem("several names") }
        files.append((entry.path, Int64(entry.status.st_size)))
        total += Int64(entry.status.st_size)
      }
    } catch { return nil }
    guard total <= measure.bytes + measure.bytes / 4 else { return nil }
    let stride = max(Int64(pieceBytes), total / Int64(pieces))
    var places: [Place] = []
    var (next, start): (Int64, Int64) = (0, 0)
    for file in files {
      while next < start + file.bytes, places.count < pieces {
        places.append(Place(path: file.path, offset: next - start))
        next += stride
      }
      start += file.bytes
    }
    return places
  }

  /// Nobody writes the tree any more, but links in it are not followed.
  private static func piece(at place: Place, in root: String) -> [UInt8]? {
    let name = Array(root.utf8) + [0x2F] + place.path
    let file = open(name.map { CChar(bitPattern: $0) } + [0], O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: pieceBytes)
    let count = pread(file, &bytes, bytes.count, off_t(place.offset))
    return count < 0 ? nil : Array(bytes.prefix(count))
  }

  private static func compressed(_ bytes: [UInt8]) -> Int {
    var room = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&room, room.count, bytes, bytes.count, level)
    return ZSTD_isError(count) == 0 ? min(count, bytes.count) : bytes.count
  }
}
