import Canvas
import Formats
import Foundation
import Model
import Planning

/// A plan in words and a picture.
struct PlanText {
  /// Names of a kind that are written out.
  private static let maximumNames = 5

  private let study: PlanStudy
  private let comparison: OrderComparison?
  private let glyphs: Glyphs

  init(_ study: PlanStudy, _ comparison: OrderComparison?, _ glyphs: Glyphs) {
    self.study = study
    self.comparison = comparison
    self.glyphs = glyphs
  }

  var lines: [String] {
    let picture = FootprintPicture(study.footprint, budgetBytes: study.limits.bytes, glyphs)
    let compared = comparison.map { ComparisonText($0, study.bound.bytes, glyphs).lines }
    return heading + [""] + rows.map(line)
      + (picture.map { ["", "footprint while each step runs"] + $0.lines } ?? [])
      + (compared.map { [""] + $0 } ?? [])
  }

  private var heading: [String] {
    let graph = study.input.statistics
    let unknown = graph.unknownSizes
    let known = unknown == 0 ? "in all" : "in all without \(count(unknown, "unknown size"))"
    return [
      "\(study.input.graph.name): \(count(graph.tasks, "task")), \(count(graph.edges, "edge")), "
        + "depth \(graph.depth), width \(graph.width)",
      "\(count(graph.artifacts, "artifact")), \(PlanFigures.bytes(graph.totalBytes)) \(known)"
        + products,
    ]
  }

  private var products: String {
    let number = study.input.statistics.productCount
    guard number > 0 else { return "" }
    let fate = study.input.countsProducts ? "counted" : "left out; --products counts them"
    return ", \(number) of them read by no task (\(fate))"
  }
}

extension PlanText {
  private struct Row {
    var label: String
    var value: String
    var remark = ""
  }

  private func line(_ row: Row) -> String {
    let label = row.label.padded(to: 12)
    if row.remark.isEmpty { return label + "  " + row.value }
    return label + "  " + row.value.padded(to: 8) + "  " + row.remark
  }

  private var rows: [Row] {
    [peak, bound, floor, keepAll] + root + [makespan] + guesses + budget + [search]
  }

  private var peak: Row {
    var row = Row(label: "peak", value: PlanFigures.bytes(study.plan.peakBytes))
    guard let place = study.peakPlace else { return row }
    let step = study.steps[place]
    row.remark = "at step \(place + 1) of \(study.steps.count), \(what(step))"
    return row
  }

  private func what(_ step: Int) -> String {
    if let task = study.plan.task(step) { return "task \(study.name(task).quoted)" }
    return switch study.plan.storeMove(step) {
    case .spill(let key): "when \(study.name(key).quoted) is spilled"
    case .compress(let key, _): "when \(study.name(key).quoted) is compressed"
    case .restore(let key), .expand(let key): "when \(study.name(key).quoted) is brought back"
    case nil: ""
    }
  }

  private var bound: Row {
    var row = Row(label: "lower bound", value: PlanFigures.bytes(study.bound.bytes))
    let proof = study.bound.method.words
    if study.isProvedOptimal {
      row.remark = "proved optimal: \(proof)"
    } else if let gap = study.gap {
      row.remark = "gap \(PlanFigures.percent(gap)): \(proof)"
    }
    return row
  }

  private var floor: Row {
    var row = Row(label: "floor", value: PlanFigures.bytes(study.floor?.bytes ?? 0))
    guard let floor = study.floor, floor.bytes > 0 else { return row }
    let holder = study.floorTask.map { "task \(study.name($0).quoted) alone" }
    row.remark =
      "\(holder ?? "what stays in the workspace"); no spill or recompute gets below it"
    return row
  }

  private var keepAll: Row {
    let saving = study.numbers.saving.map {
      "if nothing were dropped; saving \(PlanFigures.percent($0))"
    }
    return Row(
      label: "keeping all", value: PlanFigures.bytes(study.keepAllBytes), remark: saving ?? "")
  }

  /// How the peak grows with the number of artifacts, against theoretical O(√n).
  private var root: [Row] {
    guard let exponent = study.numbers.exponent, let ratio = study.numbers.rootRatio else {
      return []
    }
    let root = glyphs.isASCII ? "sqrt(n)" : "√n"
    let verdict =
      switch ratio.verdict {
      case .met: "met: no more than \(root) artifacts of mean size"
      case .missed: "missed: more than \(root) artifacts of mean size"
      case .notApplicable(let reason): "n/a: \(reason)"
      }
    return [
      Row(
        label: "exponent", value: String(format: "%.2f", exponent),
        remark: "of \(count(study.input.artifactCount, "artifact")); 1 keeps all, 0.5 is \(root)"),
      Row(label: "\(root) ratio", value: String(format: "%.2f", ratio.value), remark: verdict),
    ]
  }

  private var makespan: Row {
    let label = "makespan"
    guard let bound = study.makespanBoundSeconds else {
      let reason = study.input.isTrace ? "the trace has no run times" : "no task has run yet"
      return Row(label: label, value: "n/a", remark: reason)
    }
    let path = study.criticalPathSeconds >= bound
    let why = path ? "the longest path" : "all work on \(study.limits.workers) jobs"
    let known = study.input.times.known
    let tasks = study.input.graph.tasks.count
    let told = known < tasks ? "; times of \(known) of \(tasks) tasks known" : ""
    let seconds = study.makespanSeconds.map(PlanFigures.duration) ?? "n/a"
    return Row(
      label: label, value: seconds,
      remark:
        "on \(count(study.limits.workers, "job")); at least \(PlanFigures.duration(bound)), \(why)"
        + told)
  }

  private var guesses: [Row] {
    let number = study.input.plan.guesses
    guard number > 0 else { return [] }
    return [
      Row(
        label: "sizes", value: count(number, "guess", "guesses"),
        remark: "of \(PlanFigures.bytes(study.input.guessBytes)) each: "
          + "no `output` says more (of \(count(study.input.statistics.artifacts, "artifact")))")
    ]
  }

  private var search: Row {
    Row(
      label: "found by", value: study.plan.method,
      remark: "\(count(study.plan.movesTried, "move")) tried, seed \(study.plan.seed)")
  }
}

extension PlanText {
  private var budget: [Row] {
    guard let bytes = study.limits.bytes else { return [] }
    let cost = study.plan.moves.cost
    var rows = [
      Row(
        label: "budget", value: PlanFigures.bytes(bytes),
        remark: "\(PlanFigures.bytes(bytes - study.plan.peakBytes)) to spare at the peak"),
      Row(
        label: "dropped", value: "\(study.dropped.count)",
        remark: "of \(count(study.plan.graph.keys.count, "artifact")), before the end"),
    ]
    let spilled = study.spilled.map(study.name)
    let again = study.recomputed.map(study.name)
    rows.append(
      Row(
        label: "spilled", value: "\(spilled.count)",
        remark: spilled.isEmpty
          ? "" : "\(PlanFigures.bytes(cost.spilledBytes)): \(names(spilled))"))
    rows += compressed
    rows.append(
      Row(
        label: "run again", value: "\(again.count)",
        remark: again.isEmpty ? "" : names(again)))
    if study.input.times.isKnown, !again.isEmpty {
      rows.append(
        Row(label: "work", value: String(format: "%.2f", cost.workFactor) + String(glyphs.times)))
    }
    return rows
  }

  private var compressed: [Row] {
    let names = study.compressed.map(study.name)
    guard !names.isEmpty else { return [] }
    let bytes = PlanFigures.bytes(study.plan.moves.cost.compressedBytes)
    return [
      Row(label: "compressed", value: "\(names.count)", remark: "\(bytes): \(self.names(names))")
    ]
  }

  private func names(_ names: [String]) -> String {
    let shown = names.prefix(Self.maximumNames).map(\.quoted).joined(separator: ", ")
    let more = names.count - Self.maximumNames
    return more > 0 ? "\(shown) and \(more) more" : shown
  }

  private func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }
}

/// A table of orders with a bar each.
private struct ComparisonText {
  private static let barColumns = 30

  private let comparison: OrderComparison
  private let boundBytes: Int64
  private let glyphs: Glyphs

  init(_ comparison: OrderComparison, _ boundBytes: Int64, _ glyphs: Glyphs) {
    self.comparison = comparison
    self.boundBytes = boundBytes
    self.glyphs = glyphs
  }

  var lines: [String] {
    let heading = "order".padded(to: 20) + "peak".led(to: 8) + "\(glyphs.times) Cairn".led(to: 10)
    return [heading] + comparison.rows.map { line($0.title, $0.peakBytes) }
      + [line("lower bound", boundBytes)]
  }

  private func line(_ title: String, _ bytes: Int64) -> String {
    let own = comparison.rows.last?.peakBytes ?? 0
    let ratio = own > 0 ? String(format: "%.2f", Double(bytes) / Double(own)) : "n/a"
    let text = title.padded(to: 20) + PlanFigures.bytes(bytes).led(to: 8) + ratio.led(to: 10)
    let bar = bar(bytes)
    return bar.isEmpty ? text : text + "  " + bar
  }

  private func bar(_ bytes: Int64) -> String {
    let most = comparison.rows.map(\.peakBytes).max() ?? 0
    guard most > 0 else { return "" }
    let parts = glyphs.eighths.count
    let filled = Int((Double(bytes) / Double(most) * Double(Self.barColumns * parts)).rounded(.up))
    let whole = String(repeating: glyphs.eighths[parts - 1], count: filled / parts)
    return filled % parts == 0 ? whole : whole + String(glyphs.eighths[filled % parts - 1])
  }
}

extension LowerBound.Method {
  /// What the proof rests on.
  fileprivate var words: String {
    switch self {
    case .floor: "one task alone reads, makes and holds as much"
    case .forced: "as much must lie there while one task runs, whatever the order"
    case .tree: "even the best order of a tree that asks for less holds as much"
    case .cut: "a minimum cut; no set of finished tasks holds less when one task starts"
    case .set: "minimum cuts; as much is held when the first or the last of a set of tasks starts"
    case .refuted: "every order that holds less is refuted"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  fileprivate func led(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
