import Formats
import Model

func load(
  _ text: String, parameters: [String: String] = [:]
) throws(FormatProblem) -> LoadedFile {
  try CairnFile.load(
    Array(text.utf8), file: "cairn.yaml", options: LoadOptions(parameters: parameters))
}

func graph(_ text: String, parameters: [String: String] = [:]) throws -> TaskGraph {
  try load(text, parameters: parameters).graph
}

func backlog(
  _ text: String, _ reference: TaskMasterReference = TaskMasterReference()
) throws(FormatProblem) -> LoadedTaskMaster {
  try TaskMasterFile.load(Array(text.utf8), file: "tasks.json", reference: reference)
}

/// What the load says was wrong; empty if nothing was.
func message(_ body: () throws(FormatProblem) -> Void) -> String {
  do throws(FormatProblem) {
    try body()
    return ""
  } catch {
    return error.description
  }
}

extension TaskGraph {
  /// Names of what comes in front of the task, in file order.
  func before(_ name: String) -> [String] {
    task(named: name)?.predecessors.map { self[$0].name } ?? []
  }
}
