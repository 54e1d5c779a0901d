import Foundation

/// A folder of a test's own, removed with the value.
final class TemporaryProject: Sendable {
  /// Absolute, without symbolic links.
  let root: String
  private let outside: String
  /// A small environment, so that nobody's shell settings decide a test.
  let environment: [String: String]

  init() throws {
    outside = try Self.makeFolder()
    root = outside + "/project"
    for folder in ["/project", "/home", "/runtime", "/out"] {
      try FileManager.default.createDirectory(
        atPath: outside + folder, withIntermediateDirectories: true)
    }
    let own = ProcessInfo.processInfo.environment
    environment = [
      "PATH": own["PATH"] ?? "/usr/bin:/bin", "HOME": outside + "/home", "USER": "ana",
      "LANG": "C.UTF-8", "TERM": "xterm-256color", "XDG_RUNTIME_DIR": outside + "/runtime",
      "TMPDIR": outside + "/out",
    ]
  }

  /// A project with this file.
  convenience init(_ cairnFile: String) throws {
    try self.init()
    try write(cairnFile, to: "cairn.yaml")
  }

  /// A copy of an example, with a git repository of its own.
  convenience init(example name: String) throws {
    try self.init()
    let source = CairnBinary.repository + "/Examples/" + name
    // Not by this process: another test's child might inherit an open script and keep it busy.
    try shell("cp -R '\(source)/.' . && rm -rf .cairn report.txt")
    try shell(
      "git init -q . && git add -A && git -c user.name=ana -c user.email=a@b commit -qm all")
  }

  deinit {
    // Tests take permissions away; without them back the folder would stay.
    _ = try? shell("chmod -R u+rwx . 2>/dev/null || true")
    try? FileManager.default.removeItem(atPath: outside)
  }

  private static func makeFolder() throws -> String {
    let base = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
    let folder = base + "/cairn-test-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}

extension TemporaryProject {
  /// A folder beside the project, for what a test keeps.
  var besides: String { outside + "/out" }

  func path(_ name: String) -> String { root + "/" + name }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func write(_ text: String, to name: String) throws {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
  }

  /// Replaces a text that must occur.
  func edit(_ name: String, _ old: String, to new: String) throws {
    let text = try read(name)
    guard text.contains(old) else { throw PollProblem(description: "\(name) has no \"\(old)\"") }
    try write(text.replacingOccurrences(of: old, with: new), to: name)
  }

  func newFiles() -> (output: String, errors: String) {
    let stem = outside + "/out/" + UUID().uuidString.prefix(8)
    return (stem + ".out", stem + ".err")
  }

  /// Runs a shell script in the project and returns what it wrote; blocks, so only for short ones.
  @discardableResult
  func shell(_ script: String) throws -> String {
    let files = newFiles()
    let pid = try Spawn.start(
      "/bin/bash", ["-c", script], in: root, environment: environment, output: files.output,
      errors: files.errors)
    let status = Spawn.wait(pid)
    let data = FileManager.default.contents(atPath: files.output) ?? Data()
    guard status == 0 else {
      let errors = FileManager.default.contents(atPath: files.errors) ?? Data()
      throw PollProblem(
        description: "\(script): status \(status): \(String(decoding: errors, as: UTF8.self))")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
