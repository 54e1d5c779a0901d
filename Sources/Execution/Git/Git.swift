import Glibc

/// The program git, called so that nothing but git runs and nothing asks anybody.
///
/// Of the environment it gets no variable that names another repository or program. Hooks, the file
/// system monitor, maintenance and locks that are not needed are off.
struct Git: Sendable {
  /// `merge-tree --write-tree` is new in it.
  static let leastVersion = (2, 38)

  /// Absolute path of the program.
  let path: String
  /// `NAME=value`; without what a call adds.
  let environment: [String]

  /// `environment` is Cairn's own, `marks` what tells its processes from others.
  ///
  /// - Throws: `GitProblem` (`unavailable`) without a git that is new enough.
  init(environment: [String], marks: [String] = []) throws(GitProblem) {
    var lookup = ProgramLookup()
    let searchPath = environment.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) }
    let path: String
    do throws(SpawnProblem) {
      path = try lookup.path(of: "git", searchPath: searchPath, directory: "/")
    } catch {
      throw GitProblem(
        .unavailable,
        "isolate: worktree needs git, which is not in PATH; install it, or use isolate: slot")
    }
    self.path = path
    self.environment = Self.cleaned(environment) + Self.quiet + marks
    try requireVersion()
  }

  /// What no call is without.
  private static let quiet = [
    "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1",
    "GIT_ADVICE=0",
  ]

  /// An environment without what steers git or would be said twice.
  static func cleaned(_ environment: [String]) -> [String] {
    environment.filter { entry in
      !entry.hasPrefix("GIT_") && !entry.hasPrefix("LC_ALL=") && !entry.hasPrefix("LANGUAGE=")
        && !entry.hasPrefix("SSH_ASKPASS=")
    }
  }

  /// Variables by which git takes a folder or a file for its own, wherever it is called.
  private static let places = [
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE",
    "GIT_IMPLICIT_WORK_TREE", "GIT_INTERNAL_SUPER_PREFIX",
  ]

  /// Whether an entry of an environment would lead git out of the folder that it is called in.
  static func namesPlace(_ entry: String) -> Bool {
    guard entry.hasPrefix("GIT_") else { return false }
    return places.contains { entry.hasPrefix($0 + "=") }
  }

  private func requireVersion() throws(GitProblem) {
    var numbers: [Int] = []
    do throws(WorkspaceProblem) {
      let reply = try call(["--version"], in: "/")
      let word = reply.text.split(whereSeparator: \.isWhitespace).dropFirst(2).first ?? ""
      numbers = word.split(separator: ".").prefix(2).compactMap { Int($0) }
    } catch {
      throw GitProblem(.unavailable, "isolate: worktree needs git: \(error)")
    }
    guard numbers.count == 2, (numbers[0], numbers[1]) >= Self.leastVersion else {
      throw GitProblem(
        .unavailable,
        "isolate: worktree needs git \(Self.leastVersion.0).\(Self.leastVersion.1) or newer, and "
          + "\(path) is \(numbers.map(String.init).joined(separator: "."))")
    }
  }
}

extension Git {
  /// What git said.
  struct Reply {
    /// Of the call that it answers, for problems.
    var name: String
    var code: Int32
    var output: [UInt8]
    var errors: [UInt8]

    /// Output as text, without the end of its last line.
    var text: String {
      let text = String(decoding: output, as: UTF8.self)
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// Output that `-z` separates.
    var fields: [String] {
      output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first line that says what went wrong.
    var complaint: String {
      let lines = String(decoding: errors, as: UTF8.self).split(separator: "\n")
      let line = lines.first { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") } ?? lines.first
      return line.map(String.init) ?? "exit \(code)"
    }

    var problem: WorkspaceProblem {
      WorkspaceProblem(
        "git \(name) failed: \(complaint)",
        isDiskFull: complaint.contains("No space left on device"))
    }
  }

  /// Runs git to its end, whatever its exit code.
  func call(
    _ arguments: [String], in directory: String, input: String? = nil, with more: [String] = []
  ) throws(WorkspaceProblem) -> Reply {
    let finished = try ToolProcess(
      path: path, arguments: arguments, environment: environment + more, directory: directory,
      input: input
    ).run()
    return Reply(
      name: arguments.first { !$0.hasPrefix("-") } ?? "", code: finished.code,
      output: finished.output, errors: finished.errors)
  }

  /// The same for a call that has to succeed.
  @discardableResult
  func must(
    _ arguments: [String], in directory: String, input: String? = nil, with more: [String] = []
  ) throws(WorkspaceProblem) -> Reply {
    let reply = try call(arguments, in: directory, input: input, with: more)
    guard reply.code == 0 else { throw reply.problem }
    return reply
  }
}
