/// What a trace says, whichever version wrote it: tasks and files by number.
struct WfFormatContent {
  struct Task {
    var name: String
    var position: Position
    /// What people call it, if that is something else.
    var title: String?
    /// Numbers of tasks, as they are listed.
    var parents: [Mention] = []
    /// Numbers of files, as they are listed; the same is true of `outputs`.
    var inputs: [Mention] = []
    var outputs: [Mention] = []
    var seconds = 0.0
    var memoryBytes: Int64?
    var cpus = 1
  }

  struct File {
    var name: String
    /// nil is unknown.
    var bytes: Int64?
    var position: Position
  }

  /// A task or file by number, and where it is named.
  struct Mention {
    var number: Int
    var position: Position
  }

  var tasks: [Task] = []
  var files: [File] = []
  /// By name up to 1.4, by id from 1.5.
  var taskNumbers: [String: Int] = [:]
  var fileNumbers: [String: Int] = [:]
}

/// Warnings of a load, a limited number of each kind.
struct WfFormatWarnings {
  /// What a warning is about.
  enum Concern: CaseIterable {
    case parents, ownFiles, sizes, records

    fileprivate var words: String {
      switch self {
      case .parents: "parents that hand over no file"
      case .ownFiles: "files that their own task reads"
      case .sizes: "files with two sizes"
      case .records: "records of the execution"
      }
    }
  }

  private var list: [FormatProblem] = []
  private var counts: [Concern: Int] = [:]

  mutating func add(
    _ concern: Concern, at position: Position, _ message: @autoclosure () -> String
  ) {
    counts[concern, default: 0] += 1
    guard counts[concern, default: 0] <= WorkflowTraceFile.maximumWarnings else { return }
    list.append(FormatProblem(at: position, message()))
  }

  /// As they came, then how many more there were of each kind.
  var all: [FormatProblem] {
    list
      + Concern.allCases.compactMap { concern in
        let more = counts[concern, default: 0] - WorkflowTraceFile.maximumWarnings
        return more > 0 ? FormatProblem(message: "\(more) more about \(concern.words)") : nil
      }
  }
}
