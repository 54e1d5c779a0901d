import ArgumentParser
import Foundation
import Glibc
import Model
import Planning

struct BenchSimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "How fast a run of very many tasks is decided, numbered and folded.",
    discussion: """
      Plays whole runs in virtual time, without processes, disk and journal: the schedule, the facts \
      and their fold are those of a real run. One graph has tasks side by side, one has layers of a \
      thousand tasks with three needs each. The memory is the most that the program ever had.
      """)

  @Option(help: "Tasks of each graph.")
  var tasks = 1_000_000
  @Option(help: "Attempts that run at once.")
  var jobs = 8
  @Option(help: "Seed of the durations and of the layers.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (1...4_000_000).contains(tasks), (1...10_000).contains(jobs) else {
      throw ValidationError("expected 1 to 4000000 tasks and 1 to 10000 jobs")
    }
  }

  func run() {
    News.result("tasks      graph    begin      run    facts   memory")
    News.result(line("wide") { TaskGraph.wide(tasks) })
    News.result(line("layered") { TaskGraph.layered(tasks, width: 1_000, needs: 3, seed: seed) })
  }

  private func line(_ name: String, _ graph: () -> TaskGraph) -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let graph = graph()
    let made = clock.now
    var simulation = Simulation(
      graph, config: RunConfig(jobs: jobs, seed: seed), load: .random(tasks, seed: seed))
    let ready = clock.now
    var facts = 0
    _ = simulation.run { facts += $0.count }
    let spans = [made - start, ready - made, clock.now - ready]
    let seconds = spans.map { String(format: "%7.2f s", $0 / .seconds(1)) }
    return name.padding(toLength: 8, withPad: " ", startingAt: 0) + seconds.joined()
      + String(format: "%9d %4d MiB", facts, Self.peakBytes >> 20)
  }

  private static var peakBytes: Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
