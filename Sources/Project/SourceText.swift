import Foundation

/// Reads a file that somebody else wrote: bounded, and with a message for each way to fail.
enum SourceText {
  /// Larger files are no graphs that a person or a tool of ours wrote.
  static let maximumBytes = 64 * 1024 * 1024

  static func read(_ path: String, called name: String) throws(ProjectProblem) -> [UInt8] {
    let attributes: [FileAttributeKey: Any]
    do {
      let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      attributes = try FileManager.default.attributesOfItem(atPath: resolved)
    } catch {
      throw ProjectProblem(.missing, "\(name): no such file")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw ProjectProblem(.missing, "\(name): is not a regular file")
    }
    let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
    guard size <= maximumBytes else {
      throw ProjectProblem(
        .badData, "\(name): is \(size) bytes long; a graph may have \(maximumBytes)")
    }
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw ProjectProblem(.missing, "\(name): cannot be read (permission denied?)")
    }
  }
}
