import ArgumentParser
import Execution
import Formats
import Foundation
import Project

/// Ends the program after an error: one clear message on standard error, and the code of its kind.
func leave(after error: any Error) -> Never {
  switch error {
  case let problem as ProjectProblem: leave(problem.code, problem.description)
  case let problem as FormatProblem: leave(problem.projectCode, problem.description)
  case let problem as JournalProblem where problem.code == .locked:
    leave(.locked, problem.description + "; `cairn attach` looks at its run")
  case let problem as JournalProblem: leave(problem.projectCode, problem.description)
  case let problem as WorkspaceProblem: leave(.storage, problem.description)
  case let problem as ScarcityProblem: leave(.unavailable, problem.description)
  case let problem as ThreadProblem: leave(.unavailable, problem.description)
  default: Cairn.exit(withError: error)
  }
}

private func leave(_ code: ProjectProblem.Code, _ message: String) -> Never {
  News.say(message)
  exit(code.rawValue)
}

extension FormatProblem {
  var projectCode: ProjectProblem.Code {
    switch code {
    case .usage: .usage
    case .data: .badData
    case .missing: .missing
    case .notBuilt: .notBuilt
    }
  }
}

extension JournalProblem {
  var projectCode: ProjectProblem.Code {
    switch code {
    case .locked: .locked
    case .storage, .passing, .newerSchema, .corrupt: .storage
    }
  }
}
