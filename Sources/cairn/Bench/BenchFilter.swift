import ArgumentParser
import Canvas
import Dashboard
import Foundation
import Model
import Planning

struct BenchFilterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "How long the dashboard takes from a key in the filter line to the frame.",
    discussion: """
      Types filters into the dashboard of a run that stands in its middle, key by key, as often as \
      asked. Each figure is the time from the key to the finished frame of 120 × 36 cells, the bytes \
      for the terminal not among it. A frame that a person does not wait for takes at most 16 ms.
      """)

  @Option(help: "Tasks of the graph.")
  var tasks = 10_000
  @Option(help: "How often each filter is typed.")
  var rounds = 20

  private static let texts = [
    "t99", "~t42 !t1", "state:failed,run", "mem>64M", "time>1s attempt<2", "slack<10s",
    "needs:t77", "feeds:t9999 !state:done", "cpu>50% progress<50%",
  ]

  func validate() throws {
    guard (1...1_000_000).contains(tasks), (1...10_000).contains(rounds) else {
      throw ValidationError("expected 1 to 1000000 tasks and 1 to 10000 rounds")
    }
  }

  func run() {
    let state = middle()
    News.result("\(tasks) tasks, \(state.run.counts[.done]) of them done; milliseconds for a key")
    News.result("median     99 %      max   filter")
    for text in Self.texts {
      let times = (0..<rounds).flatMap { _ in Self.type(text, into: state) }.sorted()
      let figures = [times[times.count / 2], times[times.count * 99 / 100], times[times.count - 1]]
      News.result(
        figures.map { String(format: "%6.2f", $0) }.joined(separator: "   ") + "   " + text)
    }
  }

  /// The dashboard when half of what happens has happened.
  private func middle() -> DashboardState {
    var simulation = Simulation(
      TaskGraph.layered(tasks, width: 200, needs: 3, seed: 1), config: RunConfig(jobs: 64),
      load: .random(tasks, seed: 1))
    var facts: [Fact] = []
    _ = simulation.run { facts += $0 }
    var state = DashboardState()
    _ = state.update(.resized(Size(columns: 120, rows: 36)))
    _ = state.update(.facts(Array(facts.prefix(facts.count / 2))))
    return state
  }

  /// Milliseconds of each key.
  private static func type(_ text: String, into state: DashboardState) -> [Double] {
    var state = state
    let clock = ContinuousClock()
    return ("/" + text).map { character in
      let start = clock.now
      _ = state.update(.key(.character(character)))
      let frame = state.frame(size: Size(columns: 120, rows: 36))
      precondition(frame.size.rows == 36, "a frame has the size that was asked for")
      return (clock.now - start) / .milliseconds(1)
    }
  }
}
