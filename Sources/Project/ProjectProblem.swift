/// What stands between a person and their run, with the exit code that says which kind it is.
package struct ProjectProblem: Error, Equatable, CustomStringConvertible {
  /// The exit codes of `sysexits.h`, as far as Cairn uses them.
  package enum Code: Int32, Sendable {
    case unfinished = 2
    /// A task alone is larger than the budget.
    case budget = 3
    case usage = 64
    case badData = 65
    case missing = 66
    case unavailable = 69
    case internalFault = 70
    case storage = 74
    case locked = 75
    case notAllowed = 77
    case notBuilt = 78
  }

  package var code: Code
  package var description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
