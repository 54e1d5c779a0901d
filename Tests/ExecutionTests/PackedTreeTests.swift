import Foundation
import Glibc
import Model
import Planning
import Testing

@testable import Execution

/// A folder, what it is packed into, and what that is unpacked into.
private struct PackingScene {
  let folder: TemporaryFolder
  var tree: String { folder.path + "/tree" }
  var packed: String { folder.path + "/packed" }
  var back: String { folder.path + "/back" }

  init() throws {
    folder = try TemporaryFolder()
    try folder.make("tree")
  }

  @discardableResult
  func pack(limit: Int64 = 1 << 40) throws -> Int64 {
    guard let source = try OpenFolder.open(tree) else { throw WorkspaceProblem("no tree") }
    let file = open(packed, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(file) }
    let writer = ZstdWriter(file, path: packed, limitBytes: limit)
    try PackedTree.write(source, to: writer)
    return writer.bytes
  }

  func read(into sink: inout some PackedTreeSink, limit: Int64 = 1 << 30) throws(WorkspaceProblem) {
    let file = open(packed, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    try PackedTree.read(ZstdReader(file, path: packed, limitBytes: limit), into: &sink)
  }

  func digest() throws -> String {
    var digest = PackedTreeDigest()
    try read(into: &digest)
    return digest.hexadecimal
  }

  func unpack(limit: Int64 = 1 << 30) throws {
    try FileTree.remove(back)
    try folder.make("back")
    guard let target = try OpenFolder.open(back) else { throw WorkspaceProblem("no folder") }
    var sink = UnpackedTree(target)
    try read(into: &sink, limit: limit)
  }
}

@Suite("a tree in one file") struct PackedTreeTests {
  private let scene: PackingScene

  init() throws { scene = try PackingScene() }

  /// Names that are no text, rights, links, holes, empty folders, a deep one, bytes of all kinds.
  private func writeOddTree() throws {
    let root = scene.tree
    let odd = root.utf8CString.dropLast() + [0x2F, CChar(bitPattern: 0xFF), 0x0A, 0x62, 0]
    close(open(Array(odd), O_WRONLY | O_CREAT, 0o600))
    mkdir(root + "/empty", 0o700)
    mkdir(root + "/a", 0o750)
    try Data("tool".utf8).write(to: URL(filePath: root + "/a/tool"))
    chmod(root + "/a/tool", 0o4751)
    symlink("../../gone", root + "/a/link")
    symlink("/etc/passwd", root + "/outside")
    try Data("next to a folder of nearly its name".utf8).write(to: URL(filePath: root + "/a.b"))
    let hole = open(root + "/hole", O_WRONLY | O_CREAT, 0o640)
    for offset in [1 << 20, 8 << 20] { _ = pwrite(hole, "data", 4, off_t(offset)) }
    ftruncate(hole, 16 << 20)
    close(hole)
    var random = SplitMix64(seed: 7)
    let noise = (0..<600_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    try Data(noise).write(to: URL(filePath: root + "/noise"))
    var deep = root
    for level in 0..<40 {
      deep += "/d\(level)"
      mkdir(deep, 0o755)
    }
    try Data().write(to: URL(filePath: deep + "/end"))
    let times = [timespec(tv_sec: 9, tv_nsec: 7), timespec(tv_sec: 8, tv_nsec: 7)]
    utimensat(AT_FDCWD, root + "/a/tool", times, 0)
    chmod(root + "/a", 0o550)
  }

  @Test("comes back as it was: names, rights, links, holes, times, empty and deep folders")
  func roundTrip() throws {
    try writeOddTree()
    let sealed = try FileTree.digest(scene.tree)
    try scene.pack()
    #expect(try scene.digest() == sealed.digest)
    try scene.unpack()
    #expect(try FileTree.digest(scene.back).digest == sealed.digest)
    func status(_ name: String) -> stat {
      var status = stat()
      lstat(scene.back + name, &status)
      return status
    }
    let modes = ["/a", "/a/tool", "/hole", "/empty"].map { status($0).st_mode & 0o7777 }
    #expect(modes == [0o550, 0o4551, 0o440, 0o500])
    #expect(status("/a/tool").st_mtim.tv_sec == 8)
    #expect(status("/hole").st_size == 16 << 20)
    #expect(status("/hole").st_blocks < 1 << 10)
  }

  @Test("random trees come back with their digest", arguments: 1...20 as ClosedRange<UInt64>)
  func randomTrees(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var folders = [scene.tree]
    for number in 0..<Int.random(in: 0...40, using: &random) {
      let above = folders[Int.random(in: folders.indices, using: &random)]
      let name = "\(above)/\(Int.random(in: 0...9, using: &random))x\(number)"
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        mkdir(name, 0o755)
        folders.append(name)
      case 1: symlink("t\(number)", name)
      default:
        let byte = UInt8.random(in: 0...255, using: &random)
        let count = Int.random(in: 0...300_000, using: &random)
        try Data(repeating: byte, count: count).write(to: URL(filePath: name))
      }
    }
    let sealed = try FileTree.digest(scene.tree)
    try scene.pack()
    #expect(try scene.digest() == sealed.digest)
    try scene.unpack()
    #expect(try FileTree.digest(scene.back).digest == sealed.digest)
  }

  @Test("what is larger than its limit is not written on")
  func limit() throws {
    var random = SplitMix64(seed: 3)
    let noise = (0..<1_000_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    try Data(noise).write(to: URL(filePath: scene.tree + "/noise"))
    #expect(throws: WorkspaceProblem.self) { try scene.pack(limit: 500_000) }
    var status = stat()
    #expect(stat(scene.packed, &status) == 0 && status.st_size <= 500_000)
    #expect(try scene.pack(limit: 1_100_000) <= 1_100_000)
  }

  @Test("a file with several names is refused by its name")
  func severalNames() throws {
    try scene.folder.write("tree/file", "words")
    link(scene.tree + "/file", scene.tree + "/again")
    #expect(throws: WorkspaceProblem("\"\(scene.tree)/again\" has several names")) {
      try scene.pack()
    }
  }

  @Test("whatever is changed, cut off or added is told, or changes nothing")
  func damage() throws {
    try writeOddTree()
    let sealed = try FileTree.digest(scene.tree).digest
    try scene.pack()
    let whole = try Data(contentsOf: URL(filePath: scene.packed))
    var random = SplitMix64(seed: 11)
    var told = 0
    for _ in 0..<150 {
      var bytes = whole
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &random)
      case 1: bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
      default: bytes += Data(repeating: 0, count: Int.random(in: 1...9, using: &random))
      }
      try bytes.write(to: URL(filePath: scene.packed))
      do {
        let found = try scene.digest()
        #expect(found == sealed, "seed 11")
      } catch { told += 1 }
    }
    #expect(told > 140)
  }
}

@Suite("a stream that somebody forged") struct ForgedTreeTests {
  private let scene: PackingScene

  init() throws { scene = try PackingScene() }

  /// Packs bytes as they are, in a sound frame.
  private func forge(_ bytes: [UInt8]) throws {
    let file = open(scene.packed, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(file) }
    let writer = ZstdWriter(file, path: scene.packed, limitBytes: 1 << 30)
    try writer.add(PackedTree.magic + bytes)
    try writer.finish()
  }

  private static func head(_ kind: PackedTree.Kind, depth: UInt8 = 0, _ name: String) -> [UInt8] {
    [kind.rawValue, depth, 0xFF, 0x0F] + Array(repeating: 0, count: 12)
      + [UInt8(clamping: name.utf8.count)] + Array(name.utf8)
  }

  private static func number(_ number: UInt64) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static let forgeries: [(String, [UInt8])] = [
    ("no kind", [9] + head(.file, "a").dropFirst()),
    ("a path for a name", head(.folder, "a/b")),
    ("the folder above", head(.folder, "..")),
    ("the folder itself", head(.folder, ".")),
    ("no name", head(.folder, "")),
    ("a zero in a name", head(.folder, "a\0b")),
    ("in no folder", head(.folder, depth: 1, "a")),
    (
      "in a file",
      head(.file, "a") + number(0) + number(0) + number(0) + head(.folder, depth: 1, "b")
    ),
    ("through a link", head(.link, "a") + [1, 0, 0x2F] + head(.folder, depth: 1, "b")),
    ("a link to nothing", head(.link, "a") + [0, 0]),
    (
      "a link that is too long",
      head(.link, "a") + [0xFF, 0xFF] + Array(repeating: 65, count: 65_535)
    ),
    ("a file that is too long", head(.file, "a") + number(1 << 41)),
    ("a file of a negative length", head(.file, "a") + number(.max)),
    (
      "files that together are too long",
      head(.file, "a") + number(5 << 30) + number(0) + number(0) + head(.file, "b") + number(1)
    ),
    ("a piece behind the end", head(.file, "a") + number(4) + number(4) + number(1) + [1]),
    ("a piece over the end", head(.file, "a") + number(4) + number(2) + number(9) + [1]),
    (
      "a piece that goes back",
      head(.file, "a") + number(9) + number(4) + number(1) + [1] + number(2) + number(1) + [1]
    ),
    ("a piece of any length", head(.file, "a") + number(4) + number(0) + number(.max)),
    ("more behind the end", head(.end, "") + [0]),
    (
      "nested too deep", (0..<201).flatMap { head(.folder, depth: UInt8($0), "d") } + head(.end, "")
    ),
  ]

  @Test("is told, and nothing lies outside of the folder", arguments: forgeries)
  func forged(words: String, bytes: [UInt8]) throws {
    try forge(bytes + Self.head(.end, ""))
    #expect(throws: WorkspaceProblem.self) { try scene.digest() }
    try scene.folder.make("back")
    #expect(throws: WorkspaceProblem.self) { try scene.unpack() }
    #expect(Set(scene.folder.names("")) == ["back", "packed", "tree"])
  }

  @Test("one without an end is told")
  func endless() throws {
    try forge(Self.head(.folder, "a"))
    #expect(throws: WorkspaceProblem.self) { try scene.unpack() }
  }

  @Test("a name that comes twice is not written twice, nor through a link")
  func twice() throws {
    let file = Self.number(0) + Self.number(0) + Self.number(0)
    try forge(
      Self.head(.link, "a") + [4, 0] + Array("../x".utf8) + Self.head(.file, "a") + file
        + Self.head(.end, ""))
    #expect(throws: WorkspaceProblem.self) { try scene.unpack() }
    #expect(!scene.folder.names("").contains("x"))
    try forge(
      Self.head(.link, "b") + [2, 0] + Array("..".utf8) + Self.head(.folder, "b")
        + Self.head(.end, ""))
    #expect(throws: WorkspaceProblem.self) { try scene.unpack() }
  }

  @Test("no more comes out of it than was said")
  func bomb() throws {
    let length: UInt64 = 64 << 20
    try forge(
      Self.head(.file, "a") + Self.number(length) + Self.number(0) + Self.number(length)
        + Array(repeating: 0, count: Int(length)) + Self.number(0) + Self.number(0)
        + Self.head(.end, ""))
    #expect(throws: WorkspaceProblem.self) { try scene.unpack(limit: 1 << 20) }
    var status = stat()
    #expect(lstat(scene.back + "/a", &status) == 0 && status.st_size <= 1 << 20)
    try scene.unpack(limit: 65 << 20)
  }
}
