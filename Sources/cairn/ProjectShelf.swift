import Dashboard
import Model
import Planning
import Project

/// Where the screen finds the other runs of a project.
struct ProjectShelf {
  /// Speed at which an older run is played.
  private static let speed = ReplaySpeed.ten

  let history: ProjectHistory
  /// The run for which the screen is opened.
  let home: Int
  let isHomeLive: Bool

  init(_ location: ProjectLocation, home: Int, isHomeLive: Bool = false) {
    history = ProjectHistory(location)
    self.home = home
    self.isHomeLive = isHomeLive
  }

  /// The runs around one; nil where the journal cannot be read.
  @concurrent func around(_ run: Int) async -> RunShelf? {
    guard let endings = try? history.endings(around: run) else { return nil }
    let labels = endings.map { RunShelf.Label(run: $0.run, ending: $0.ending) }
    return RunShelf(labels: labels, home: home, isHomeLive: isHomeLive)
  }

  /// A run to replay, at its end, for one asks first what became of it; nil where it cannot be read.
  @concurrent func replay(_ run: Int) async -> ReplayRun? {
    guard let source = try? history.source(of: run) else { return nil }
    return await ReplayRun.open(run, source, speed: Self.speed, at: .share(1))
  }
}
