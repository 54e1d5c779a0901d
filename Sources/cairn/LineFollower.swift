import Canvas
import Dashboard
import Foundation
import Model

/// Prints a run's facts as they come: lines for people, or one JSON object a line.
struct LineFollower {
  enum Form {
    case plain
    /// Words instead of signs, for a screen reader.
    case spoken
    case json
  }

  let source: any RunSource
  let form: Form
  /// The fold of what needs neither be read nor printed.
  var earlier = RunState()
  /// Facts up to this number are read and not printed.
  var skip = 0
  /// How long facts are gathered for one write, so that a fast run is not woken for by each task.
  var gathering = Duration.milliseconds(20)
  /// Seconds east of UTC for the clocks in the lines; nil is where we are.
  var utcOffsetSeconds: Int?

  /// Follows to the end of the log and returns what the run came to.
  ///
  /// - Throws: `OutputProblem` once nobody takes the lines.
  func follow() async throws -> RunState {
    var state = earlier
    while true {
      let batch = await source.facts(after: state.sequence)
      if batch.isEmpty { return state }
      let offset = utcOffsetSeconds ?? TimeZone.current.secondsFromGMT()
      var text: [UInt8] = []
      for fact in batch {
        state.apply(fact)
        if fact.sequence > skip { try add(fact, state, offset, to: &text) }
      }
      // The write ends the last line.
      if !text.isEmpty { text.removeLast() }
      // One write for what came at once.
      if !text.isEmpty { try Output.write(Data(text), to: STDOUT_FILENO) }
      if state.closed == nil, gathering > .zero { try? await Task.sleep(for: gathering) }
    }
  }

  /// What stands on the line is safe: an event's is made of `SafeText`, and JSON escapes by itself.
  private func add(
    _ fact: Fact, _ state: RunState, _ offset: Int, to text: inout [UInt8]
  ) throws {
    switch form {
    case .json: text += try FactLine(fact, state).encoded()
    case .plain, .spoken:
      guard let line = EventLine(fact, in: state, utcOffsetSeconds: offset) else { return }
      if form == .plain {
        line.append(to: &text, .unicode, subjectColumns: 20)
      } else {
        line.appendWords(to: &text)
      }
    }
    text.append(UInt8(ascii: "\n"))
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
