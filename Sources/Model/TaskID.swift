/// The number of a task inside one run: dense from 0, append-only, never reused.
///
/// Names are for people and files; inside, everything is a `TaskID`.
package struct TaskID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let rawValue: UInt32

  package init(_ rawValue: UInt32) { self.rawValue = rawValue }
  package init(_ index: Int) { self.rawValue = UInt32(index) }

  /// The position in `TaskGraph.tasks` and in every table that has one row a task.
  package var index: Int { Int(rawValue) }
  package var description: String { "#\(rawValue)" }

  package static func < (a: TaskID, b: TaskID) -> Bool { a.rawValue < b.rawValue }
}

extension TaskID: Codable {
  package init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(UInt32.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
