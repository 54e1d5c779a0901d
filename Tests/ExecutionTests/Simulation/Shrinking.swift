import Model

extension Story {
  /// Returns a shorter story that still breaks the same rule; tries at most `tries` of them.
  func shrunk(tries: Int = 400, _ breaks: (Story) -> Bool) -> Story {
    var best = self
    var left = tries
    var isShorter = true
    while isShorter {
      isShorter = false
      for candidate in best.shorter {
        guard left > 0 else { return best }
        left -= 1
        if breaks(candidate) {
          best = candidate
          isShorter = true
          break
        }
      }
    }
    return best
  }

  /// Stories with one thing less.
  private var shorter: [Story] {
    var all: [Story] = []
    func add(_ change: (inout Story) -> Void) {
      var story = self
      change(&story)
      all.append(story)
    }
    if graph.tasks.count > 1 { add { $0.dropLastTask() } }
    for index in asks.indices { add { $0.asks.remove(at: index) } }
    if !crashes.isEmpty { add { $0.crashes.removeLast() } }
    for key in edits.keys.sorted() { add { $0.edits[key] = nil } }
    for key in losses.keys.sorted() { add { $0.losses[key] = nil } }
    if !shocks.isEmpty { add { $0.shocks = [] } }
    for index in shortages.indices { add { $0.shortages.remove(at: index) } }
    if config.selection != nil { add { $0.config.selection = nil } }
    if budget != nil { add { $0.budget = nil } }
    if budget?.noise ?? 0 > 0 { add { $0.budget?.noise = 0 } }
    if budget?.canSpill == true { add { $0.budget?.canSpill = false } }
    if commitDelaySeconds > 0 { add { $0.commitDelaySeconds = 0 } }
    if groupCommitSeconds > 0 { add { $0.groupCommitSeconds = 0 } }
    if config.failFast { add { $0.config.failFast = false } }
    if config.startsHeld { add { $0.config.startsHeld = false } }
    for path in Rates.paths where rates[keyPath: path] > 0 { add { $0.rates[keyPath: path] = 0 } }
    for index in graph.tasks.indices {
      for plainer in graph.tasks[index].plainer { add { $0.graph.tasks[index] = plainer } }
    }
    return all
  }

  private mutating func dropLastTask() {
    let last = TaskID(graph.tasks.count - 1)
    graph.tasks.removeLast()
    asks = asks.filter { !$0.request.tasks.contains(last) }
    edits = edits.mapValues { $0.filter { $0 != last } }
    losses = losses.mapValues { $0.filter { $0 != last } }
    if case .targets(["t\(last.index)"]) = config.selection { config.selection = nil }
  }
}

extension Story.Rates {
  fileprivate static var paths: [WritableKeyPath<Self, Double>] {
    [
      \.failing, \.killed, \.unstartable, \.hanging, \.ignoringTerm, \.flooding, \.lateExits,
      \.doubleExits, \.lost, \.starved, \.slowJobs, \.failingJobs, \.fickle,
    ]
  }
}

extension TaskGraph.Task {
  /// The task with one thing less.
  fileprivate var plainer: [Self] {
    var all: [Self] = []
    func add(_ change: (inout Self) -> Void) {
      var task = self
      change(&task)
      if task != self { all.append(task) }
    }
    for index in needs.indices { add { $0.needs.remove(at: index) } }
    for index in after.indices { add { $0.after.remove(at: index) } }
    add { $0.verify = nil }
    add { $0.retries = 0 }
    add { $0.timeoutSeconds = nil }
    add { $0.memoryBytes = nil }
    add { $0.resources = [:] }
    add { $0.cpus = 1 }
    add { $0.memoryGrows = false }
    add { $0.exports = [] }
    add { $0.keep = nil }
    add { $0.when = .success }
    add { $0.standing = .pending }
    add { $0.priority = 0 }
    return all
  }
}

extension Story: CustomStringConvertible {
  var description: String {
    var lines = [
      "seed \(seed), jobs \(config.jobs), memory \(config.memoryBytes.map(String.init) ?? "-")"
        + (config.failFast ? ", fail fast" : "") + (config.startsHeld ? ", starts held" : "")
        + (config.selection.map { ", \($0)" } ?? ""),
      "budget \(budget.map { "\($0)" } ?? "-")",
      "commits wait \(commitDelaySeconds) s, groups of \(groupCommitSeconds) s, \(rates)",
    ]
    for task in graph.tasks {
      let needs = task.needs.map { "\($0.task).\($0.artifact ?? "*")" }
      lines.append(
        "\(task.name): needs \(needs) after \(task.after) "
          + "outputs \(task.outputs.map { "\($0.name) \($0.expectedBytes ?? 0)" }) "
          + "cpus \(task.cpus) memory \(task.memoryBytes ?? 0) \(task.resources.items) "
          + "retries \(task.retries) "
          + "timeout \(task.timeoutSeconds ?? 0) keep \(task.keep.map(String.init) ?? "-") "
          + "verify \(task.verify ?? "-") when \(task.when) \(task.standing) pure \(task.isPure) "
          + "exports \(task.exports.count)\(task.action == .gate ? " gate" : "")")
    }
    lines += asks.map { "at \($0.seconds): \($0.request)" }
    lines += shocks.map { "at \($0.seconds): forth \($0.forth), wall \($0.wall)" }
    lines += shortages.map {
      "full at \($0.seconds) for \($0.lastsSeconds) s, reserve takes \($0.reserveAppends) appends"
    }
    lines += crashes.map { "ends at append \($0.append): \($0.way)" }
    lines += edits.sorted { $0.key < $1.key }.map { "edited before session \($0): \($1)" }
    lines += losses.sorted { $0.key < $1.key }.map { "lost before session \($0): \($1)" }
    return lines.joined(separator: "\n")
  }
}
