import Model

extension TaskDefinition {
  func matrix(_ field: Field?) throws(FormatProblem) -> [Axis] {
    guard let field else { return [] }
    var axes: [Axis] = []
    var count = 1
    for entry in try field.entries() {
      try entry.checkVariableName(of: "matrix", isStrict: true)
      let values = try values(Field(key: entry.name, owner: field.owner, value: entry.value))
      count *= values.count
      guard count <= CairnFile.maximumInstances else { throw explosion(entry.position) }
      axes.append(Axis(key: entry.name, values: values))
    }
    guard !axes.isEmpty else { throw field.problem("must not be empty") }
    return axes
  }

  private func explosion(_ position: Position) -> FormatProblem {
    FormatProblem(
      at: position,
      "matrix of task \(name.quoted) has more than \(CairnFile.maximumInstances) instances")
  }

  private func values(_ field: Field) throws(FormatProblem) -> [String] {
    guard field.value.list == nil else { return try listed(field) }
    guard let text = field.value.text, let dots = text.firstRange(of: ".."),
      let first = Int(text[..<dots.lowerBound]), let last = Int(text[dots.upperBound...])
    else { throw field.expected("a range such as 0..15 or a list") }
    guard first <= last else { throw field.problem("range \(text.quoted) runs backwards") }
    let (length, overflow) = last.subtractingReportingOverflow(first)
    guard !overflow, length < CairnFile.maximumInstances else {
      throw explosion(field.value.position)
    }
    return (first...last).map(String.init)
  }

  private func listed(_ field: Field) throws(FormatProblem) -> [String] {
    var values: [String] = []
    var seen = Set<String>()
    for item in try field.list() {
      let value = try item.words()
      // These would make one instance's name read like another's.
      guard !value.contains(where: { "[],=/".contains($0) }) else {
        throw item.problem("a matrix value must not hold any of [ ] , = /, found \(value.quoted)")
      }
      guard seen.insert(value).inserted else {
        throw item.problem("\(value.quoted) is given twice")
      }
      values.append(value)
    }
    guard !values.isEmpty else { throw field.problem("must not be empty") }
    guard values.count <= CairnFile.maximumInstances else { throw explosion(field.value.position) }
    return values
  }

  /// The values of every instance, the last key running fastest; one empty row without a matrix.
  func rows() -> [[TaskGraph.Variable]] {
    axes.reduce([[]]) { rows, axis in
      rows.flatMap { row in axis.values.map { row + [TaskGraph.Variable(axis.key, $0)] } }
    }
  }

  /// Returns the task for one row of values, without number, group and dependencies.
  ///
  /// Scripts are left alone, as their shell sees the values as variables.
  func instance(_ row: [TaskGraph.Variable]) -> TaskGraph.Task {
    var task = template
    let values = row + parameters
    task.name = instanceName(row)
    task.environment = row
    for variable in template.environment {
      let isParameter = parameters.contains { $0 == variable }
      task.environment.append(
        TaskGraph.Variable(
          variable.name, isParameter ? variable.value : variable.value.filled(with: values)))
    }
    task.directory = template.directory?.filled(with: values)
    task.chain = template.chain?.filled(with: values)
    task.inputs = template.inputs.map { $0.filled(with: values) }
    task.exports = template.exports.map {
      TaskGraph.Export(artifact: $0.artifact, path: $0.path.filled(with: values))
    }
    switch template.action {
    case .exec(let arguments):
      task.action = .exec(arguments: arguments.map { $0.filled(with: values) })
    case .prompt(let text): task.action = .prompt(text.filled(with: values))
    case .shell, .gate: break
    }
    return task
  }

  private func instanceName(_ row: [TaskGraph.Variable]) -> String {
    row.isEmpty ? name : "\(name)[\(row.folderName)]"
  }
}

extension [TaskGraph.Variable] {
  /// As `n=3,m=a`.
  var folderName: String { map { "\($0.name)=\($0.value)" }.joined(separator: ",") }
}
