import ArgumentParser
import Model
import Project

/// What there is of named resources, where it is not what the file says.
///
/// No group of options, for it stands in one: the parser of a debug build checks a group within a group
/// dozens of times, which doubled the time of every start in the tests.
enum ResourceOption {
  static let name = NameSpecification.customLong("resource")
  static let help = ArgumentHelp(
    "What there is of a named resource, as gpu=2; repeatable.", valueName: "name=count")

  /// Returns the counts of a file, with those instead that were given.
  static func counts(
    _ assignments: [String], over file: Resources
  ) throws(ProjectProblem) -> Resources {
    var resources = file
    for assignment in assignments {
      let sides = assignment.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, Resources.isName(sides[0]), let count = Int(sides[1]),
        (0...Resources.maximumCount).contains(count)
      else {
        throw ProjectProblem(
          .usage,
          "--resource \(assignment): expected NAME=COUNT, as gpu=2, with 0 to "
            + "\(Resources.maximumCount)")
      }
      resources[sides[0]] = count
    }
    return resources
  }
}
