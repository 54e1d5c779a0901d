import ArgumentParser
import Foundation
import Glibc
import Project

struct BenchDashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "What the dashboard costs, and how soon it answers a key, beside htop and btop.",
    discussion: """
      Each program runs on a terminal of its own, which this command reads; htop and btop run as they \
      come, without anybody's settings. Processor time and wake-ups (voluntary context switches) are \
      those of all threads of all processes of that terminal's session, from /proc; bytes are those \
      that were read. A key is answered when the frame that shows it has been read whole: Cairn's \
      frames say where they end, and only the frame of a key moves the mark of the selection. For \
      the peers it is the first byte after the key. Calls of write(2) are counted by strace; \
      what the kernel did not take at once, and is written again, belongs to the call in front of it.

      The idle dashboard is that of a run of tasks that do nothing, after its end. The busy one shows \
      a simulated run, fact by fact at the pace that is asked for: facts, fold, frames and terminal \
      are those of any run, only its processes are made up.
      """)

  @Option(help: "Seconds that each program is watched.")
  var seconds = 10.0
  @Option(help: "Keys that are timed.")
  var keys = 300
  @Option(help: "Tasks of the busy run.")
  var tasks = 10_000
  @Option(help: "Facts a second of the busy run.")
  var rate = 1_000.0
  @Option(help: "Folder for the idle run; a temporary one by default.")
  var folder: String?

  func validate() throws {
    guard (1...600).contains(seconds), (1...100_000).contains(keys), rate > 0,
      (100...1_000_000).contains(tasks)
    else { throw ValidationError("expected 1 to 600 seconds, 1 to 100000 keys, 100 tasks or more") }
  }

  func run() throws {
    let place = try BenchFolder(folder)
    defer { place.remove() }
    News.result(place.description)
    var bench = DashboardBench(
      place: place.path, seconds: seconds, keys: keys, tasks: tasks, rate: rate)
    try bench.measure(News.result)
  }
}

/// One call's measurements.
struct DashboardBench {
  static let columns: UInt16 = 200
  static let rows: UInt16 = 60
  private static let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
  private static let down = "\u{1b}[B"
  private static let up = "\u{1b}[A"

  let place: String
  let seconds: Double
  let keys: Int
  let tasks: Int
  let rate: Double
  private var lanes: [Lane] = []
  /// Of one task's change of state, in bytes.
  private var changes: [Int] = []

  /// One line of the table.
  struct Lane {
    var name: String
    var watch: BenchScreen.Watch?
    var answers: [Double] = []
    var unanswered = 0
    var writes: BenchWrites.Count?
    var isInstalled = true
  }

  init(place: String, seconds: Double, keys: Int, tasks: Int, rate: Double) {
    self.place = place
    self.seconds = seconds
    self.keys = keys
    self.tasks = tasks
    self.rate = rate
  }

  /// Tells each line when it is measured.
  mutating func measure(_ tell: (String) -> Void) throws {
    tell("")
    tell(heading)
    for name in [Self.idleName, Self.busyName, "htop", "btop"] {
      let measured = try lane(name)
      lanes.append(measured)
      tell(line(measured))
    }
    changes = try stateChanges()
    ([""] + promises() + ["", "dashboard against plain lines: cairn bench engine"]).forEach(tell)
  }
}

// MARK: What is measured

extension DashboardBench {
  private static let idleName = "cairn, run over"
  private static let busyName = "cairn, busy"

  private func lane(_ name: String) throws -> Lane {
    switch name {
    case Self.idleName: try idle()
    case Self.busyName: try busy()
    default: try peerLane(name)
    }
  }

  private func start(_ words: [String]) throws -> BenchScreen {
    let screen = try BenchScreen(
      clean + words, in: place, columns: Self.columns, rows: Self.rows)
    screen.awaitPicture()
    return screen
  }

  /// Nobody's settings but the program's own.
  private var clean: [String] {
    ["env", "HOME=\(place)", "XDG_CONFIG_HOME=\(place)", "LANG=C.UTF-8"]
  }

  private func idle() throws -> Lane {
    try BenchShape.wide(20, jobs: 2).write(to: place)
    let screen = try start([Self.program, "run", "--fresh"])
    for _ in 0..<100 {
      screen.settle(still: 0.2, atMost: 1)
      if try BenchPeer.isClosed(place) { break }
    }
    // What the last facts and their notice bring about is over, too.
    screen.settle(still: 6, atMost: 20)
    return Lane(name: Self.idleName, watch: screen.watch(seconds: seconds))
  }

  private var feed: [String] {
    [Self.program, "bench", "feed", "--tasks", "\(tasks)", "--rate", "\(rate)"]
  }

  private func busy() throws -> Lane {
    let screen = try start(feed)
    screen.settle(still: 1, atMost: 3)
    var lane = Lane(name: Self.busyName, watch: screen.watch(seconds: seconds))
    time(&lane, on: screen, mark: "\u{203a}")
    lane.writes = try writes(feed)
    return lane
  }

  private func peerLane(_ name: String) throws -> Lane {
    guard BenchProcess.find(name) != nil else { return Lane(name: name, isInstalled: false) }
    let screen = try start([name])
    screen.settle(still: 1, atMost: 3)
    var lane = Lane(name: name, watch: screen.watch(seconds: seconds))
    time(&lane, on: screen, mark: "")
    lane.writes = try writes([name])
    return lane
  }

  /// Down and up in turn: the selection moves, the list does not scroll away.
  private func time(_ lane: inout Lane, on screen: BenchScreen, mark: String) {
    for number in 0..<keys {
      guard let answer = screen.answer(to: number % 2 == 0 ? Self.down : Self.up, mark: mark) else {
        lane.unanswered += 1
        // A program that has gone answers none of the others either.
        if lane.unanswered == 5 { return }
        continue
      }
      lane.answers.append(answer)
      // Not in step with anything that comes at regular times.
      usleep(UInt32(3_000 + number * 7_919 % 20_000))
    }
  }

  private func writes(_ words: [String]) throws -> BenchWrites.Count? {
    guard BenchWrites.isPossible else { return nil }
    return try BenchWrites.count(
      clean + words, in: place, seconds: min(seconds, 5), columns: Self.columns, rows: Self.rows)
  }

  /// Frames that show the new state of one task, two a second.
  private func stateChanges() throws -> [Int] {
    let slow = [Self.program, "bench", "feed", "--tasks", "300", "--rate", "2", "--by-state"]
    let screen = try start(slow)
    screen.settle(still: 0.4, atMost: 3)
    return screen.watch(seconds: seconds).frames.sorted()
  }
}

// MARK: What is printed

extension DashboardBench {
  private var heading: String {
    Self.row(
      "\(Self.columns)x\(Self.rows)",
      [
        "cpu", "wake-ups/s", "preempt./s", "bytes/s", "frames/s", "key p50", "key p99",
        "writes/s",
      ])
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    name.padding(toLength: 18, withPad: " ", startingAt: 0)
      + cells.map { String(repeating: " ", count: max(1, 13 - $0.count)) + $0 }.joined()
  }

  private func line(_ lane: Lane) -> String {
    guard let watch = lane.watch else { return Self.row(lane.name, ["not installed"]) }
    func rate(_ count: Int) -> String { String(format: "%.1f", Double(count) / watch.seconds) }
    let isMarked = !watch.frames.isEmpty || lane.name.hasPrefix("cairn")
    return Self.row(
      lane.name,
      [
        String(format: "%.3f %%", watch.usage.cpuSeconds / watch.seconds * 100),
        rate(watch.usage.wakeups), rate(watch.usage.preemptions), rate(watch.bytes),
        isMarked ? rate(watch.frames.count) : "n/a",
        Self.milliseconds(lane.answers, 0.5), Self.milliseconds(lane.answers, 0.99),
        Self.writes(lane),
      ])
  }

  private static func writes(_ lane: Lane) -> String {
    guard let writes = lane.writes else { return "n/a" }
    return String(format: "%.1f", Double(writes.calls) / writes.seconds)
  }

  private static func milliseconds(_ values: [Double], _ share: Double) -> String {
    quantile(values, share).map { String(format: "%.1f ms", $0) } ?? "n/a"
  }

  private static func quantile(_ values: [Double], _ share: Double) -> Double? {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return nil }
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }

  private func promises() -> [String] {
    let idle = lanes.first { $0.name == Self.idleName }?.watch
    let busy = lanes.first { $0.name == Self.busyName }
    let wakeups = idle.map { Double($0.usage.wakeups) / $0.seconds }
    let share = idle.map { $0.usage.cpuSeconds / $0.seconds * 100 }
    let p99 = busy.flatMap { $0.unanswered == 0 ? Self.quantile($0.answers, 0.99) : nil }
    let writes = busy?.writes.map { Double($0.calls) / Double(max(1, $0.frames)) }
    return [
      Self.promise("idle wake-ups a second", wakeups, atMost: 1),
      Self.promise("idle share of a core, %", share, atMost: 0.1),
      Self.promise("key to paint p99, ms, \(tasks) tasks, \(Int(rate)) facts/s", p99, atMost: 16),
      Self.promise("calls of write(2) a frame", writes, atMost: 1),
      Self.promise(
        "bytes for a task's change of state, largest of \(changes.count)",
        changes.last.map(Double.init), atMost: 400),
      "  (bytes for a task's change of state, median: "
        + "\(changes.isEmpty ? "n/a" : String(changes[changes.count / 2])))",
    ]
  }

  private static func promise(_ what: String, _ figure: Double?, atMost limit: Double) -> String {
    guard let figure else { return "  promise \(what) <= \(limit): n/a" }
    let word = figure <= limit ? "held" : "not held"
    return String(format: "  promise %@ <= %g: %.3f, %@", what, limit, figure, word)
  }
}
