import Foundation
import Model

/// The lines of `cairn run --json`, read by the same type that wrote them.
struct FactLines {
  var facts: [Fact]
  /// Folded from all of them.
  var state = RunState()

  /// Reads the lines, each of which must be a fact.
  ///
  /// A last line without its newline is still being written and left out.
  init(_ text: String) throws {
    let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
    let decoder = JSONDecoder()
    facts = try whole.split(separator: "\n").map {
      try decoder.decode(Fact.self, from: Data($0.utf8))
    }
    for fact in facts { state.apply(fact) }
  }

  func names(of tasks: some Sequence<TaskID>) -> Set<String> {
    Set(tasks.map { state.graph[$0].name })
  }

  /// Names of tasks that are done.
  var done: Set<String> {
    names(of: state.graph.tasks.map(\.id).filter { state[$0].state == .done })
  }

  /// Names of tasks of which an attempt was admitted in this session, with repeats.
  func admitted(session: Int) -> [String] {
    facts.compactMap { fact in
      guard fact.session == session, case .taskAdmitted(let admitted) = fact.kind else {
        return nil
      }
      return state.graph[admitted.task].name
    }
  }

  func token(session: Int) -> String? {
    for fact in facts where fact.session == session {
      if case .runOpened(let opened) = fact.kind { return opened.token }
    }
    return nil
  }

  func notices(_ code: String) -> [String] {
    facts.compactMap { fact in
      guard case .notice(let notice) = fact.kind, notice.code == code else { return nil }
      return notice.text
    }
  }

  func status(_ name: String) -> TaskStatus? { state.graph.task(named: name).map { state[$0.id] } }
}

/// Names of the tasks of which these lines admit an attempt, with repeats.
///
/// The lines of a resumed session do not repeat the graph, but each names its task.
func admittedNames(_ output: String) throws -> [String] {
  struct Line: Decodable {
    var kind: String
    var name: String?
  }
  return try output.split(separator: "\n").compactMap { text in
    let line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
    return line.kind == "task.admitted" ? line.name : nil
  }
}
