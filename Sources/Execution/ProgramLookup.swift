import Glibc

/// Finds the file of a program the way a shell would, but with the task's own PATH.
///
/// What was found is kept, as a shell does: a program that moves is looked up again when starting it
/// has failed.
struct ProgramLookup {
  /// Names that are remembered; a graph that uses more begins anew.
  private static let maximumEntries = 256
  private static let standardPath = "/usr/local/bin:/usr/bin:/bin"

  private struct Key: Hashable {
    var name: String
    var searchPath: String
  }

  /// A program that has run from a directory.
  private struct Start: Hashable {
    var program: String
    var directory: String
  }

  private var found: [Key: String] = [:]
  private var starts: Set<Start> = []

  /// Returns an absolute path, of a file that can be executed if the name had no slash.
  mutating func path(
    of name: String, searchPath: String?, directory: String
  ) throws(SpawnProblem) -> String {
    guard !name.utf8.contains(UInt8(ascii: "/")) else { return Self.resolved(name, directory) }
    let key = Key(name: name, searchPath: searchPath ?? Self.standardPath)
    if let path = found[key] { return path }
    let path = try Self.search(key, directory)
    // A relative entry means another file from another directory.
    if key.searchPath.split(separator: ":", omittingEmptySubsequences: false)
      .allSatisfy({ $0.hasPrefix("/") })
    {
      if found.count == Self.maximumEntries { found = [:] }
      found[key] = path
    }
    return path
  }

  mutating func forget() {
    found = [:]
    starts = []
  }

  /// Whether the program has been started from there, so that another start will hardly fail.
  func hasStarted(_ program: String, in directory: String) -> Bool {
    starts.contains(Start(program: program, directory: directory))
  }

  mutating func note(started program: String, in directory: String) {
    let start = Start(program: program, directory: directory)
    if starts.contains(start) { return }
    if starts.count == Self.maximumEntries { starts = [] }
    starts.insert(start)
  }

  /// Says why a path cannot be started, if its file is to blame.
  static func problem(of name: String, at path: String) -> SpawnProblem? {
    guard access(path, F_OK) == 0 else {
      return SpawnProblem("cannot start \"\(name)\": \(systemReason())")
    }
    guard isFile(path) else { return SpawnProblem("cannot start \"\(name)\": not a file") }
    guard access(path, X_OK) == 0 else {
      return SpawnProblem("cannot start \"\(name)\": not executable")
    }
    return nil
  }

  private static func search(_ key: Key, _ directory: String) throws(SpawnProblem) -> String {
    var isThere = false
    for folder in key.searchPath.split(separator: ":", omittingEmptySubsequences: false) {
      let path = resolved(folder.isEmpty ? "./\(key.name)" : "\(folder)/\(key.name)", directory)
      guard isFile(path) else { continue }
      if access(path, X_OK) == 0 { return path }
      isThere = true
    }
    throw SpawnProblem(
      isThere
        ? "cannot start \"\(key.name)\": found in PATH, but not executable"
        : "cannot start \"\(key.name)\": not found in PATH")
  }

  private static func resolved(_ path: String, _ directory: String) -> String {
    path.hasPrefix("/") ? path : "\(directory)/\(path)"
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
