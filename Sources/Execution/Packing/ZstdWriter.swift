import CZstd
import Glibc
import Model

/// Writes one zstd frame, with a checksum at its end, to a file.
///
/// Level 1: artifacts go and come while tasks wait, and higher levels save a tenth more of text for
/// two and more times the seconds. Memory is bounded by the level's window, half a megabyte.
final class ZstdWriter {
  private static let level: Int32 = 1

  private let context: OpaquePointer
  private let file: Int32
  private let path: String
  private let limitBytes: Int64
  private var output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
  /// Written to the file.
  private(set) var bytes: Int64 = 0

  /// - Parameters:
  ///   - file: Open for writing; stays open.
  ///   - path: What it is called in problems.
  ///   - limitBytes: Most that may be written.
  init(_ file: Int32, path: String, limitBytes: Int64) {
    guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    self.context = context
    self.file = file
    self.path = path
    self.limitBytes = limitBytes
  }

  deinit { ZSTD_freeCCtx(context) }

  func add(_ bytes: UnsafeRawBufferPointer) throws(WorkspaceProblem) {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while input.pos < input.size { _ = try push(&input, ZSTD_e_continue) }
  }

  func add(_ bytes: [UInt8]) throws(WorkspaceProblem) {
    let problem = bytes.withUnsafeBytes { bytes -> WorkspaceProblem? in
      do throws(WorkspaceProblem) { try add(bytes) } catch { return error }
      return nil
    }
    if let problem { throw problem }
  }

  /// Ends the frame; nothing can be added any more.
  func finish() throws(WorkspaceProblem) {
    var input = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
    while try push(&input, ZSTD_e_end) > 0 {}
  }

  /// Returns how many bytes the frame has that did not fit into the buffer; 0 at its end.
  private func push(
    _ input: inout ZSTD_inBuffer, _ directive: ZSTD_EndDirective
  ) throws(WorkspaceProblem) -> Int {
    var count = 0
    let left = output.withUnsafeMutableBytes { room in
      var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
      defer { count = target.pos }
      return ZSTD_compressStream2(context, &target, &input, directive)
    }
    guard ZSTD_isError(left) == 0 else {
      throw WorkspaceProblem("cannot compress to \"\(path)\": \(ZstdReader.words(left))")
    }
    try write(count)
    return left
  }

  private func write(_ count: Int) throws(WorkspaceProblem) {
    bytes += Int64(count)
    guard bytes <= limitBytes else {
      throw WorkspaceProblem(
        "its compressed form is larger than the \(ByteText.words(limitBytes)) that it has room for")
    }
    var written = 0
    while written < count {
      let more = output.withUnsafeBytes { bytes in
        bytes.baseAddress.map { Glibc.write(file, $0 + written, count - written) } ?? 0
      }
      if more < 0 && errno == EINTR { continue }
      guard more > 0 else { throw FileTree.problem("write", path) }
      written += more
    }
  }
}
