package import Model

/// A Task Master file: JSON in every shape that its versions write, a task graph out.
///
/// Reading is lenient where Task Master itself is: what can be settled becomes a warning with its
/// position. A cycle cannot, and is an error.
package enum TaskMasterFile {
  /// Most warnings of one kind; one more says how many were left out.
  package static let maximumWarnings = 20
  /// What a file without tags is called.
  package static let defaultTag = "master"

  /// Reads the tasks of one tag.
  ///
  /// `bytes` are at most 64 MiB of UTF-8, a byte order mark is skipped; messages call the file
  /// `file`; `reference` says which tag, and how its tasks are carried out; `complexity` is asked for
  /// the scores of the tag's tasks, in place of those of `reference`.
  package static func load(
    _ bytes: [UInt8], file: String, reference: TaskMasterReference = TaskMasterReference(),
    complexity: ((String) -> [String: Double])? = nil
  ) throws(FormatProblem) -> LoadedTaskMaster {
    do throws(FormatProblem) {
      let tags = try TaskMasterTags(try outline(bytes).root)
      let tag = try tags.choose(reference.tag)
      var reference = reference
      if let complexity { reference.complexity = complexity(tag) }
      var reader = TaskMasterReader(reference: reference)
      let graph = try reader.graph(of: tags.tasks(of: tag), tag: tag)
      return LoadedTaskMaster(
        graph: graph, tags: tags.names, tag: tag, complexity: reference.complexity,
        warnings: (tags.warnings + reader.warnings).map { $0.named(file) })
    } catch {
      throw error.named(file)
    }
  }

  /// The file's text; what git left in it is called by its name.
  static func outline(_ bytes: [UInt8]) throws(FormatProblem) -> JSONOutline {
    do throws(FormatProblem) { return try JSONOutline(bytes) } catch {
      throw conflict(in: bytes) ?? error
    }
  }

  /// The first marker of a merge that nobody has settled.
  private static func conflict(in bytes: [UInt8]) -> FormatProblem? {
    let marker = [UInt8](repeating: UInt8(ascii: "<"), count: 7)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let index = lines.firstIndex(where: { $0.starts(with: marker) }) else { return nil }
    let text = String(decoding: lines[index].prefix(while: { $0 != 13 }), as: UTF8.self)
    return FormatProblem(
      at: Position(line: index + 1, column: 1),
      "a merge conflict is left in the file: \(text.quoted)",
      hint: "keep one side and delete the lines that begin with <<<<<<<, ======= and >>>>>>>")
  }

  /// Returns the tag that a Task Master configuration begins with; nil if it says none.
  package static func defaultTag(inConfig bytes: [UInt8]) -> String? {
    guard let text = try? SourceText.decode(bytes), let config = try? JSONReader.read(text) else {
      return nil
    }
    return config["global"]?["defaultTag"]?.text
  }

  /// Returns the tag that a Task Master state file calls current; nil if it says none.
  package static func currentTag(inState bytes: [UInt8]) -> String? {
    guard let text = try? SourceText.decode(bytes), let state = try? JSONReader.read(text) else {
      return nil
    }
    return (state["currentTag"] ?? state["activeTag"])?.text
  }
}

package struct LoadedTaskMaster: Sendable, Equatable {
  package var graph: TaskGraph
  /// All tags of the file, in file order.
  package var tags: [String]
  /// The one that was read.
  package var tag: String
  /// How complex tasks were taken to be, by their ids.
  package var complexity: [String: Double] = [:]
  /// What the file left open, and how it was taken.
  package var warnings: [FormatProblem]
}

/// The root of a file: flat, tagged, both at once, or empty.
struct TaskMasterTags {
  private var lists: [(name: String, tasks: Value?)] = []
  private(set) var warnings: [FormatProblem] = []

  var names: [String] { lists.map(\.name) }

  init(_ root: Value) throws(FormatProblem) {
    guard let entries = root.map else {
      throw FormatProblem(
        at: root.position, "expected a map with \"tasks\" or with tags, found \(root.found)")
    }
    // Any map with a list of tasks is a tag; other keys (`meta`, `project` …) are somebody's notes.
    for entry in entries where entry.value.map != nil {
      guard let tasks = entry.value["tasks"], tasks.list != nil || tasks.isNull else { continue }
      lists.append((entry.name, tasks))
    }
    guard let flat = root["tasks"], flat.map == nil else { return }
    guard flat.list != nil || flat.isNull else {
      throw FormatProblem(at: flat.position, "\"tasks\": expected a list, found \(flat.found)")
    }
    if names.contains(TaskMasterFile.defaultTag) {
      warnings.append(
        FormatProblem(
          at: flat.position, "\"tasks\" at the top is ignored: there is a tag \"master\""))
    } else {
      lists.insert((TaskMasterFile.defaultTag, flat), at: 0)
    }
  }

  func choose(_ tag: String?) throws(FormatProblem) -> String {
    guard let tag else {
      return names.contains(TaskMasterFile.defaultTag)
        ? TaskMasterFile.defaultTag : names.first ?? TaskMasterFile.defaultTag
    }
    guard names.contains(tag) || names.isEmpty && tag == TaskMasterFile.defaultTag else {
      throw FormatProblem(
        message: "no tag \(tag.quoted)",
        hint: Suggestion.hint(for: tag, in: names)
          ?? (names.isEmpty ? nil : "there is \(names.map(\.quoted).joined(separator: ", "))"))
    }
    return tag
  }

  func tasks(of tag: String) -> [Value] { list(of: tag)?.list ?? [] }

  /// The list itself, or the null in its place; nil in a file without tags.
  func list(of tag: String) -> Value? { lists.last { $0.name == tag }?.tasks }
}
