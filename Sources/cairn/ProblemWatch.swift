import Model

/// Says on standard error what a run cannot record, while no dashboard shows it.
final class ProblemWatch: Sendable {
  private static let interval = Duration.seconds(1)

  private let watching: Task<Void, Never>

  init(_ source: any RunSource) {
    watching = Task {
      var told: String?
      while !Task.isCancelled {
        let problem = await source.signals().problem
        if let problem, problem != told { News.say(problem) }
        told = problem
        try? await Task.sleep(for: Self.interval)
      }
    }
  }

  func cancel() { watching.cancel() }
}
