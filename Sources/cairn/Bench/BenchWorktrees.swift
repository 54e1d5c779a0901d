import ArgumentParser
import Dashboard
import Execution
import Foundation

struct BenchWorktreesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worktrees",
    abstract: "What it takes to prepare a worktree, beside a fresh clone.",
    discussion: """
      A repository (by default one of generated files, with a folder of ignored ones that a build would \
      keep) is cloned, and worktrees of the clone are leased as tasks lease them: the first time, when all \
      files are written, and later, when a task has changed files and left new ones, the branch has moved \
      on, and the caches stay. Every lease proves all tracked files by digests computed anew. A clone \
      proves nothing; it shares the objects of its source, the quickest there is.
      """)

  @Argument(help: "A git repository; a generated one by default.")
  var folder: String?
  @Option(help: "An ignored path that stays from lease to lease; repeatable.")
  var cache: [String] = []
  @Option(help: "Files of the generated repository.")
  var files = 3000
  @Option(help: "Rounds; the figures are their medians.")
  var rounds = 9

  func validate() throws {
    guard (10...100_000).contains(files), (1...1000).contains(rounds) else {
      throw ValidationError("expected 10 to 100000 files and 1 to 1000 rounds")
    }
  }

  func run() throws {
    let place = try BenchFolder(nil)
    defer { place.remove() }
    let subject = try BenchRepository(
      place.path, source: folder, files: files, caches: folder == nil ? ["build"] : cache)
    var table = BenchWorktreeTable()
    for round in 0..<rounds { try table.measure(subject, round) }
    try table.lines(subject).forEach(News.result)
  }
}

/// A repository with two commits, the second of which changes some files, and caches beside it.
struct BenchRepository {
  /// Holds `source`, `caches` and `project`.
  let folder: String
  let caches: [String]
  /// In hexadecimal.
  let commits: [String]

  private static let changedFiles = 20
  /// Bytes of a generated file, of text that does not repeat.
  private static let fileBytes = 4096
  private static let identity = "-c user.name=bench -c user.email=bench@localhost"

  init(_ folder: String, source: String?, files: Int, caches: [String]) throws {
    self.folder = folder
    self.caches = caches
    if let source {
      try Self.shell("git clone -q \"$1\" source", in: folder, [Self.absolute(source)])
    } else {
      try Self.generate(files, in: folder)
    }
    try Self.shell("mkdir -p caches && git clone -q source project", in: folder)
    if let source {
      for cache in caches {
        try Self.shell(
          "mkdir -p \"caches/$(dirname \"$2\")\" && cp -a \"$1/$2\" \"caches/$2\"", in: folder,
          [Self.absolute(source), cache])
      }
    }
    try Self.shell(
      """
      cd project
      git ls-files -z | head -zn \(Self.changedFiles) | xargs -0 sh -c 'for f; do echo more >> "$f"; done' sh
      git \(Self.identity) commit -qam more
      """, in: folder)
    commits = try ["HEAD~1", "HEAD"].map {
      try Self.output("git -C project rev-parse \($0)", in: folder)
    }
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  private static func generate(_ files: Int, in folder: String) throws {
    try shell(
      """
      mkdir -p source caches/build && cd source && git init -q
      seq \(files) | while read -r n; do
        d=src/$((n % 40)); [ -d $d ] || mkdir -p $d
        head -c \(fileBytes * 3 / 4) /dev/urandom | base64 > $d/file$n.txt
      done
      echo build/ > .gitignore
      git add -A && git \(identity) commit -qm generated
      cp -a src ../caches/build/objects
      """, in: folder)
  }

  static func shell(_ script: String, in folder: String, _ words: [String] = []) throws {
    let process = try BenchProcess.start(["bash", "-euc", script, "bash"] + words, in: folder)
    _ = try process.wait()
  }

  static func output(_ script: String, in folder: String) throws -> String {
    try shell("{ \(script); } > answer", in: folder)
    let text = try String(contentsOfFile: folder + "/answer", encoding: .utf8)
    return text.trimmingCharacters(in: .newlines)
  }
}

struct BenchWorktreeTable {
  private var clones: [Double] = []
  private var cachedClones: [Double] = []
  private var first: [Double] = []
  private var later: [Double] = []
  private var isIdentical = true
  private var bytes: Int64 = 0

  private static let clock = ContinuousClock()

  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
  }

  mutating func measure(_ subject: BenchRepository, _ round: Int) throws {
    let folder = subject.folder
    let clone = try Self.seconds {
      try BenchRepository.shell("git clone -q project clone", in: folder)
    }
    clones.append(clone)
    cachedClones.append(
      try Self.seconds { try BenchRepository.shell("cp -a caches/. clone/", in: folder) } + clone)
    try BenchRepository.shell("rm -rf clone", in: folder)
    try lease(subject, round)
  }

  private mutating func lease(_ subject: BenchRepository, _ round: Int) throws {
    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let trial = try WorktreeTrial(root: subject.folder + "/project", environment: environment)
    var worktree = ""
    first.append(
      try Self.seconds {
        worktree = try trial.lease(0, at: subject.commits[0], caches: subject.caches)
      })
    try BenchRepository.shell("cp -a caches/. \"$1/\"", in: subject.folder, [worktree])
    try BenchRepository.shell(Self.deeds, in: worktree)
    later.append(
      try Self.seconds {
        _ = try trial.lease(0, at: subject.commits[1], caches: subject.caches)
      })
    isIdentical = try isIdentical && Self.isIdentical(worktree, subject.commits[1], subject)
    bytes = try WorktreeTrial.bytes(worktree)
    try trial.remove(0)
  }

  /// What a task leaves: changed, new and missing files.
  private static let deeds = """
    git ls-files -z | tail -zn 10 | xargs -0 sh -c 'for f; do echo task >> "$f"; done' sh
    git ls-files -z | head -zn 5 | xargs -0 rm
    mkdir -p left && echo new > left/file
    """

  /// Compares the digests of the files with those of the commit, by other means than a lease does; links
  /// and submodules are left out.
  private static func isIdentical(
    _ worktree: String, _ commit: String, _ subject: BenchRepository
  ) throws -> Bool {
    let script = """
      cd "\(worktree)"
      git ls-tree -r --full-tree \(commit) | grep '^100' | cut -f 2- > ../names
      git ls-tree -r --full-tree \(commit) | grep '^100' | cut -d ' ' -f 3 | cut -f 1 > ../wanted
      git hash-object --stdin-paths < ../names | cmp -s - ../wanted && echo yes || echo no
      """
    return try BenchRepository.output(script, in: subject.folder) == "yes"
  }

  func lines(_ subject: BenchRepository) throws -> [String] {
    let files = try BenchRepository.output(
      "git -C project ls-files | wc -l", in: subject.folder)
    let cacheBytes = try WorktreeTrial.bytes(subject.folder + "/caches")
    let (clone, cached) = (median(clones), median(cachedClones))
    return [
      "\(files) tracked files, \(Figures.bytes(cacheBytes)) of caches, median of \(clones.count) rounds",
      line("fresh clone and checkout", clone), line("the same, and the caches copied", cached),
      line("first lease of a worktree", median(first)),
      line("later lease, caches kept", median(later))
        + String(
          format: "  %.1f x as fast as a clone, %.1f x with its caches", clone / median(later),
          cached / median(later)),
      "  prepared \(Figures.bytes(bytes)); tracked files identical: \(isIdentical ? "yes" : "NO")",
    ]
  }

  private func median(_ values: [Double]) -> Double { BenchTable.median(values) ?? 0 }

  private func line(_ name: String, _ seconds: Double) -> String {
    String(
      format: "  %@ %7.3f s", name.padding(toLength: 32, withPad: " ", startingAt: 0), seconds)
  }
}
