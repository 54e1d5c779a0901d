import ArgumentParser
import Formats
import Foundation
import Model
import Project

struct BenchStoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Whether real files of recorded workflows stay within the budget.",
    discussion: """
      Each trace becomes a project whose tasks read their inputs and write files of random bytes, of \
      the recorded sizes times a factor, each rounded up to whole blocks of 4 KiB. The factor brings \
      the planned peak to --bytes, or above it by what rounding up adds. This same program runs it \
      with a budget of --times the planned peak, while a thread walks the workspace and adds up the \
      allocated blocks of all files, each inode once.

      A walk takes its time, and may find a file that is deleted behind it and the one that takes its \
      place in front of it. So a sum above the budget counts only as far as a second walk, right after \
      it, finds the same: that lay there all at once.

      Asked is what all artifacts come to, rho the share of it that was served by bytes used before, \
      rho max what the executed schedule allows, and eta what the walked peak makes of that, beside the \
      one by the run's own facts. Folders that Cairn makes, a block each on some file systems, stand \
      apart: artifacts are what lies in them. Exit code 1 where a trace does not hold.
      """)

  @Argument(help: "WfFormat traces.")
  var files: [String]
  @Option(help: "What the planned peak is scaled to, as 64MiB.")
  var bytes = "64MiB"
  @Option(help: "The budget, as a multiple of the planned peak.")
  var times = 1.0
  @Option(name: .shortAndLong, help: "Tasks that run at once.")
  var jobs = 8
  @Option(help: ArgumentHelp("Between two walks.", valueName: "ms"))
  var every = 50
  @Flag(help: "Write what no task reads, too.")
  var products = false
  @Flag(help: "A file system of the budget's size is the workspace; needs the right to mount one.")
  var quota = false
  @Option(help: "Folder for the projects; a temporary one by default.")
  var folder: String?
  @Flag(help: "One JSON object.")
  var json = false

  private static let largestBytes: Int64 = 1 << 40

  func validate() throws {
    guard let size = SizeText.bytes(bytes),
      (TraceReplay.blockBytes...Self.largestBytes).contains(size)
    else { throw ValidationError("--bytes \(bytes): expected a size from 4KiB to 1TiB") }
    guard (1...100).contains(times) else {
      throw ValidationError("--times \(times): expected 1 to 100")
    }
    guard (1...10_000).contains(jobs), (1...60_000).contains(every) else {
      throw ValidationError("expected 1 to 10000 jobs, and 1 to 60000 ms between walks")
    }
    guard !files.isEmpty else { throw ValidationError("expected a trace") }
  }

  func run() throws {
    let place = try BenchFolder(folder)
    defer { place.remove() }
    if quota { try StoreQuota.require(in: place.path) }
    let report = ReplayReport(jobs: jobs, everyMilliseconds: every, isQuota: quota, traces: [])
    let whole = try measure(report, in: place.path)
    if json { News.json(try JSONOutput.encode(whole)) }
    guard whole.traces.allSatisfy({ $0.faults.isEmpty }) else { throw ExitCode(1) }
  }

  /// Tells each line when it is measured.
  private func measure(_ empty: ReplayReport, in place: String) throws -> ReplayReport {
    var report = empty
    if !json { ReplayReport.head.forEach(News.result) }
    for (number, file) in files.enumerated() {
      let location = try ProjectLocation.find(
        path: file, from: FileManager.default.currentDirectoryPath)
      let loaded = try LoadedProject(location)
      guard loaded.isTrace else {
        throw ProjectProblem(.badData, "\(file): bench store replays WfFormat traces")
      }
      let replay = try TraceReplay(
        loaded, bytes: SizeText.bytes(bytes) ?? 0, products: products, jobs: jobs)
      let round = StoreRound(
        replay: replay, folder: "\(place)/\(number)", times: times, jobs: jobs,
        everyMilliseconds: every, isQuota: quota)
      report.traces.append(try round.measure())
      if !json, let line = report.traces.last?.line { News.result(line) }
    }
    return report
  }
}

/// What lies below a folder, as the walk of `bench store` finds it.
struct BenchWalkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "walk", abstract: "Add up the allocated bytes below a folder.",
    shouldDisplay: false)

  @Argument(help: "The folder.")
  var folder: String
  @Option(help: "Bytes that files may take together.")
  var limit: Int64 = .max

  func run() throws {
    let walk = FolderWalk(folder)
    let over = max(0, walk.fileBytesTogether(with: FolderWalk(folder)) - limit)
    News.result(
      "\(walk.fileCount) files of \(walk.fileBytes) bytes, \(over) over the limit, "
        + "\(walk.folderBytes) bytes in folders")
  }
}
