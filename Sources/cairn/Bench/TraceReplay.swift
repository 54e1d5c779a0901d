import Foundation
import Model
import Planning
import Project

/// A recorded workflow as a project whose tasks read and write real files of its sizes, scaled.
///
/// Tasks and artifacts are called by numbers: what a trace calls them may be no name of a Cairn file.
struct TraceReplay {
  /// What file systems allocate by; sizes are rounded up to it.
  static let blockBytes: Int64 = 4096

  /// Of the trace's file: many traces of one workflow have its name.
  let name: String
  /// Sizes are those that are written.
  let graph: TaskGraph
  /// Of the plan for these sizes, without a budget.
  let plannedBytes: Int64

  /// Scales the sizes and plans them.
  ///
  /// - Parameters:
  ///   - loaded: The trace.
  ///   - bytes: What the planned peak is scaled to; rounding up makes it more.
  ///   - products: Whether what no task reads is written, too.
  ///   - jobs: Tasks that run at once.
  /// - Throws: what planning throws.
  init(_ loaded: LoadedProject, bytes: Int64, products: Bool, jobs: Int) throws {
    let whole = products ? loaded.graph : loaded.graph.leavingOutProducts
    let guess = PlanGraph.Subject(whole).guessBytes
    let peak = try Self.peak(whole, jobs)
    let factor = peak > 0 ? Double(bytes) / Double(peak) : 0
    var graph = whole
    for task in graph.tasks.indices {
      for output in graph.tasks[task].outputs.indices {
        let size = graph.tasks[task].outputs[output].expectedBytes ?? guess
        graph.tasks[task].outputs[output].expectedBytes = Self.roundedUp(Double(size) * factor)
      }
    }
    name = ((loaded.location.file as NSString).lastPathComponent as NSString).deletingPathExtension
    self.graph = graph
    plannedBytes = try Self.peak(graph, jobs)
  }

  static func roundedUp(_ bytes: Double) -> Int64 {
    Int64((bytes / Double(blockBytes)).rounded(.up)) * blockBytes
  }

  private static func peak(_ graph: TaskGraph, _ jobs: Int) throws -> Int64 {
    try Planner(Planner.Budget(bytes: nil, workers: jobs))
      .plan(PlanGraph(PlanGraph.Subject(graph))).peakBytes
  }
}
