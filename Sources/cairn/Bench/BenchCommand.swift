import ArgumentParser
import Foundation
import Project

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure Cairn on this machine, against its peers.",
    subcommands: [
      BenchEngineCommand.self, BenchSimulateCommand.self, BenchPlanCommand.self,
      BenchFilterCommand.self, BenchWorktreesCommand.self,
      BenchLayoutCommand.self, BenchDashboardCommand.self, BenchFeedCommand.self,
      BenchStoreCommand.self, BenchWalkCommand.self, BenchIntegrityCommand.self,
    ])
}

struct BenchEngineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine",
    abstract: "What a run costs beyond starting its processes.",
    discussion: """
      Runs tasks that do nothing: many side by side, then one behind another. Every round runs all \
      peers in turn, so that a machine that grows slower does so for all; figures are medians of the \
      rounds, and each ratio is the median of the ratios within a round.

      Cairn's time is that of the session, from its first fact to its last; that of the whole \
      program, with reading the graph, stands beside it. The time of make and ninja is that of the \
      whole program; they record nothing.
      """)

  @Option(help: "Tasks of the wide graph.")
  var wide = 5000
  @Option(help: "Tasks of the chain.")
  var chain = 2000
  @Option(help: "Rounds; the figures are their medians.")
  var rounds = 9
  @Option(help: "Folder for graphs and journals; a temporary one by default.")
  var folder: String?

  func validate() throws {
    guard (1...100_000).contains(wide), (1...100_000).contains(chain), (1...1000).contains(rounds)
    else { throw ValidationError("expected 1 to 100000 tasks and 1 to 1000 rounds") }
  }

  func run() async throws {
    let place = try BenchFolder(folder)
    defer { place.remove() }
    News.result(place.description)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    for shape in [BenchShape.wide(wide, jobs: cores), .chain(chain)] {
      let table = try BenchTable.measure(shape, rounds: rounds, in: place)
      table.lines().forEach(News.result)
    }
  }
}

/// A folder of the benchmark's own, deleted at the end.
struct BenchFolder: CustomStringConvertible {
  let path: String

  init(_ parent: String?) throws {
    let base = parent ?? FileManager.default.temporaryDirectory.path
    path = base + "/cairn-bench-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { Self.remove(path) }

  /// Deletes a folder in which projects have run, as far as that is possible.
  ///
  /// What is sealed cannot be written, and only root deletes from such folders all the same.
  static func remove(_ path: String) {
    let files = FileManager.default
    for name in files.enumerator(atPath: path)?.compactMap({ $0 as? String }) ?? [] {
      let entry = path + "/" + name
      guard
        (try? files.attributesOfItem(atPath: entry)[.type]) as? FileAttributeType == .typeDirectory
      else { continue }
      try? files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: entry)
    }
    try? files.removeItem(atPath: path)
  }

  var description: String {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "\(cores) cores, journals in \(path)"
  }
}
