import ArgumentParser
import Canvas
import Dashboard
import Foundation
import Glibc

struct BenchLayoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "How fast graphs are laid out, and how often their edges cross.",
    discussion: """
      Lays out random task graphs in stages. A layout runs on one thread and waits for nothing: the \
      promise is held to its processor time, which other work on the machine does not stretch; the \
      time on the clock stands beside it. Both are medians of the rounds.

      For crossings, graphs of 50 to 500 tasks are also drawn by Graphviz dot in the same call: both \
      drawings are cut at their ranks, edge by edge, and counted by the same function. Where an edge \
      of dot passes a rank is read off its spline.
      """)

  @Option(help: "Graphs whose crossings are counted.")
  var graphs = 30
  @Option(help: "Rounds; times are their medians.")
  var rounds = 9
  @Option(help: "Seed of the first graph; the next have the next.")
  var seed: UInt64 = 1
  @Option(help: "Folder for the graphs given to dot; a temporary one by default.")
  var folder: String?

  func validate() throws {
    guard (1...1000).contains(graphs), (1...1000).contains(rounds) else {
      throw ValidationError("expected 1 to 1000 graphs and 1 to 1000 rounds")
    }
  }

  func run() throws {
    #if DEBUG
      News.result("a debug build: its times are not those of a release")
    #endif
    News.result(" nodes  edges    processor    the clock  crossings  columns x rows")
    for nodes in [100, 1_000, 10_000] { try time(nodes) }
    News.result("")
    guard BenchProcess.find("dot") != nil else {
      return News.result("crossings: n/a, Graphviz dot is not installed")
    }
    try compare()
  }

  private func time(_ nodes: Int) throws {
    let shape = GraphShape.staged(nodes: nodes, seed: seed)
    var layout = try GraphLayout(shape)
    var times: [(processor: Double, clock: Double)] = []
    for _ in 0..<rounds {
      let (start, processor) = (ContinuousClock().now, Self.processorMilliseconds)
      layout = try GraphLayout(shape)
      times.append(
        (
          Self.processorMilliseconds - processor,
          (ContinuousClock().now - start) / .milliseconds(1)
        ))
    }
    let median = BenchTable.median(times.map(\.processor)) ?? 0
    var line = String(
      format: "%6d %6d %9.2f ms %9.2f ms %10d  %d x %d", nodes, shape.edges.count, median,
      BenchTable.median(times.map(\.clock)) ?? 0, layout.crossings, layout.size.columns,
      layout.size.rows)
    if let limit = [1_000: 20.0, 10_000: 150.0][nodes] {
      line +=
        String(format: "  promise <= %.0f ms: ", limit) + (median <= limit ? "held" : "not held")
    }
    News.result(line)
  }

  private static var processorMilliseconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }

  private func compare() throws {
    let place = try BenchFolder(folder)
    defer { place.remove() }
    News.result(" nodes  edges  crossings     of dot   ratio")
    var (sums, ratios) = ((ours: 0, dots: 0), [Double]())
    for index in 0..<graphs {
      let nodes = graphs == 1 ? 50 : 50 + 450 * index / (graphs - 1)
      let shape = GraphShape.staged(nodes: nodes, seed: seed + UInt64(index))
      let ours = Self.crossings(try GraphLayout(shape).segments)
      let dots = Self.crossings(try DotDrawing(shape, in: place.path).segments)
      sums = (sums.ours + ours, sums.dots + dots)
      // What crosses nowhere in either drawing is as good.
      ratios.append(ours == dots ? 1 : Double(ours) / Double(dots))
      News.result(
        String(
          format: "%6d %6d %10d %10d   %.3f", nodes, shape.edges.count, ours, dots, ratios[index]))
    }
    let total = Double(sums.ours) / Double(sums.dots)
    let worst = ratios.max() ?? 1
    News.result(
      String(
        format: "crossings / dot: median %.3f, worst %.3f, in sum %.3f; promise <= 1.05: %@",
        BenchTable.median(ratios) ?? 1, worst, total, worst <= 1.05 ? "held" : "not held"))
  }

  private static func crossings(_ segments: [[(from: Double, to: Double)]]) -> Int {
    segments.reduce(0) { $0 + Crossings.count(heights: $1) }
  }
}
