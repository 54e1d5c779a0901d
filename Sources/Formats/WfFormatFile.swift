package import Model

/// A recorded workflow as a graph whose tasks run nothing: made to be planned and simulated.
package struct WorkflowTrace: Sendable, Equatable {
  /// Tasks in file order.
  ///
  /// Each file that a task of the trace writes is an output of that task, products included; files
  /// that nobody writes lie outside the graph. A parent that hands over no file is an `after`.
  package var graph: TaskGraph
  /// Recorded run time of each task, one row a task; 0 where the trace has none.
  package var seconds: [Double]
  /// As it is written, `1.0` to `1.6`.
  package var schemaVersion: String
  /// What the trace left open, and how it was taken; at most 20 of a kind.
  package var warnings: [FormatProblem]
}

/// WfFormat, the JSON of WfCommons, in its versions 1.0 to 1.6.
///
/// Coleman et al., "WfCommons: A framework for enabling scientific workflow research and
/// development", 2022. The `children` of tasks are not read: they say what `parents` say.
package enum WorkflowTraceFile {
  package static let schemaVersions = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]
  /// Most bytes of a file, of a task's memory and of all files of the graph together: 2⁵³.
  ///
  /// Up to there a JSON number is exact in every reader.
  package static let maximumBytes: Int64 = 1 << 53
  /// Longest run time of a task, in seconds: about 31 years.
  package static let maximumSeconds = 1e9
  /// Most warnings of one kind; one more says how many were left out.
  package static let maximumWarnings = 20

  /// How much of a trace is read; a larger one is refused.
  package struct Limits: Sendable {
    package var tasks: Int
    /// Parents, and files that tasks read or write, each counted once a task.
    package var dependencies: Int

    package init(tasks: Int = 1_000_000, dependencies: Int = 5_000_000) {
      self.tasks = tasks
      self.dependencies = dependencies
    }
  }

  /// Reads a trace.
  ///
  /// `bytes` are at most 64 MiB of UTF-8, a byte order mark is skipped; messages call the file
  /// `file`.
  ///
  /// - Complexity: O(bytes).
  package static func load(
    _ bytes: [UInt8], file: String, limits: Limits = Limits()
  ) throws(FormatProblem) -> WorkflowTrace {
    do throws(FormatProblem) {
      let reader = try WfFormatReader(
        try JSONReader.read(try SourceText.decode(bytes)), limits: limits)
      var assembly = WfFormatAssembly(reader.content, warnings: reader.warnings)
      return WorkflowTrace(
        graph: try assembly.graph(name: reader.name?.asTraceTitle ?? file),
        seconds: reader.content.tasks.map(\.seconds), schemaVersion: reader.version,
        warnings: assembly.warnings.all.map { $0.named(file) })
    } catch {
      throw error.named(file)
    }
  }

  /// Returns whether a file is meant as a trace, broken or not, rather than as a Task Master file.
  ///
  /// Only keys near the top are looked at. A Task Master file may have a tag called `workflow`, so
  /// that this name alone decides nothing.
  ///
  /// - Complexity: O(bytes); a trace is often known by its first lines.
  package static func looksLike(_ bytes: [UInt8]) -> Bool {
    var sniff = WfFormatSniff()
    bytes.withUnsafeBufferPointer { sniff.look(at: $0) }
    return sniff.isTrace
  }
}
