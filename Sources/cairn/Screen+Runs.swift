import Dashboard
import Model
import Planning
import Project

// Which run is shown, and how it is read.
extension Screen {
  /// The source, where it is a replay.
  var replay: ReplayRun? { source as? ReplayRun }

  /// Finds the runs beside the shown one.
  func lookAround(_ run: Int) async {
    guard let shelf, let known = await shelf.around(run) else { return }
    apply(.shelf(known))
  }

  /// Shows another run of the project, or again the one for which the screen was opened.
  func turn(to run: Int) async {
    guard let shelf else { return }
    if run == shelf.home {
      source = home
    } else {
      guard let replay = await shelf.replay(run) else { return }
      source = replay
    }
    visit += 1
    hasLookedBack = false
    apply(.turned(run: run, await replay?.position))
    read()
    await lookAround(run)
  }

  /// Reads on behind the newest fact that is folded; a reader that was there before ends.
  func read() {
    reader?.cancel()
    reader = Task { await follow() }
  }

  func stopReading() { reader?.cancel() }

  /// Reads the run to its end.
  private func follow() async {
    while !Task.isCancelled {
      let batch = await source.facts(after: state.run.sequence)
      guard !Task.isCancelled, !batch.isEmpty else { break }
      apply(.facts(batch))
      lookBack()
      if let replay { await showPosition(of: replay) }
      // What comes until the next frame is taken at once then.
      if !state.isCatchingUp { try? await Task.sleep(for: interval) }
    }
    guard !Task.isCancelled else { return }
    apply(.ended, isUrgent: true)
    arm()
  }

  /// Reads once, beside everything else, what earlier runs tell of times and of autonomy.
  private func lookBack() {
    guard !hasLookedBack, state.run.run > 0 else { return }
    hasLookedBack = true
    let (run, asked) = (state.run.run, visit)
    let (history, runs) = (history, history ?? shelf?.history)
    Task.detached(priority: .low) {
      if let earlier = history?.earlierRuns(before: run), !earlier.isEmpty {
        await self.take(.earlier(earlier), of: asked)
      }
      if let autonomy = runs?.autonomy(before: run), !autonomy.records.isEmpty {
        await self.take(.autonomy(autonomy), of: asked)
      }
    }
  }

  private func take(_ message: Message, of asked: Int) {
    if visit == asked { apply(message) }
  }

  /// Tells where the replay stands, unless facts have come since it was asked.
  func showPosition(of replay: ReplayRun) async {
    let sequence = state.run.sequence
    let position = await replay.position
    if state.run.sequence == sequence, replay === self.replay { apply(.replay(position)) }
  }

  func perform(_ command: ReplayMove, on replay: ReplayRun) async {
    let position = await replay.perform(command)
    if replay === self.replay { apply(.replay(position), isUrgent: true) }
  }

  /// Applies an answer of the shown run, unless another is shown by then.
  func apply(isUrgent: Bool = false, from ask: (any RunSource) async -> Message) async {
    let asked = visit
    let message = await ask(source)
    if visit == asked { apply(message, isUrgent: isUrgent) }
  }
}
