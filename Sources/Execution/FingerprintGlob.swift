import Glibc

/// A pattern of file names: `*` and `?` inside a name, `[a-z]` and `[!a-z]` one character, `**` any
/// number of folders.
///
/// Names that begin with a dot are matched only by a pattern that does, as in a shell; `.cairn` never.
/// A folder that matches stands for all files below it. `**` does not follow links to folders.
struct Glob: Equatable {
  /// Most files that one glob may match.
  static let maximumFiles = 100_000
  /// Most entries that are looked at for one glob.
  static let maximumEntries = 2_000_000

  let pattern: String
  private let parts: [[UInt8]]
  private let start: String

  init(_ pattern: String) {
    self.pattern = pattern
    start = pattern.hasPrefix("/") ? "/" : ""
    parts = pattern.split(separator: "/").filter { $0 != "." }.map { Array($0.utf8) }
  }

  /// Returns the matching files as paths relative to `root`, in no order.
  func files(in root: String) throws(WorkspaceProblem) -> Set<String> {
    var search = Search(root: root, pattern: pattern)
    try search.descend(start, parts[...])
    return search.files
  }

  private struct Search {
    let root: String
    let pattern: String
    var files: Set<String> = []
    var entries = 0

    mutating func descend(_ folder: String, _ parts: ArraySlice<[UInt8]>) throws(WorkspaceProblem) {
      guard let part = parts.first else { return try addAll(below: folder, hidden: true) }
      let rest = parts.dropFirst()
      if part == Array("**".utf8), rest.isEmpty || rest.elementsEqual([Array("*".utf8)]) {
        try addAll(below: folder, hidden: false)
      } else if part == Array("**".utf8) {
        try descend(folder, rest)
        for name in try names(in: folder) where !name.hasPrefix(".") {
          if isFolder(folder + name, throughLinks: false) {
            try descend(folder + name + "/", parts)
          }
        }
      } else if !part.contains(where: { Glob.special.contains($0) }) {
        try enter(folder, String(decoding: part, as: UTF8.self), rest)
      } else {
        for name in try names(in: folder) where Glob.matches(part, name) {
          try enter(folder, name, rest)
        }
      }
    }

    private mutating func enter(_ folder: String, _ name: String, _ rest: ArraySlice<[UInt8]>)
      throws(WorkspaceProblem)
    {
      guard name != ".cairn" else { return }
      let path = folder + name
      if isFolder(path, throughLinks: true) {
        try descend(path + "/", rest)
      } else if rest.isEmpty {
        try add(path)
      }
    }

    private mutating func addAll(below folder: String, hidden: Bool) throws(WorkspaceProblem) {
      for name in try names(in: folder) where name != ".cairn" && (hidden || !name.hasPrefix(".")) {
        let path = folder + name
        if isFolder(path, throughLinks: false) {
          try addAll(below: path + "/", hidden: hidden)
        } else {
          try add(path)
        }
      }
    }

    private mutating func add(_ path: String) throws(WorkspaceProblem) {
      var status = stat()
      guard stat(absolute(path), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
      files.insert(path)
      guard files.count <= Glob.maximumFiles else {
        throw WorkspaceProblem("inputs \"\(pattern)\" match more than \(Glob.maximumFiles) files")
      }
    }

    private mutating func names(in folder: String) throws(WorkspaceProblem) -> [String] {
      let path = absolute(folder)
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) { return [] }
      guard descriptor >= 0 else { throw FileTree.problem("read inputs in", path) }
      defer { close(descriptor) }
      let names = try FileTree.names(in: descriptor, of: path)
      entries += names.count
      guard entries <= Glob.maximumEntries else {
        throw WorkspaceProblem(
          "inputs \"\(pattern)\" look at more than \(Glob.maximumEntries) files")
      }
      return names.compactMap {
        String(validating: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }

    private func isFolder(_ path: String, throughLinks: Bool) -> Bool {
      var status = stat()
      let result = throughLinks ? stat(absolute(path), &status) : lstat(absolute(path), &status)
      return result == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func absolute(_ path: String) -> String {
      path.hasPrefix("/") ? path : path.isEmpty ? root : root + "/" + path
    }
  }
}

// MARK: One name

extension Glob {
  private static let special: Set<UInt8> = Set("*?[".utf8)

  /// Whether a pattern without slashes matches the whole name.
  ///
  /// The last `*` is the only place to go back to, so time is O(pattern × name).
  static func matches(_ pattern: [UInt8], _ name: String) -> Bool {
    let characters = name.unicodeScalars.map(\.value)
    let items = Self.items(pattern)
    if characters.first == 0x2E && items.first != .character(0x2E) { return false }
    var item = 0
    var place = 0
    var star: (item: Int, place: Int)?
    while place < characters.count {
      if item < items.count, items[item] == .anything {
        star = (item, place)
        item += 1
      } else if item < items.count, items[item].matches(characters[place]) {
        item += 1
        place += 1
      } else if let back = star {
        star = (back.item, back.place + 1)
        item = back.item + 1
        place = back.place + 1
      } else {
        return false
      }
    }
    return items[item...].allSatisfy { $0 == .anything }
  }

  private enum Item: Equatable {
    case anything
    case one
    case character(UInt32)
    case set([ClosedRange<UInt32>], inverted: Bool)

    func matches(_ character: UInt32) -> Bool {
      switch self {
      case .anything: false
      case .one: true
      case .character(let wanted): wanted == character
      case .set(let ranges, let inverted):
        ranges.contains { $0.contains(character) } != inverted
      }
    }
  }

  private static func items(_ pattern: [UInt8]) -> [Item] {
    let text = String(decoding: pattern, as: UTF8.self).unicodeScalars.map(\.value)
    var items: [Item] = []
    var index = 0
    while index < text.count {
      if text[index] == 0x2A {
        if items.last != .anything { items.append(.anything) }
      } else if text[index] == 0x3F {
        items.append(.one)
      } else if text[index] == 0x5B, let (set, end) = set(text, from: index) {
        items.append(set)
        index = end
      } else {
        items.append(.character(text[index]))
      }
      index += 1
    }
    return items
  }

  /// Parses `[…]`; nil if it has no end, then the bracket means itself.
  private static func set(_ text: [UInt32], from start: Int) -> (Item, end: Int)? {
    var index = start + 1
    let inverted = index < text.count && (text[index] == 0x21 || text[index] == 0x5E)
    if inverted { index += 1 }
    var ranges: [ClosedRange<UInt32>] = []
    // A bracket right at the beginning is a member.
    let first = index
    while index < text.count, text[index] != 0x5D || index == first {
      if index + 2 < text.count, text[index + 1] == 0x2D, text[index + 2] != 0x5D {
        let (low, high) = (text[index], text[index + 2])
        if low <= high { ranges.append(low...high) }
        index += 3
      } else {
        ranges.append(text[index]...text[index])
        index += 1
      }
    }
    return index < text.count ? (.set(ranges, inverted: inverted), index) : nil
  }
}
