/// What a tag of a Task Master file may be called.
package enum TaskMasterTagName {
  /// Longest name, in characters.
  package static let maximumLength = 100
  /// Longest name that is made of a branch's; Task Master cuts there, too.
  private static let branchLength = 50
  /// What means something else to Task Master, in lower case: its first tag, and keys that it skips or
  /// has at the top of its files.
  private static let reserved: Set<String> = [
    "master", "main", "default", "tasks", "metadata", "tag", "_rawtaggeddata", "__proto__",
  ]

  /// - Throws: `FormatProblem`, `.usage`.
  static func check(_ name: String) throws(FormatProblem) {
    guard !name.isEmpty, name.unicodeScalars.allSatisfy(isPlain) else {
      throw FormatProblem(
        message: "no tag can be called \(name.quoted): expected letters, digits, - and _",
        code: .usage)
    }
    guard name.count <= maximumLength else {
      throw FormatProblem(
        message: "the name of a tag has at most \(maximumLength) characters, not \(name.count)",
        code: .usage)
    }
    guard !reserved.contains(name.lowercased()) else {
      throw FormatProblem(
        message: "no tag can be called \(name.quoted): Task Master keeps the name for itself",
        code: .usage)
    }
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
    default: false
    }
  }

  /// The name that a git branch gives a tag, as Task Master makes it: lower case, with a hyphen for
  /// whatever no tag may have; may be empty.
  package static func ofBranch(_ branch: String) -> String {
    let words = branch.lowercased().unicodeScalars.split { !isPlain($0) || $0 == "-" }
    let name = words.map { String($0) }.joined(separator: "-")
    let cut = name.prefix(branchLength)
    return String(cut.hasSuffix("-") ? cut.dropLast() : cut)
  }
}
