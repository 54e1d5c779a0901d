import ArgumentParser
import Model
import Project

/// What there is of named resources, where it is not what the file says.
struct ResourceOptions: ParsableArguments {
  @Option(
    name: .customLong("resource"),
    help: ArgumentHelp(
      "What there is of a named resource, as gpu=2; repeatable.", valueName: "name=count"))
  var assignments: [String] = []

  /// Returns the counts of a file, with those instead that were given.
  func resources(over file: Resources) throws(ProjectProblem) -> Resources {
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
