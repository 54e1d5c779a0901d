import Canvas
import Dashboard
import Foundation
import Model

/// Prints a run's facts as they come: lines for people, or one JSON object a line.
struct LineFollower {
  enum Form { case plain, json }

  let source: any RunSource
  let form: Form
  /// Facts up to this number were printed by an earlier session.
  var skip = 0

  /// Follows to the end of the log and returns what the run came to.
  ///
  /// - Throws: `OutputProblem` once nobody takes the lines.
  func follow() async throws -> RunState {
    var state = RunState()
    while true {
      let batch = await source.facts(after: state.sequence)
      if batch.isEmpty { return state }
      for fact in batch {
        state.apply(fact)
        if fact.sequence > skip { try show(fact, state) }
      }
    }
  }

  private func show(_ fact: Fact, _ state: RunState) throws {
    switch form {
    case .json: try Output.write(FactLine(fact, state).encoded(), to: STDOUT_FILENO)
    case .plain:
      let offset = TimeZone.current.secondsFromGMT()
      if let line = EventLine(fact, in: state, utcOffsetSeconds: offset) {
        let text = News.clean(line.line(.unicode, subjectColumns: 20).string)
        try Output.write(text, to: STDOUT_FILENO)
      }
    }
  }
}

/// A fact as a line of `--json`: the fact itself and, for people and `jq`, the name of its task.
struct FactLine: Encodable {
  private enum Key: String, CodingKey { case cairn, name }

  let fact: Fact
  let name: String?

  init(_ fact: Fact, _ state: RunState) {
    self.fact = fact
    name = fact.kind.task.flatMap { id in
      state.graph.tasks.indices.contains(id.index) ? state.graph[id].name : nil
    }
  }

  func encode(to encoder: any Encoder) throws {
    try fact.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Fact.version, forKey: .cairn)
    try container.encodeIfPresent(name, forKey: .name)
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
