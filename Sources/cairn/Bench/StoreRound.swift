import Foundation
import Glibc
import Model
import Project

/// One trace's replay, by this program, in a project of its own.
struct StoreRound {
  let replay: TraceReplay
  let folder: String
  let times: Double
  let jobs: Int
  let everyMilliseconds: Int
  let isQuota: Bool

  private var budgetBytes: Int64 {
    TraceReplay.roundedUp(Double(replay.plannedBytes) * times)
  }

  /// - Throws: `BenchProblem` where nothing can be started, and what reading the journal throws.
  func measure() throws -> ReplayReport.Trace {
    var trace = ReplayReport.Trace(replay, budgetBytes: budgetBytes)
    // A budget of nothing is none.
    guard budgetBytes > 0 else { return trace }
    try FileManager.default.createDirectory(
      atPath: folder + "/.cairn/workspace", withIntermediateDirectories: true)
    defer { BenchFolder.remove(folder) }
    try Data(replay.cairnFile().utf8).write(to: URL(fileURLWithPath: folder + "/cairn.yaml"))
    let process = try start()
    let root = isQuota ? "/proc/\(process.pid)/root" : ""
    let watch = FolderWatch(
      root + folder + "/.cairn/workspace", limitBytes: budgetBytes,
      everyMilliseconds: everyMilliseconds)
    // What it ends with, the journal says too, and why.
    trace.seconds = process.ended()
    trace.add(watch.stop())
    guard
      let state = try? ProjectHistory(try ProjectLocation.find(path: folder, from: "/"))
        .record(nil).state
    else { throw BenchProblem(description: "\(replay.name): no run began: \(lastWords)") }
    trace.add(state)
    if !trace.faults.isEmpty, !lastWords.isEmpty { News.say("\(replay.name): \(lastWords)") }
    return trace
  }

  private var lastWords: String {
    let bytes = FileManager.default.contents(atPath: folder + "/news") ?? Data()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
  }

  private func start() throws -> BenchProcess {
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let words = [
      program, "run", "--plain", "--jobs", "\(jobs)", "--budget", "\(budgetBytes)B",
    ]
    let quota =
      isQuota
      ? StoreQuota.words(at: folder + "/.cairn/workspace", bytes: budgetBytes, then: words) : words
    return try BenchProcess.start(quota, in: folder) { actions in
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
      posix_spawn_file_actions_addopen(
        &actions, 2, folder + "/news", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    }
  }
}

/// A tmpfs that only one process and its children see, so that nobody has to take it away.
enum StoreQuota {
  private static let script =
    #"mount -t tmpfs -o "size=$1,mode=755" tmpfs "$2" && shift 2 && exec "$@""#

  /// The words that run others with a file system of so many bytes at the path.
  static func words(at path: String, bytes: Int64, then words: [String]) -> [String] {
    let user = geteuid() == 0 ? [] : ["--user", "--map-root-user"]
    return ["unshare"] + user + ["--mount", "--propagation", "private", "sh", "-c", script, "sh"]
      + ["\(bytes)", path] + words
  }

  /// - Throws: `ProjectProblem` (`unavailable`) where no file system may be mounted.
  static func require(in folder: String) throws {
    let trial = words(at: folder, bytes: TraceReplay.blockBytes, then: ["true"])
    guard try BenchProcess.start(trial, in: folder).succeeded() else {
      throw ProjectProblem(
        .unavailable,
        "--quota: this user may not mount a tmpfs in a namespace of its own here; root may, and "
          + "others where the kernel lets them make user namespaces")
    }
  }
}
