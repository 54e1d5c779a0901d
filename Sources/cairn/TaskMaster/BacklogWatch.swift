import Canvas
import Foundation
import Project

/// What `list` writes of a Task Master file.
struct BacklogListing: Equatable {
  enum Body: Equatable {
    case lines([String])
    case json(String)
  }

  var body: Body
  /// What the file leaves open, or why it cannot be read.
  var news: [String]
}

/// Shows a listing, and again when the file has changed and with it what is to be seen; ends with Ctrl-C.
struct BacklogWatch {
  /// Shortest time between two listings.
  private static let pause = Duration.milliseconds(250)
  /// Whoever writes in place leaves a file half written for a moment.
  private static let readTries = 3

  let place: TaskMasterPlace
  let read: () throws -> BacklogListing

  /// - Throws: What the first reading throws; `ProjectProblem` (`.unavailable`).
  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    // In front of the first look: what changes behind it is a change.
    guard let watch = FileWatch(place.watchedPaths) else {
      throw ProjectProblem(
        .unavailable, "\(place.name) cannot be watched: no room for a thread or a descriptor")
    }
    let (rings, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let signals = Self.signals(bell)
    let listening = Task {
      for await _ in watch.changes { bell.yield() }
    }
    defer {
      watch.stop()
      listening.cancel()
      signals.forEach { $0.cancel() }
    }
    let first = try read()
    // Where nobody takes what is written nobody looks any more.
    try? await show(first, rings)
  }

  private func show(_ first: BacklogListing, _ rings: AsyncStream<Void>) async throws {
    let page = WatchPage()
    try page.show(first, after: nil)
    var shown = first
    for await _ in rings {
      let next = await next(after: shown)
      try page.show(next, after: shown)
      shown = next
      try await Task.sleep(for: Self.pause)
    }
  }

  /// Rings when the terminal gets another size, and no more after Ctrl-C.
  private static func signals(
    _ bell: AsyncStream<Void>.Continuation
  ) -> [any DispatchSourceSignal] {
    signal(SIGINT, SIG_IGN)
    return [SIGINT, SIGWINCH].map { number in
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        if number == SIGINT { bell.finish() } else { bell.yield() }
      }
      source.resume()
      return source
    }
  }

  /// The listing as it is now; where the file cannot be read, the last one and why.
  private func next(after shown: BacklogListing) async -> BacklogListing {
    var problem = ""
    for attempt in 1...Self.readTries {
      if attempt > 1 { try? await Task.sleep(for: Self.pause) }
      do { return try read() } catch { problem = "\(error)" }
    }
    return BacklogListing(body: shown.body, news: ["\(problem); the list is older"])
  }
}

/// Where listings are shown: painted over one another on a terminal, else one below the other.
private struct WatchPage {
  /// Most news that are painted.
  private static let maximumNews = 3

  private let isPainted =
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// - Throws: `OutputProblem` once nobody takes what is written.
  func show(_ listing: BacklogListing, after last: BacklogListing?) throws(OutputProblem) {
    if isPainted, case .lines(let lines) = listing.body {
      return try Output.write(paint(lines, listing.news), to: STDOUT_FILENO)
    }
    if listing.news != last?.news { listing.news.forEach(News.say) }
    guard listing.body != last?.body else { return }
    switch listing.body {
    case .json(let text): try Output.write(text, to: STDOUT_FILENO)
    case .lines(let lines):
      let mark = last.map { _ in "--- \(TaskMasterStore.timestamp(.now))" }
      let text = ([mark].compactMap { $0 } + lines).map(News.clean).joined(separator: "\n")
      try Output.write(text, to: STDOUT_FILENO)
    }
  }

  /// One write from the upper left corner.
  ///
  /// Each line is cleared behind its end and the screen behind the last, so that nothing is ever empty in
  /// between. What has no room is counted.
  private func paint(_ lines: [String], _ news: [String]) -> String {
    let size = Self.size
    let news = news.prefix(Self.maximumNews).map { "cairn: " + $0 }
    let rows = Self.cut(Self.rows(lines), to: max(1, size.rows - 1 - news.count))
    return "\u{1B}[H"
      + (rows + Self.rows(news))
      // A full last column would leave the cursor on it, and clear it.
      .map { SafeText($0).clipped(to: size.columns - 1).string + "\u{1B}[K" }
      .joined(separator: "\n") + "\u{1B}[J"
  }

  private static func rows(_ lines: [String]) -> [Substring] {
    lines.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
  }

  private static func cut(_ rows: [Substring], to room: Int) -> [Substring] {
    guard rows.count > room else { return rows }
    return rows.prefix(room - 1) + ["… \(rows.count - room + 1) more lines"]
  }

  private static var size: (columns: Int, rows: Int) {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 1, window.ws_row > 1
    else { return (80, 24) }
    return (Int(window.ws_col), Int(window.ws_row))
  }
}
