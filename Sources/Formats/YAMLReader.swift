import Yams

/// Reads one YAML document into values: anchors followed, merge keys merged, types left alone.
struct YAMLReader {
  /// Most nodes of a document once its aliases are followed.
  static let maximumNodes = 1_000_000
  /// Deepest nesting.
  static let maximumDepth = 64
  private var nodes = 0

  /// Returns the document, or nil if the text holds none.
  static func read(_ text: String) throws(FormatProblem) -> Value? {
    try YAMLReferences(text).check()
    let root: Node?
    do {
      // Without the default rules, which test every scalar against seven regular expressions.
      root = try Yams.compose(yaml: text, .basic)
    } catch let error as YamlError {
      throw problem(of: error, in: text)
    } catch {
      throw FormatProblem(message: "not valid YAML: \(error)")
    }
    guard let root else { return nil }
    var reader = YAMLReader()
    return try reader.value(root, depth: 0)
  }

  private mutating func value(_ node: Node, depth: Int) throws(FormatProblem) -> Value {
    let position = position(of: node)
    nodes += 1
    guard nodes <= Self.maximumNodes else {
      throw FormatProblem(
        at: position, "more than \(Self.maximumNodes) YAML nodes once aliases are followed")
    }
    guard depth <= Self.maximumDepth else {
      throw FormatProblem(at: position, "nested more than \(Self.maximumDepth) deep")
    }
    switch node {
    case .scalar(let scalar):
      return Value(content: content(of: scalar), position: position)
    case .sequence(let sequence):
      var values: [Value] = []
      values.reserveCapacity(sequence.count)
      for item in sequence { values.append(try value(item, depth: depth + 1)) }
      return Value(content: .list(values), position: position)
    case .mapping(let mapping):
      return Value(content: .map(try entries(of: mapping, depth: depth)), position: position)
    case .alias:
      throw FormatProblem(at: position, "not valid YAML: alias without an anchor")
    }
  }

  private func content(of scalar: Node.Scalar) -> Value.Content {
    let isPlain = scalar.style == .plain || scalar.style == .any
    if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
    return .text(scalar.string, isQuoted: !isPlain)
  }

  /// Own keys win over merged ones, earlier merged ones over later.
  private mutating func entries(
    of mapping: Node.Mapping, depth: Int
  ) throws(FormatProblem) -> [Value.Entry] {
    var entries: [Value.Entry] = []
    var merged: [Value.Entry] = []
    for (key, node) in mapping {
      let position = position(of: key)
      guard case .scalar(let name) = key else {
        throw FormatProblem(at: position, "expected a name as key, found a list or a map")
      }
      let value = try value(node, depth: depth + 1)
      if name.string == "<<", name.style == .plain {
        merged += try mergeable(value)
      } else {
        entries.append(Value.Entry(name: name.string, position: position, value: value))
      }
    }
    guard !merged.isEmpty else { return entries }
    var seen = Set(entries.map(\.name))
    for entry in merged where seen.insert(entry.name).inserted { entries.append(entry) }
    return entries
  }

  private func mergeable(_ value: Value) throws(FormatProblem) -> [Value.Entry] {
    if let entries = value.map { return entries }
    var all: [Value.Entry] = []
    for item in value.list ?? [value] {
      guard let entries = item.map else {
        throw FormatProblem(
          at: item.position, "\"<<\": expected a map to merge, found \(item.found)")
      }
      all += entries
    }
    return all
  }

  private func position(of node: Node) -> Position {
    Position(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}

extension YAMLReader {
  private static func problem(of error: YamlError, in text: String) -> FormatProblem {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _):
      syntax(problem, context, mark)
    case .composer(_, let problem, let mark, _):
      if problem.contains("another document") {
        FormatProblem(at: position(mark), "expected one YAML document, found another")
      } else {
        syntax(problem, nil, mark)
      }
    case .reader(let problem, let offset, _, _):
      FormatProblem(
        at: offset.map { position(ofCharacter: $0, in: text) }, "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let names, let context):
      FormatProblem(
        at: position(context.mark), "\((names.first ?? "").quoted) is given more than once")
    default:
      FormatProblem(message: "not valid YAML: \(error)")
    }
  }

  private static func syntax(
    _ problem: String, _ context: YamlError.Context?, _ mark: Mark
  ) -> FormatProblem {
    let start = context.map { " (\($0.text) that begins at line \($0.mark.line))" } ?? ""
    return FormatProblem(at: position(mark), "not valid YAML: \(problem)\(start)")
  }

  private static func position(_ mark: Mark) -> Position {
    Position(line: max(1, mark.line), column: max(1, mark.column))
  }

  private static func position(ofCharacter offset: Int, in text: String) -> Position {
    let before = text.prefix(offset)
    let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
    return Position(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
  }
}
