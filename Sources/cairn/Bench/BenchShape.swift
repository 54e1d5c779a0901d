import Foundation

/// A graph of tasks that do nothing, written for Cairn and for its peers.
struct BenchShape {
  let title: String
  let tasks: Int
  let jobs: Int
  private let isChain: Bool

  static func wide(_ tasks: Int, jobs: Int) -> BenchShape {
    BenchShape(
      title: "wide: \(tasks) tasks, \(jobs) at a time", tasks: tasks, jobs: jobs, isChain: false)
  }

  static func chain(_ tasks: Int) -> BenchShape {
    BenchShape(
      title: "chain: \(tasks) tasks, one behind another", tasks: tasks, jobs: 1, isChain: true)
  }

  static let program = "/bin/true"

  /// How much slower than the bare loop Cairn may be.
  var promise: Double { isChain ? 1.35 : 1.15 }

  /// The wide graph is measured with the dashboard too.
  var isShown: Bool { !isChain }

  func write(to folder: String) throws {
    try cairnFile.write(toFile: folder + "/cairn.yaml", atomically: true, encoding: .utf8)
    try makefile.write(toFile: folder + "/Makefile", atomically: true, encoding: .utf8)
    try ninjaFile.write(toFile: folder + "/build.ninja", atomically: true, encoding: .utf8)
  }

  private var cairnFile: String {
    let head = "name: bench\nbudget: { jobs: \(jobs) }\ntasks:\n"
    guard isChain else {
      return head
        + "  t: { matrix: { n: 1..\(tasks) }, exec: [\(Self.program)], output: none }\n"
    }
    return head
      + lines {
        "  t\($0): { exec: [\(Self.program)], output: none\(after($0, ", after: [t", "]")) }"
      }
  }

  private var makefile: String {
    let all = (1...tasks).map { "t\($0)" }.joined(separator: " ")
    return ".PHONY: all \(all)\nall: \(all)\n"
      + lines { "t\($0):\(after($0, " t", ""))\n\t@\(Self.program)" }
  }

  private var ninjaFile: String {
    "rule run\n command = \(Self.program)\n"
      + lines { "build t\($0): run\(after($0, " t", ""))" }
  }

  private func after(_ task: Int, _ open: String, _ close: String) -> String {
    isChain && task > 1 ? open + "\(task - 1)" + close : ""
  }

  private func lines(_ line: (Int) -> String) -> String {
    (1...tasks).map { line($0) + "\n" }.joined()
  }
}
