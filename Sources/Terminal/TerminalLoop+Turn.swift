import Canvas
import Glibc
import Synchronization

// One turn: sleep until something comes, then serve it all.

extension TerminalLoop {
  func turn() {
    let plan = state.withLock { $0.plan() }
    var polled = [
      pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: plan.tty, events: plan.events, revents: 0),
    ]
    poll(&polled, nfds_t(polled.count), plan.timeout)
    if polled[0].revents != 0 { wakeup.silence() }
    if polled[1].revents != 0 { serveSignals() }
    if polled[2].revents & Int16(POLLOUT) != 0 { serveOutput() }
    if polled[2].revents & ~Int16(POLLOUT) != 0 { serveInput() }
    serveDeadlines()
    runJobs()
  }

  private func serveSignals() {
    let numbers = signals.take()
    deliver(numbers)
    if state.withLock({ $0.isLent }) { return }
    if numbers.contains(SIGTSTP) { return suspend() }
    if numbers.contains(SIGCONT) { return retake() }
    if numbers.contains(SIGWINCH) { resize() }
  }

  func deliver(_ numbers: Set<Int32>) {
    for number in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] where numbers.contains(number) {
      deliver(.signal(number))
    }
  }

  /// Continued without having been stopped by us: the shell has set the terminal to its own liking.
  private func retake() {
    let size = state.withLock { state in
      state.screen?.retake()
      return state.screen?.traits.size
    }
    if let size { deliver(.resumed(size)) }
  }

  private func resize() {
    let size = state.withLock { $0.screen?.adoptSize() }
    if let size { deliver(.resized(size)) }
  }

  private func serveOutput() {
    let isDue = state.withLock { state -> Bool in
      state.screen?.flush()
      return state.screen?.takeOwedFrame() == true
    }
    if isDue { deliver(.tick) }
  }

  private func serveInput() {
    let (keys, isGone) = state.withLock { $0.takeInput(escapePatience) }
    for key in keys { deliver(.key(key)) }
    if isGone { deliver(.hangup) }
  }

  private func serveDeadlines() {
    let now = ContinuousClock.now
    let (keys, isTime) = state.withLock { $0.takeDeadlines(now) }
    for key in keys { deliver(.key(key)) }
    if isTime { deliver(.tick) }
  }
}

extension TerminalLoop.State {
  /// What to sleep on, and for how long.
  fileprivate func plan() -> (tty: Int32, events: Int16, timeout: Int32) {
    let deadline = [inputDeadline, wakeDeadline].compactMap(\.self).min()
    let timeout = deadline.map { Self.milliseconds(until: $0) } ?? -1
    guard let screen, !isLent, !screen.device.isGone else { return (-1, 0, timeout) }
    let events = screen.waitsForOutput ? POLLIN | POLLOUT : POLLIN
    return (screen.device.descriptor, Int16(events), timeout)
  }

  /// Rounded up: a millisecond early would be a turn for nothing.
  private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = (deadline - .now).components
    let exact = Double(left.seconds) * 1000 + Double(left.attoseconds) / 1e15
    return Int32(min(max(0, exact.rounded(.up)), 86_400_000))
  }

  fileprivate mutating func takeInput(_ patience: (InputDecoder.Pending) -> Duration) -> (
    keys: [Key], isGone: Bool
  ) {
    guard let bytes = screen?.read() else { return ([], false) }
    let keys = decoder.decode(bytes)
    inputDeadline = decoder.pending.map { .now + patience($0) }
    guard screen?.device.isGone == true else { return (keys, false) }
    screen?.hangUp()
    return (keys, true)
  }

  fileprivate mutating func takeDeadlines(_ now: ContinuousClock.Instant) -> (
    keys: [Key], isTime: Bool
  ) {
    var keys: [Key] = []
    if let deadline = inputDeadline, deadline <= now {
      keys = decoder.flush()
      inputDeadline = nil
    }
    guard let deadline = wakeDeadline, deadline <= now else { return (keys, false) }
    wakeDeadline = nil
    return (keys, true)
  }
}
