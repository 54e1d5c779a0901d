import Dashboard
import Foundation
import Model
import Planning

/// What a simulated run came to, beside what no run could do better.
struct SimulationReport {
  let subject: SimulationSubject
  let options: SimulateOptions

  init(_ subject: SimulationSubject, _ options: SimulateOptions) {
    self.subject = subject
    self.options = options
  }
}

extension SimulationReport {
  /// In front of the events, so that nobody takes them for those of a run.
  var headLine: String {
    var words = ["\(subject.graph.name), \(subject.config.jobs) jobs, seed \(options.seed)"]
    if options.noise > 0 { words.append("noise \(options.noise)") }
    if options.fail > 0 { words.append("\(options.fail) of the attempts fail") }
    if subject.guesses > 0 { words.append("\(subject.guesses) sizes guessed") }
    return "SIMULATION of \(words.joined(separator: ", ")); nothing runs"
  }

  func lines(_ result: SimulatedRun.Tally) -> [String] {
    let bound = bound
    var lines = [
      "simulation  \(subject.graph.name)  \(ending(result))",
      "  tasks     \(Summary.counts(result.counts)); \(result.attempts) attempts",
      "  makespan  \(time(result.seconds)), no schedule below \(time(bound.seconds)) "
        + "(\(bound.name))\(excess(result))",
      "  footprint \(footprint(result))",
    ]
    if let plan = subject.plan {
      lines.append("  plan      \(words(plan))")
      lines.append(
        "  room      stood still \(times(result.standstills)), given up \(times(result.givenUp))")
    }
    return lines
  }

  private func ending(_ result: SimulatedRun.Tally) -> String {
    guard let closed = result.closed else { return "waits for a person" }
    return "\(closed.ending.rawValue)  \(closed.reason)"
  }

  private func footprint(_ result: SimulatedRun.Tally) -> String {
    let peak = "peak \(Figures.bytes(result.peakBytes))"
    guard let budget = subject.config.workspace else { return "\(peak), no budget" }
    return "\(peak) of \(Figures.bytes(budget.bytes)) "
      + "(\(Figures.percent(Double(result.peakBytes) / Double(budget.bytes))))"
  }

  private func words(_ plan: Plan) -> String {
    var words = ["peak \(Figures.bytes(plan.peakBytes)) one task at a time"]
    if !plan.hasEvictions, let gap = plan.gap {
      words.append(
        gap > 0 ? "at most \(Figures.gap(gap)) above the least" : "which is the least")
    }
    if let seconds = plan.makespanSeconds { words.append("\(time(seconds)) expected") }
    if plan.hasEvictions {
      words.append("work ×\(Figures.hundredths(plan.moves.cost.workFactor))")
    }
    return words.joined(separator: ", ")
  }

  /// Of a run that did all there is to do.
  private func excess(_ result: SimulatedRun.Tally) -> String {
    let bound = bound.seconds
    guard bound > 0, result.closed?.ending == .done else { return "" }
    return ", +\(Figures.gap(result.seconds / bound - 1))"
  }

  private func times(_ count: Int) -> String {
    switch count {
    case 0: "never"
    case 1: "once"
    default: "\(count) times"
    }
  }

  /// Finer than a second where that is much of the whole.
  private func time(_ seconds: Double) -> String {
    seconds < 59.95 ? String(format: "%.1f s", seconds) : Figures.duration(seconds)
  }
}

extension SimulationReport {
  /// No schedule on so many jobs ends sooner if every task runs once.
  var bound: (seconds: Double, name: String) {
    let graph = subject.graph
    let work = graph.tasks.reduce(0) { $0 + ($1.isRemoved ? 0 : subject.load.seconds[$1.id.index]) }
    let path = CriticalPath(
      order: graph.topologicalOrder(), links: graph.links(), seconds: subject.load.seconds
    ).totalSeconds
    let share = work / Double(subject.config.jobs)
    return path >= share ? (path, "the critical path") : (share, "work over jobs")
  }
}
