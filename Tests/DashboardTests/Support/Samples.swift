import Canvas
import Dashboard
import Model

extension TaskGraph {
  /// The release of the mock-ups: a plan, three branches, a group of shards, a merge.
  static let release: TaskGraph = {
    var script = GraphScript("release-42")
    let shard = script.group("shard")
    script.task("plan")
    script.task("fetch", needs: ["plan"])
    script.task("spec", needs: ["plan"])
    script.task("index", needs: ["plan"], memory: 128 << 20)
    script.task("core", needs: ["fetch", "spec"], memory: 96 << 20)
    script.task("ui", needs: ["spec"], memory: 74 << 20)
    script.task("docs", needs: ["spec"])
    for n in 0..<24 {
      let name = n < 10 ? "shard[n=0\(n)]" : "shard[n=\(n)]"
      script.task(name, needs: ["index"], group: shard, memory: 20 << 20, retries: 3)
    }
    script.task("test-core", needs: ["core"], memory: 64 << 20)
    script.task("test-ui", needs: ["ui"], memory: 48 << 20)
    let shards = script.graph.tasks.filter { $0.group == shard }.map(\.name)
    script.task("bench", needs: shards, memory: 180 << 20)
    script.task("merge", needs: ["bench", "test-core", "test-ui", "docs"], memory: 20 << 20)
    return script.graph
  }()

  /// One source, `width` tasks, one join.
  static func fan(_ width: Int) -> TaskGraph {
    var script = GraphScript("fan-\(width)")
    script.task("split")
    let names = (0..<width).map { "work-\($0)" }
    for name in names { script.task(name, needs: ["split"]) }
    script.task("join", needs: names)
    return script.graph
  }

  /// `width` sources that one task needs.
  static func fanIn(_ width: Int) -> TaskGraph {
    var script = GraphScript("fan-in-\(width)")
    let names = (0..<width).map { "source-\($0)" }
    for name in names { script.task(name) }
    script.task("join", needs: names)
    return script.graph
  }

  /// One task that `width` others need.
  static func fanOut(_ width: Int) -> TaskGraph {
    var script = GraphScript("fan-out-\(width)")
    script.task("split")
    for n in 0..<width { script.task("work-\(n)", needs: ["split"]) }
    return script.graph
  }

  /// `width` chains of two between a split and a join.
  static func chains(_ width: Int) -> TaskGraph {
    var script = GraphScript("chains-\(width)")
    script.task("split")
    for n in 0..<width {
      script.task("shard-\(n)", needs: ["split"])
      script.task("parse-\(n)", needs: ["shard-\(n)"])
    }
    script.task("join", needs: (0..<width).map { "parse-\($0)" })
    return script.graph
  }

  /// A layered graph with pseudo-random edges; the same seed, the same graph.
  static func random(_ count: Int, seed: UInt64) -> TaskGraph {
    var random = SplitMix(seed)
    var script = GraphScript("random-\(count)")
    let groups = (0..<max(1, count / 20)).map { script.group("group-\($0)") }
    for n in 0..<count {
      let needs = n == 0 ? 0 : Int(random.next() % 3)
      let names = Set((0..<needs).map { _ in "t\(max(0, n - 1 - Int(random.next() % 12)))" })
      let group = random.next() % 3 == 0 ? groups.randomElement(using: &random) : nil
      script.add("t\(n)", needs: names.sorted(), group: group)
    }
    return script.graph
  }
}

extension GraphScript {
  /// Without the search by name: tasks are called `t` and their number.
  fileprivate mutating func add(_ name: String, needs: [String], group: Int?) {
    task(name, group: group)
    let last = graph.tasks.count - 1
    edit(last, needs.compactMap { Int($0.dropFirst()) }.filter { $0 < last })
  }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension FactScript {
  /// The mock-ups' run in its fifth minute: every kind of state.
  static func release() -> FactScript {
    var script = FactScript(.release)
    script.start("plan", at: 1)
    script.end("plan", at: 22, peak: 8 << 20, bytes: 1 << 20, scratch: 4 << 20)
    script.start("fetch", at: 23)
    script.start("spec", at: 23)
    script.start("index", at: 23)
    script.end("fetch", at: 67, peak: 31 << 20, bytes: 120 << 20, scratch: 40 << 20)
    script.end("spec", at: 85, peak: 12 << 20, bytes: 12 << 20, scratch: 8 << 20)
    script.start("core", at: 86)
    script.start("docs", at: 87)
    script.end("index", at: 120, peak: 118 << 20, bytes: 210 << 20, scratch: 64 << 20)
    script.drop("plan", bytes: 1 << 20)
    script.end("docs", at: 145, peak: 9 << 20, bytes: 2 << 20)
    script.start("ui", at: 146)
    for n in 0..<18 {
      let name = n < 10 ? "shard[n=0\(n)]" : "shard[n=\(n)]"
      let start = 146 + Double(n) * 6
      script.start(name, at: start)
      script.end(
        name, at: start + 5 + Double(n % 4), peak: 20 << 20, bytes: 8 << 20, scratch: 20 << 20)
    }
    script.drop("fetch", bytes: 120 << 20)
    finish(&script)
    return script
  }

  private static func finish(_ script: inout FactScript) {
    for n in 18..<22 { script.start("shard[n=\(n)]", at: 250 + Double(n - 18)) }
    script.add(
      .requestMade(
        Fact.RequestMade(
          actor: Actor(kind: .person, name: "ana@pts/3", source: "dashboard"),
          request: .pause([script.id("shard[n=19]")]))))
    script.state("shard[n=19]", .paused, "paused by ana@pts/3")
    script.end(
      "shard[n=20]", at: 257,
      Outcome(.exit, status: .code(137), message: "exit 137: memory limit 64 MiB"))
    script.state("shard[n=20]", .backoff, until: 261)
    script.end("shard[n=21]", at: 257, Outcome(.exit, status: .code(3)))
    script.state("shard[n=21]", .failed, "no retry left")
    script.start("shard[n=22]", at: 257)
    script.state("shard[n=23]", .ready)
  }
}

extension DashboardState {
  /// A state that has folded a script, with the clock where the script stands.
  static func after(
    _ script: FactScript, glyphs: Glyphs = .unicode, theme: Theme = .okabeIto
  ) -> DashboardState {
    var state = DashboardState(glyphs: glyphs, theme: theme)
    _ = state.take(.facts(script.facts))
    _ = state.take(
      .tick(wallTime: FactScript.start + Int64(script.now * 1e9), elapsedSeconds: script.now))
    return state
  }

  mutating func press(_ keys: String) -> [Effect] {
    keys.flatMap { take(.key(.character($0))) }
  }

  /// Gives a message and carries out what is asked for on any thread; returns all else that is asked.
  mutating func take(_ message: Message) -> [Effect] {
    var rest: [Effect] = []
    for effect in update(message) {
      guard case .layGraph(let request) = effect, let picture = try? request.picture() else {
        rest.append(effect)
        continue
      }
      rest += take(.graphLaid(picture))
    }
    return rest
  }
}
