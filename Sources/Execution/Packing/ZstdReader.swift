import CZstd
import Glibc
import Model

/// Reads the one zstd frame that a file holds, and no more of it than a limit.
///
/// Whoever wrote the file is not trusted: memory is bounded by `windowLog`, what comes out by the limit.
final class ZstdReader {
  /// The window that every reader has to allow, 8 MiB; level 1 needs half a megabyte.
  private static let windowLog: Int32 = 23

  private let context: OpaquePointer
  private let file: Int32
  private let path: String
  let limitBytes: Int64
  private var input = [UInt8](repeating: 0, count: ZSTD_DStreamInSize())
  private var unread = 0..<0
  private var output = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
  private var untaken = 0..<0
  /// The frame has ended, and its checksum was right.
  private var hasEnded = false
  private var mayHoldMore = false
  private var bytes: Int64 = 0

  /// - Parameters:
  ///   - file: Open for reading, at its beginning; stays open.
  ///   - path: What it is called in problems.
  ///   - limitBytes: Most that may come out of it.
  init(_ file: Int32, path: String, limitBytes: Int64) {
    guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
    self.context = context
    self.file = file
    self.path = path
    self.limitBytes = limitBytes
  }

  deinit { ZSTD_freeDCtx(context) }

  static func words(_ code: Int) -> String {
    ZSTD_getErrorName(code).map { String(cString: $0) } ?? "unknown error"
  }

  func damage(_ words: String) -> WorkspaceProblem {
    WorkspaceProblem("\"\(path)\" is damaged: \(words)")
  }

  /// Calls with the next bytes, in pieces, until so many have come.
  func pour(
    _ count: Int64, _ body: (UnsafeRawBufferPointer) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) {
    var left = count
    while left > 0 {
      if untaken.isEmpty {
        guard try refill() else { throw damage("it breaks off") }
      }
      let piece = Int(min(left, Int64(untaken.count)))
      let range = untaken.startIndex..<untaken.startIndex + piece
      let problem = output.withUnsafeBytes { bytes -> WorkspaceProblem? in
        do throws(WorkspaceProblem) {
          try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        } catch { return error }
        return nil
      }
      if let problem { throw problem }
      untaken = range.endIndex..<untaken.endIndex
      left -= Int64(piece)
    }
  }

  func take(_ count: Int) throws(WorkspaceProblem) -> [UInt8] {
    var taken: [UInt8] = []
    try pour(Int64(count)) { taken += $0 }
    return taken
  }

  /// Requires that nothing is left, and that the checksum is right.
  func finish() throws(WorkspaceProblem) {
    guard untaken.isEmpty, try !refill() else { throw damage("it goes on behind its end") }
    guard hasEnded else { throw damage("it breaks off") }
  }

  /// Fills the empty output; false at the end of the file.
  private func refill() throws(WorkspaceProblem) -> Bool {
    untaken = 0..<0
    while untaken.isEmpty {
      if unread.isEmpty, !mayHoldMore {
        guard try readOn() else { return false }
      }
      guard !hasEnded else { throw damage("it goes on behind its end") }
      try decompress()
    }
    bytes += Int64(untaken.count)
    guard bytes <= limitBytes else {
      throw damage("it holds more than \(ByteText.words(limitBytes))")
    }
    return true
  }

  private func readOn() throws(WorkspaceProblem) -> Bool {
    while true {
      let count = read(file, &input, input.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileTree.problem("read", path) }
      unread = 0..<count
      return count > 0
    }
  }

  private func decompress() throws(WorkspaceProblem) {
    var source = ZSTD_inBuffer()
    var target = ZSTD_outBuffer()
    let left = input.withUnsafeBytes { bytes in
      output.withUnsafeMutableBytes { room in
        source = ZSTD_inBuffer(
          src: bytes.baseAddress, size: unread.endIndex, pos: unread.startIndex)
        target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        return ZSTD_decompressStream(context, &target, &source)
      }
    }
    guard ZSTD_isError(left) == 0 else { throw damage(Self.words(left)) }
    unread = source.pos..<unread.endIndex
    untaken = 0..<target.pos
    mayHoldMore = target.pos == target.size && left != 0
    hasEnded = left == 0
  }
}
