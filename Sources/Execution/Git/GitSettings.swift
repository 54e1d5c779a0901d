/// Git's configuration as it was when a session opened, to be given to each call.
///
/// A task can write the repository's configuration, which may name programs; what was there before any
/// of them ran was the user's. Only what changes how files are stored, compared, merged and signed for
/// is taken.
struct GitSettings: Sendable, Equatable {
  /// Most bytes of names and values together: they go through the environment.
  static let maximumBytes = 64 << 10

  private static let sections = ["core.", "filter.", "merge.", "diff.", "lfs.", "i18n.", "user."]
  /// Of those, what names another repository, runs something or is Cairn's to decide.
  private static let left: Set<String> = [
    "core.bare", "core.worktree", "core.repositoryformatversion", "core.hookspath",
    "core.fsmonitor", "core.untrackedcache", "core.sparsecheckout", "core.sparsecheckoutcone",
    "core.splitindex", "core.sshcommand", "core.gitproxy", "core.askpass", "core.editor",
    "core.pager", "core.logallrefupdates", "core.ignorestat", "core.alternaterefscommand",
    "diff.external",
  ]
  /// What Cairn decides, in every repository.
  static let own = [
    ("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("core.untrackedCache", "false"),
    ("core.sparseCheckout", "false"), ("core.splitIndex", "false"), ("gc.auto", "0"),
    ("maintenance.auto", "false"), ("submodule.recurse", "false"), ("core.quotePath", "false"),
  ]

  private let pairs: [(name: String, value: String)]

  static func == (a: GitSettings, b: GitSettings) -> Bool { a.environment == b.environment }

  /// Nothing but what Cairn decides.
  static let none = GitSettings(pairs: [])

  private init(pairs: [(name: String, value: String)]) { self.pairs = pairs }

  /// Reads what `git config --list -z` wrote: a name, a newline and a value, or a name alone.
  init(listed bytes: [UInt8]) throws(GitProblem) {
    var pairs: [(name: String, value: String)] = []
    var size = 0
    for entry in bytes.split(separator: 0) {
      let text = String(decoding: entry, as: UTF8.self)
      let end = text.firstIndex(of: "\n")
      let name = String(text[..<(end ?? text.endIndex)])
      guard Self.sections.contains(where: name.hasPrefix), !Self.left.contains(name) else {
        continue
      }
      let value = end.map { String(text[text.index(after: $0)...]) } ?? "true"
      size += name.utf8.count + value.utf8.count
      guard size <= Self.maximumBytes else {
        throw GitProblem(
          .unusable, "git's configuration is larger than \(Self.maximumBytes) bytes")
      }
      pairs.append((name, value))
    }
    self.pairs = pairs
  }

  /// Who commits: whom the configuration names, else Cairn.
  var identity: (name: String, email: String) {
    func last(_ name: String) -> String? {
      pairs.last { $0.name == name && !$0.value.isEmpty }?.value
    }
    guard let name = last("user.name"), let email = last("user.email") else {
      return ("Cairn", "cairn@localhost")
    }
    return (name, email)
  }

  /// For calls that read no other configuration.
  var environment: [String] {
    ["GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null"] + Self.variables(pairs + Self.own)
  }

  /// For calls that read the repository's own, too.
  static let overrides = variables(own)

  private static func variables(_ pairs: [(name: String, value: String)]) -> [String] {
    ["GIT_CONFIG_COUNT=\(pairs.count)"]
      + pairs.enumerated().flatMap { index, pair in
        ["GIT_CONFIG_KEY_\(index)=\(pair.name)", "GIT_CONFIG_VALUE_\(index)=\(pair.value)"]
      }
  }
}
